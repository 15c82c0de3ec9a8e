package show

import (
	"fmt"

	"plan/internal/units"
	"plan/plans"
	"plan/report/formats"
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
	Axes        []axisView       `json:"axes"` // of a search of several dimensions, which has no dimension and no grid
	Strategy    *string          `json:"strategy"`
	Prefer      *string          `json:"prefer"`
	Price       *plans.Price     `json:"price"`
	AtMost      limitsView       `json:"at_most"`
	Budget      *budgetView      `json:"budget"`
	Margin      *float64         `json:"margin"`
	Users       []int            `json:"users"`
	Auto        *autoView        `json:"auto"` // of a ramp that finds its users itself
	AtLeast     *int             `json:"at_least"`
	StopAfter   *int             `json:"stop_after"`
	Scenario    *string          `json:"scenario"` // without a load: one of each of its requests
	Load        *loadView        `json:"load"`
	Threshold   []objectiveView  `json:"threshold"`
	LeakHorizon *float64         `json:"leak_horizon"` // seconds
	Asserts     []string         `json:"asserts"`
	Needs       []string         `json:"needs"`
	After       []string         `json:"after"`
	Unknown     []string         `json:"unknown"`
	Expected    boundsView       `json:"expected"`
	Bounds      boundsView       `json:"bounds"`
}

type axisView struct {
	Dimension plans.Dimension `json:"dimension"`
	Values    []any           `json:"values"` // bytes, CPUs, counts; of a setting as they are written
}

type budgetView struct {
	Trials *int     `json:"trials"`
	Time   *float64 `json:"time"` // seconds
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
	Agents    int             `json:"agents"`
	ThinkTime *thinkView      `json:"think_time"` // null with a driver
	OnStart   []requestView   `json:"on_start"`
	Requests  []requestView   `json:"requests"`
	Guessed   bool            `json:"guessed"` // the requests may not be those of users
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

// autoView is the range of a ramp that finds its users itself.
type autoView struct {
	From int  `json:"from"`
	To   *int `json:"to"`   // null: what the guard admits
	Step *int `json:"step"` // null: growth, else the larger of 1 and 2 % of the answer

	Growth *float64 `json:"growth"` // the step as a share of the answer; null: see step
}

// autoText returns the range of a ramp that finds its users itself.
func autoText(s plans.Stage) string {
	u := s.Auto
	to, step := "what the guard admits", "2 %"
	if u.To > 0 {
		to = fmt.Sprint(u.To)
	}
	switch {
	case u.Step > 0:
		step = fmt.Sprint(u.Step)
	case u.Growth > 0:
		step = units.Percent(u.Growth)
	}
	return fmt.Sprintf("found from %d to %s, in steps of %s", u.From, to, step)
}

type driverView struct {
	Kind  string `json:"kind"`
	File  string `json:"file"`
	Image string `json:"image"`

	Environment  map[string]string `json:"environment"`
	Args         []string          `json:"args"`
	Tags         []string          `json:"tags"`
	Files        []string          `json:"files"`
	Requirements bool              `json:"requirements"` // pip installs them at the start
	Shape        bool              `json:"shape"`        // a LoadTestShape sets the users
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
		Address: s.Address, Kind: string(s.Kind), Service: s.Service.Address, Helpers: formats.List(addresses(s.Helpers)),
		Limits:    limitsViewOf(fixedLimits(s)),
		Dimension: orNil(s.Only()), Grid: []float64{}, Axes: []axisView{}, Strategy: orNil(s.Strategy), Margin: orNil(s.Margin),
		Prefer: orNil(s.Prefer), Price: s.Price, AtMost: limitsViewOf(s.AtMost),
		Users: formats.List(s.Users), AtLeast: orNil(s.AtLeast), StopAfter: orNil(s.StopAfter),
		Threshold: []objectiveView{}, LeakHorizon: orNil(s.LeakHorizon.Seconds()), Asserts: formats.List(s.Asserts),
		Needs: formats.List(s.Needs), After: formats.List(s.After),
		Unknown: formats.List(s.Unknown), Expected: boundsOf(s.Expected()), Bounds: boundsOf(s.Bounds()),
	}
	for _, one := range s.Vary {
		switch {
		case gridUnknown(s):
		case s.Only() != "":
			v.Grid = one.Numbers()
		case one.Setting():
			v.Axes = append(v.Axes, axisView{one.Dimension, one.Values})
		default:
			axis := axisView{Dimension: one.Dimension}
			for _, n := range one.Numbers() {
				axis.Values = append(axis.Values, n)
			}
			v.Axes = append(v.Axes, axis)
		}
	}
	if u := s.Auto; u != nil {
		v.Auto = &autoView{From: u.From, To: orNil(u.To), Step: orNil(u.Step), Growth: orNil(u.Growth)}
	}
	if s.Budget != (plans.Budget{}) {
		v.Budget = &budgetView{Trials: orNil(s.Budget.Trials), Time: orNil(s.Budget.Time.Seconds())}
	}
	for _, o := range s.Threshold {
		v.Threshold = append(v.Threshold, objectiveView{Request: orNil(o.Request), Metric: o.Metric, Limit: o.Limit})
	}
	if s.Asks != nil {
		v.Scenario = orNil(s.Asks.Address)
	}
	l := s.Load
	if l == nil {
		return v
	}
	v.Load = &loadView{
		Scenario: orNil(l.Scenario.Address), Users: orNil(l.Users), SpawnRate: orNil(l.SpawnRate),
		Arrivals: orNil(l.ArrivalRate), Poisson: l.Poisson,
		Stages: []loadStageView{}, Runtime: orNil(l.Runtime.Seconds()), WarmUp: orNil(l.WarmUp.Seconds()),
		Agents:  s.AgentsOf(),
		OnStart: requestsOf(l.Scenario.OnStart, f), Requests: requestsOf(l.Scenario.Requests, f), Feeds: []feedView{},
		Guessed: l.Scenario.Guessed,
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
		v.Load.Driver = &driverView{
			Kind: d.Kind, File: d.File, Image: f.Text(d.Image), Environment: map[string]string{}, Args: []string{},
			Tags:  []string{},
			Files: []string{}, Requirements: d.Requirements != nil, Shape: d.Shape,
		}
		for name, value := range d.Environment {
			v.Load.Driver.Environment[name] = f.Text(value)
		}
		for _, word := range d.Args {
			v.Load.Driver.Args = append(v.Load.Driver.Args, f.Text(word))
		}
		v.Load.Driver.Tags = append(v.Load.Driver.Tags, d.Tags...)
		for _, file := range d.Files {
			v.Load.Driver.Files = append(v.Load.Driver.Files, file.Name)
		}
		return v
	}
	think := l.Scenario.ThinkTime
	v.Load.ThinkTime = &thinkView{Kind: think.Kind, Min: think.Min.Seconds(), Max: think.Max.Seconds()}
	return v
}
