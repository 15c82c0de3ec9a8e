package show

import (
	"plan/plans"
	"plan/report"
	"plan/runner/journal"
)

type stageView struct {
	Address     string           `json:"address"`
	Kind        string           `json:"kind"`
	Service     string           `json:"service"`
	Helpers     []string         `json:"helpers"` // in the order in which they start
	Limits      limitsView       `json:"limits"`
	Dimension   *plans.Dimension `json:"dimension"`
	Grid        []float64        `json:"grid"`
	Strategy    *string          `json:"strategy"`
	Margin      *float64         `json:"margin"`
	Users       []int            `json:"users"`
	AtLeast     *int             `json:"at_least"`
	StopAfter   *int             `json:"stop_after"`
	Load        *loadView        `json:"load"`
	Threshold   []objectiveView  `json:"threshold"`
	LeakHorizon *float64         `json:"leak_horizon"` // seconds
	Asserts     []string         `json:"asserts"`
	Needs       []string         `json:"needs"`
	After       []string         `json:"after"`
	Unknown     []string         `json:"unknown"`
	Bounds      boundsView       `json:"bounds"`
}

type loadView struct {
	Scenario  *string         `json:"scenario"` // null with a driver
	Driver    *driverView     `json:"driver"`
	Users     *int            `json:"users"` // of arrivals a cap
	SpawnRate *float64        `json:"spawn_rate"`
	Arrivals  *float64        `json:"arrival_rate"` // per second
	Poisson   bool            `json:"poisson"`
	Stages    []loadStageView `json:"stages"`
	Runtime   *float64        `json:"runtime"`
	WarmUp    *float64        `json:"warm_up"`
	ThinkTime *thinkView      `json:"think_time"` // null with a driver
	OnStart   []requestView   `json:"on_start"`
	Requests  []requestView   `json:"requests"`
	Feeds     []feedView      `json:"feeds"`
}

// loadStageView is a load stage.
type loadStageView struct {
	Users *int     `json:"users"`
	Rate  *float64 `json:"rate"` // per second
	Over  float64  `json:"over"`
}

// feedView is a feed without its values.
type feedView struct {
	Name    string   `json:"name"`
	Order   string   `json:"order"` // in_order, random, once
	PerUser bool     `json:"per_user"`
	Columns []string `json:"columns"`
	Rows    int      `json:"rows"`
}

type driverView struct {
	Kind  string `json:"kind"`
	File  string `json:"file"`
	Image string `json:"image"`
}

type thinkView struct {
	Kind string  `json:"kind"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

type objectiveView struct {
	Request *string `json:"request"` // null: all of them together
	Metric  string  `json:"metric"`
	Limit   float64 `json:"limit"`
}

func stageOf(s plans.Stage, f *journal.Filter) stageView {
	v := stageView{
		Address: s.Address, Kind: string(s.Kind), Service: s.Service.Address, Helpers: report.List(addresses(s.Helpers)),
		Limits:    limitsViewOf(fixedLimits(s)),
		Dimension: orNil(dimensionOf(s)), Grid: []float64{}, Strategy: orNil(s.Strategy), Margin: orNil(s.Margin),
		Users: report.List(s.Users), AtLeast: orNil(s.AtLeast), StopAfter: orNil(s.StopAfter),
		Threshold: []objectiveView{}, LeakHorizon: orNil(s.LeakHorizon.Seconds()), Asserts: report.List(s.Asserts),
		Needs: report.List(s.Needs), After: report.List(s.After),
		Unknown: report.List(s.Unknown), Bounds: boundsOf(s.Bounds()),
	}
	if s.Vary != nil && !gridUnknown(s) {
		v.Grid = s.Vary.Numbers()
	}
	for _, o := range s.Threshold {
		v.Threshold = append(v.Threshold, objectiveView{Request: orNil(o.Request), Metric: o.Metric, Limit: o.Limit})
	}
	l := s.Load
	if l == nil {
		return v
	}
	v.Load = &loadView{
		Scenario: orNil(l.Scenario.Address), Users: orNil(l.Users), SpawnRate: orNil(l.SpawnRate),
		Arrivals: orNil(l.ArrivalRate), Poisson: l.Poisson,
		Stages: []loadStageView{}, Runtime: orNil(l.Runtime.Seconds()), WarmUp: orNil(l.WarmUp.Seconds()),
		OnStart: requestsOf(l.Scenario.OnStart, f), Requests: requestsOf(l.Scenario.Requests, f), Feeds: []feedView{},
	}
	for _, stage := range l.Stages { // all of users, or all of a rate
		step := loadStageView{Over: stage.Over.Seconds()}
		if l.Open() {
			step.Rate = &stage.Rate
		} else {
			step.Users = &stage.Users
		}
		v.Load.Stages = append(v.Load.Stages, step)
	}
	for _, feed := range l.Scenario.Feeds {
		v.Load.Feeds = append(v.Load.Feeds, feedView{Name: feed.Name, Order: string(feed.Order), PerUser: feed.PerUser,
			Columns: feed.Columns, Rows: len(feed.Rows)})
	}
	if d := l.Driver; d != nil {
		v.Load.Driver = &driverView{Kind: d.Kind, File: d.File, Image: f.Text(d.Image)}
		return v
	}
	think := l.Scenario.ThinkTime
	v.Load.ThinkTime = &thinkView{Kind: think.Kind, Min: think.Min.Seconds(), Max: think.Max.Seconds()}
	return v
}
