package lang

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/english"
	"plan/internal/metrics"
	"plan/plans"
	"plan/runner/search"
)

var searchBlock = &block{
	name: "search", label: "name", root: "search",
	doc:        "Finds the least of one dimension at which the service passes. It has `found` and `recommended` (each with " + membersDoc() + ", as far as searched) and `trials`.",
	attributes: stage(strategyAttribute, marginAttribute),
	blocks:     []*block{setBlock, varyBlock, loadBlock, thresholdBlock, assertBlock},
}

var rampBlock = &block{
	name: "ramp", label: "name", root: "ramp",
	doc: "Finds the most users that the service holds: its steps in order, each with a fresh container, until one fails. It has `held` and `trials`.",
	attributes: stage(
		attribute{name: "users", typ: typeSteps, needed: true, doc: "Steps, rising."},
		attribute{name: "at_least", typ: typeCount, doc: "Users that must be held, or the stage fails.", otherwise: "no demand", example: "1000"},
		attribute{name: "stop_after", typ: typeCount, fallback: cty.NumberIntVal(1), doc: "Steps in a row that may fail before it stops."},
	),
	blocks: []*block{setBlock, rampLoadBlock, thresholdBlock, assertBlock},
}

var checkBlock = &block{
	name: "check", label: "name", root: "check",
	doc:        "One load, met or not. It has `met` and `trials`.",
	attributes: stage(),
	blocks:     []*block{setBlock, loadBlock, thresholdBlock, assertBlock},
}

// stageBlocks are the blocks that run something.
var stageBlocks = []*block{searchBlock, rampBlock, checkBlock}

// stage is what every stage has, and what only this one has.
func stage(own ...attribute) []attribute {
	return append([]attribute{
		{name: "service", typ: typeService, needed: true, doc: "Service to run."},
		{name: "depends_on", typ: typeStages, doc: "Stages that must come before, besides those that are referred to.", otherwise: "none"},
		{name: "leak_horizon", typ: typeSpan, fallback: cty.StringVal("24h"), doc: "A trial fails where memory that grows under its load reaches the limit within this time. Growth of less than 1M, or that would take longer than 100 times the judged part of the load, cannot be told, and is stated.", example: `"24h"`},
	}, own...)
}

var strategyAttribute = attribute{
	name: "strategy", typ: word(strategies()...), fallback: cty.StringVal(strategies()[0]), doc: strategyDoc(),
}

// strategies are the names of those that package search has, the default first.
func strategies() []string {
	var names []string
	for _, s := range search.Strategies() {
		names = append(names, s.Name)
	}
	return names
}

func strategyDoc() string {
	var each []string
	for _, s := range search.Strategies() {
		each = append(each, fmt.Sprintf("`%s` %s", s.Name, s.Doc))
	}
	return "How to search: " + strings.Join(each, ", ") + ". Where more never hurts, all give the same answer; to see whether it does, one short trial is made in the middle between `from` and the answer, unless a value at or below that failed, and where it passes the values up to it are searched too."
}

var marginAttribute = attribute{
	name: "margin", typ: typeShare, fallback: cty.StringVal("15%"),
	doc: marginDoc(), example: `"15%"`,
}

var setBlock = &block{
	name: "set", most: 1, doc: "Limits for this stage, stronger than the service's own.",
	attributes: settings("set", "Limit"), others: unsettable(),
}

var varyBlock = &block{
	name: "vary", label: "dimension", example: string(plans.Memory), most: 1, needed: true,
	among: &labels{words: namesOf(plans.Searchable(), ""), code: "P0409", wrong: "nothing that a search can vary"},
	doc:   "What is searched: " + english.Or(namesOf(plans.Searchable(), "`")) + ", from the least value up in steps. `to` is a ceiling: it is tried too when no step meets it.",
	attributes: []attribute{
		{name: "from", typ: typeDimension, needed: true, doc: "Least value.", example: `"500M"`},
		{name: "to", typ: typeDimension, needed: true, doc: "Most, itself tried.", example: `"2G"`},
		{name: "step", typ: typeDimension, needed: true, doc: "Distance of the values.", example: `"100M"`},
	},
}

var loadBlock = &block{
	name: "load", most: 1, doc: "Users at work on the service, or requests that arrive whether it keeps up or not. Without the block it only has to start.",
	attributes: []attribute{
		scenarioAttribute,
		{name: "users", typ: typeCount, doc: "Users at the same time. Where requests arrive it is a cap: what finds no free user is dropped.", otherwise: "the most of `stages`; of arrivals as many as could wait for an answer at the same time, from 10 to 10000", example: "10"},
		spawnRateAttribute,
		{name: "arrival_rate", typ: typeArrivals, doc: `How many requests begin, whatever became of those before: "50/s" at even distances, poisson("50/s") at random ones. Latency counts from when each was to begin.`, otherwise: "none: users ask, wait and think"},
		{name: "stages", typ: typeStaged, doc: "Targets that are approached evenly, one after the other, from nothing.", otherwise: "none"},
		{name: "runtime", typ: typeSpan, doc: "Length of the load, from its begin on; a hard end. After the last stage its target is held.", otherwise: "the sum of `stages`; without them `\"60s\"`"},
		warmUpAttribute,
	},
	blocks: []*block{driverBlock},
	choices: append([]choice{
		oneDriver,
		{names: []string{"users", "arrival_rate", "stages"}, needed: true, several: true},
		{names: []string{"spawn_rate", "arrival_rate", "stages"}, why: "arrivals and stages say by themselves how the load rises"},
	}, driverless("arrival_rate", "stages", "warm_up")...),
}

var rampLoadBlock = &block{
	name: "load", most: 1, needed: true, doc: "Users at work on the service; how many, the steps say.",
	attributes: []attribute{
		scenarioAttribute, spawnRateAttribute,
		{name: "runtime", typ: typeSpan, fallback: standardRuntime, doc: "Length of the load, from the first user on; a hard end."},
		warmUpAttribute,
	},
	blocks:  []*block{driverBlock},
	choices: append([]choice{oneDriver}, driverless("warm_up")...),
	others: map[string]string{
		"users":        "the steps of the ramp are its users: they stand beside load",
		"arrival_rate": "the steps of the ramp are users: write it in the load of a check",
		"stages":       "the steps of the ramp are its users: write them in the load of a check",
	},
}

var (
	scenarioAttribute  = attribute{name: "scenario", typ: typeScenario, doc: "What a user does."}
	spawnRateAttribute = attribute{name: "spawn_rate", typ: typeRate, doc: "How fast users start.", otherwise: "all within 10 s, at most 100 a second"}
	warmUpAttribute    = attribute{name: "warm_up", typ: typeDuration, fallback: cty.StringVal("0s"), doc: "What is left out of thresholds, from when all users are active; with arrivals and stages, from the begin on.", example: `"10s"`}
	standardRuntime    = cty.StringVal("60s")
)

// stageRows are what each of the stages of a load has.
var stageRows = &block{
	name: "stage",
	attributes: []attribute{
		{name: "users", typ: typeTarget, doc: "Users to reach.", example: "100"},
		{name: "rate", typ: typeTargetRate, doc: `Arrivals to reach, as in arrival_rate.`, example: `"50/s"`},
		{name: "over", typ: typeDuration, needed: true, doc: "How long that takes; after no time they are there at once.", example: `"30s"`},
	},
	choices: []choice{{names: []string{"users", "rate"}, needed: true}},
}

// oneDriver: either the load engine of this command plays a scenario, or
// another generator runs what its users have written.
var oneDriver = choice{names: []string{"scenario", "driver"}, needed: true}

// driverless are words that another generator than this command's engine does
// not know.
func driverless(names ...string) []choice {
	var choices []choice
	for _, name := range names {
		choices = append(choices, choice{names: []string{"driver", name}, why: "Locust gets users, spawn_rate and runtime alone: write these, or a scenario in its place"})
	}
	return choices
}

var driverBlock = &block{
	name: "driver", label: "kind", example: plans.Locust, most: 1,
	among: &labels{words: []string{plans.Locust}, code: "P0407", wrong: "no load generator that is known here"},
	doc:   "Another load generator in the place of a scenario: `locust` runs a locustfile in a container on the service's network, with the users, the spawn rate and the runtime of the load. What it cannot know is null in results.",
	attributes: []attribute{
		{name: "file", typ: typeFile, needed: true, public: true, doc: "Locustfile, relative to the plan's folder. It alone is copied into the container, and may have 1 MiB."},
		{name: "image", typ: typeImage, fallback: cty.StringVal("locustio/locust"), doc: "Image that has the generator.", example: `"locustio/locust:2.46.3"`},
	},
}

var thresholdBlock = &block{
	name: "threshold", most: 1, doc: "Bounds that the load must keep once all users are active.",
	attributes: thresholds(),
	blocks:     []*block{requestThresholdBlock},
}

var requestThresholdBlock = &block{
	name: "request", label: "request",
	doc:        "Bounds that one request must keep, by its name in the scenario; of Locust by its method and name, as `GET /predict`. Where `error_rate` bounds it and none bounds all of them, what fails of it counts here alone.",
	attributes: thresholds(),
}

// thresholds has an attribute for each metric that a threshold may bound.
func thresholds() []attribute {
	kinds := map[metrics.Unit]*attrType{metrics.Seconds: typeLatency, metrics.Share: typeShare, metrics.PerSecond: typeRate}
	var rows []attribute
	for _, m := range metrics.Bounded() {
		row := attribute{name: m.Name, typ: kinds[m.Unit], doc: "Upper bound. " + m.Doc, otherwise: "no bound"}
		if m.Better == metrics.Higher {
			row.doc = "Lower bound. " + m.Doc
		}
		switch {
		case m.Quantile > 0:
			row.example = `"500ms"`
		case m.Name == "error_rate":
			row.otherwise = "none may fail"
		}
		rows = append(rows, row)
	}
	return rows
}

var assertBlock = &block{
	name: "assert", label: "name", doc: "A condition of your own on each trial.",
	attributes: []attribute{
		{name: "condition", typ: typeCondition, needed: true, doc: "Must be true. Only here is `trial` known."},
		{name: "error_message", typ: typeMessage, needed: true, doc: "What to say when it is not."},
	},
}
