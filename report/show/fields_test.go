package show

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"strings"
	"testing"

	"plan/internal/filled"
	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// Every field of a plan and of its stages is in what `plan show` prints, and in
// its JSON. What is not has its reason here.

func TestJSONHasEveryFieldOfAPlan(t *testing.T) {
	p := filledPlan()
	filled.Hold(t, notShown, filled.Case{Of: p, Gives: func() any { return shownJSON(t, p) }})
}

func TestShowHasEveryFieldOfAPlan(t *testing.T) {
	path, tcp, log, command, ended := filledPlan(), filledPlan(), filledPlan(), filledPlan(), filledPlan() // by which services are ready
	for i := range path.Services {
		tcp.Services[i].Ready.Path, tcp.Services[i].Ready.Log = "", ""
		log.Services[i].Ready.Path = ""
		command.Services[i].Ready.Path, command.Services[i].Ready.Log = "", ""
		tcp.Services[i].Ready.Command = nil
		tcp.Services[i].Ready.Ended, command.Services[i].Ready.Ended = false, false
		ended.Services[i].Ready.Path, ended.Services[i].Ready.Log = "", ""
	}
	for i := range tcp.Preflights {
		tcp.Preflights[i].URL = ""
	}
	var cases []filled.Case
	for _, p := range []*plans.Plan{path, tcp, log, command, ended} {
		cases = append(cases, filled.Case{Of: p, Gives: func() any { return string(output(t, Text, p)) }})
	}
	excepted := maps.Clone(notShown)
	excepted["SHA256"] = "for machines"
	filled.Hold(t, excepted, cases...)
}

var notShown = map[string]string{
	"Services.Name":            "its address ends in it",
	"Services.ImageOf":         "address of an image, which is shown itself",
	"Services.EnvFiles.Values": "their names are shown: a file may hold secrets",
	"Outside.At":               "position in the file, which diagnostics show",
	"Logins":                   "of the person who runs it, not of the plan",
	"Preflights.External":      "of a network, which is shown",
	"Services.Ready.Headers":   "may hold what nobody needs to see",
	"Variables":                "what they give is shown where it is used",
	"Files":                    "for the inputs of a run, which the journal has",
	"Secrets":                  "nobody may see them",
}

func TestJSONHasEveryFieldOfAStage(t *testing.T) {
	filled.Hold(t, map[string]string{
		"Service":                       "shown among the services, and here by its address",
		"Auto.Least":                    "the runner sets it, from at_least",
		"Vary.Values":                   "of a setting: see show.json",
		"Asks.ThinkTime":                "one of each request is asked at once",
		"Asks.Guessed":                  "validate says so",
		"Asks.Requests":                 "its scenario is named",
		"Asks.OnStart":                  "its scenario is named",
		"Asks.Feeds":                    "its scenario is named",
		"Helpers":                       "shown among the services, and here by their addresses",
		"Load.Scenario.Requests.Header": "may hold what nobody needs to see",
		"Load.Scenario.Requests.Body":   "may hold what nobody needs to see",
		"Load.Scenario.Requests.Checks": "their number is shown: texts and values may be long",
		"Load.Scenario.OnStart.Header":  "as those of requests",
		"Load.Scenario.OnStart.Body":    "as those of requests",
		"Load.Scenario.OnStart.Checks":  "as those of requests",
		"Load.Scenario.Feeds.Rows":      "their number is shown: values of users stay where they are",
		"Load.Driver.Data":              "what is in the file",
		"Load.Driver.Files.Data":        "what is in the files",
		"Load.Driver.Folder":            "that of its file, whose name is shown",
		"Load.Driver.Requirements":      "that there are some is shown",
		"Load.Driver.ImageOf":           "address of an image, which is shown itself",
	}, stageCases(func(s *plans.Stage) any { return shownJSON(t, &plans.Plan{Stages: []plans.Stage{*s}}) })...)
}

func TestShowHasEveryFieldOfAStage(t *testing.T) {
	filled.Hold(t, map[string]string{
		"Service":                        "shown among the services, and here by its address",
		"Auto.Least":                     "the runner sets it, from at_least",
		"Vary.Values":                    "of a setting: see show.txt",
		"Asks.ThinkTime":                 "one of each request is asked at once",
		"Asks.Guessed":                   "validate says so",
		"Asks.Requests":                  "its scenario is named",
		"Asks.OnStart":                   "its scenario is named",
		"Asks.Feeds":                     "its scenario is named",
		"Helpers":                        "shown among the services, and here by their addresses",
		"AtMost.Limits.PIDs":             "no search can vary it",
		"Load.Scenario.Requests.Header":  "in no output",
		"Load.Scenario.Requests.Body":    "in no output",
		"Load.Scenario.Requests.Status":  "in JSON alone",
		"Load.Scenario.Requests.Timeout": "in JSON alone",
		"Load.Scenario.Requests.Replay":  "in JSON alone",
		"Load.Scenario.Requests.Checks":  "their number is shown",
		"Load.Scenario.OnStart.Header":   "in no output",
		"Load.Scenario.OnStart.Body":     "in no output",
		"Load.Scenario.OnStart.Weight":   "each is asked once",
		"Load.Scenario.OnStart.Status":   "in JSON alone",
		"Load.Scenario.OnStart.Timeout":  "in JSON alone",
		"Load.Scenario.OnStart.Replay":   "in JSON alone",
		"Load.Scenario.OnStart.Checks":   "their number is shown",
		"Load.Scenario.Feeds.Rows":       "their number is shown",
		"Load.Driver.Data":               "what is in the file",
		"Load.Driver.Files.Data":         "what is in the files",
		"Load.Driver.Folder":             "that of its file, whose name is shown",
		"Load.Driver.Requirements":       "that there are some is shown",
		"Load.Driver.ImageOf":            "address of an image, which is shown itself",
	}, stageCases(func(s *plans.Stage) any {
		var b bytes.Buffer
		shown := &printer{Printer: tty.Printer{Writer: &b}, filter: journal.NewFilter(nil)}
		shown.stage(*s)
		text, _, _ := strings.Cut(b.String(), "\n  expected ") // the bounds are the last row
		return text
	})...)
}

func filledPlan() *plans.Plan {
	p := &plans.Plan{}
	filled.Fill(p)
	p.Stages = nil
	return p
}

// stageCases are filled stages, one of each form that shows other fields.
func stageCases(show func(*plans.Stage) any) []filled.Case {
	vary := plans.Vary{From: 10, To: 100, Step: 10}
	memory, cpus := vary, vary
	memory.Dimension, cpus.Dimension = plans.Memory, plans.CPUs
	memory.Growth = 0.5
	search := &plans.Stage{Kind: plans.Search, Strategy: "bisect", Vary: []plans.Vary{memory}}
	fine := &plans.Stage{Kind: plans.Search, Strategy: "bisect", Vary: []plans.Vary{cpus}}
	ramp := &plans.Stage{Kind: plans.Ramp, Strategy: "bisect", Unknown: []string{"load.runtime", "threshold.p99"}}
	found, shared := &plans.Stage{Kind: plans.Ramp, Strategy: "bisect"}, &plans.Stage{Kind: plans.Ramp, Strategy: "bisect"}
	arrivals, driven := &plans.Stage{Kind: plans.Check, Strategy: "bisect"}, &plans.Stage{Kind: plans.Check, Strategy: "bisect"}
	var list []filled.Case
	for _, s := range []*plans.Stage{search, fine, ramp, found, shared, arrivals, driven} {
		s.Set.Replicas = 2 // the bounds ask each
		filled.Fill(s)
		s.Service, s.Helpers = plans.Service{Address: "service.api"}, []plans.Service{{Address: "service.db"}}
		s.Load.Scenario.ThinkTime.Kind, s.Load.Scenario.Feeds[0].Order = "between", "once"
		s.Load.Scenario.Feeds[1].Order = "in_order"
		if s != driven {
			s.Load.Driver = nil
		}
		switch s {
		case found:
		case shared:
			s.Auto.Step = 0
		default:
			s.Auto = nil
		}
		list = append(list, filled.Case{Of: s, Gives: func() any {
			known := *s
			if known.Strategy != "bisect" { // any other word is none
				known.Strategy = "ladder"
			}
			return show(&known)
		}})
	}
	ramp.Vary, found.Vary, shared.Vary, arrivals.Vary, driven.Vary = nil, nil, nil, nil, nil
	driven.Load.Scenario = plans.Scenario{}
	ramp.Load.ArrivalRate, ramp.Load.Stages = 0, nil
	found.Load.ArrivalRate, found.Load.Stages = 0, nil
	shared.Load.ArrivalRate, shared.Load.Stages = 0, nil
	search.Load.ArrivalRate, fine.Load = 0, nil
	for i := range search.Load.Stages {
		search.Load.Stages[i].Rate = 0
	}
	return list
}

// shownJSON leaves the bounds out: they follow from much else, and do not tell
// it.
func shownJSON(t *testing.T, p *plans.Plan) any {
	t.Helper()
	var d planDocument
	if err := json.Unmarshal(output(t, JSON, p), &d); err != nil {
		t.Fatal(err)
	}
	d.Bounds = boundsView{}
	for i := range d.Stages {
		d.Stages[i].Bounds, d.Stages[i].Expected = boundsView{}, boundsView{}
	}
	return d
}

func output(t *testing.T, show func(io.Writer, *plans.Plan) error, p *plans.Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := show(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
