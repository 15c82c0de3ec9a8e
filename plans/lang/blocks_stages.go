package lang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"plan/internal/english"
	"plan/internal/metrics"
	"plan/plans"
	"plan/runner/search"
)

var searchBlock = &block{
	name: "search", label: "name", root: "search",
	doc: "Finds the least value of one dimension, or the preferred combination of several, at which the service passes. It has `found` and `recommended` (each with " + membersDoc() + ", if the search varies it) and `trials`.",
	attributes: stage(
		attribute{name: "scenario", typ: typeScenario,
			doc:       "Scenario of a search without a load: each of its requests must get an OK response once. With a load, write it there.",
			otherwise: "none: the service only has to start"},
		strategyAttribute, preferAttribute, marginAttribute,
	),
	blocks: []*block{setBlock, varyBlock, priceBlock, atMostBlock, budgetBlock, loadBlock, thresholdBlock,
		assertBlock},
	choices: []choice{{names: []string{"scenario", "load"}, why: "write the scenario in load"}},
}

var rampBlock = &block{
	name: "ramp", label: "name", root: "ramp",
	doc: "Finds the largest number of users that the service sustains. Runs its steps in order, each with a new " +
		"container, until one fails; or, with `users = \"auto\"`, finds the users itself. It has `held`, " +
		"which is this number of users, and `trials`.",
	attributes: stage(
		attribute{name: "users", typ: typeSteps, needed: true,
			doc: "Steps, in rising order. `\"auto\"` finds the answer in three steps. A load doubles its users in each window " +
				"until a threshold is broken, or until more users bring no more throughput. A second load grows by 10 %. " +
				"Trials with new containers prove the answer: one passes, and one with `step` more users fails."},
		attribute{name: "from", typ: typeCount, doc: "With `\"auto\"`: the fewest users.", otherwise: "1", example: "10"},
		attribute{name: "to", typ: typeCount, doc: "With `\"auto\"`: the most users.",
			otherwise: "what the guard admits: the memory and the open files of the driver, at most 10000", example: "1000"},
		attribute{name: "step", typ: typeUserStep,
			doc: "With `\"auto\"`: the distance between the users that pass and those that fail. Also a share of those " +
				"that pass, from 1% to 100%, rounded up to 1: `\"5%\"`.",
			otherwise: "the larger of 1 and 2 % of the answer", example: "10"},
		attribute{name: "at_least", typ: typeCount,
			doc: "Minimum number of users that must pass; with fewer, the stage fails.", otherwise: "no minimum", example: "1000"},
		attribute{name: "stop_after", typ: typeCount, fallback: cty.NumberIntVal(1),
			doc: "Number of failed steps in a row after which the ramp stops."},
	),
	blocks: []*block{setBlock, rampLoadBlock, thresholdBlock, assertBlock},
}

var checkBlock = &block{
	name: "check", label: "name", root: "check",
	doc:        "Shows whether the service passes under one load. It has `met` and `trials`.",
	attributes: stage(),
	blocks:     []*block{setBlock, loadBlock, thresholdBlock, assertBlock},
}

// stageBlocks are the blocks that run something.
var stageBlocks = []*block{searchBlock, rampBlock, checkBlock}

// stage is what every stage has, and what only this one has.
func stage(own ...attribute) []attribute {
	return append([]attribute{
		{name: "service", typ: typeService, needed: true, doc: "Service to run."},
		{name: "depends_on", typ: typeStages, doc: "Stages that run before this one, in addition to those that it refers to.", otherwise: "none"},
		{name: "leak_horizon", typ: typeSpan, fallback: cty.StringVal("24h"),
			doc: "A trial fails if memory grows under the load at a rate that reaches the limit within this time and within 100 times the judged window. Growth of less than 1M never fails a trial. If the load is shorter than 5 minutes after its last rise, such a trial runs once more with a load of that length, because the heap of a JVM that is filled for the first time grows in the same way. Other growth is reported below the table, except growth of less than 1M that reaches the limit after this time. Growth while `stages` raise the load does not count.", example: `"24h"`},
	}, own...)
}

var strategyAttribute = attribute{
	name: "strategy", typ: word(slices.Concat(strategies(search.Strategies()),
		strategies(search.OfSeveral()))...), doc: strategyDoc(),
	otherwise: fmt.Sprintf("`%s`; of several dimensions `%s`", standardStrategy(false), standardStrategy(true)),
}

// strategies are their names.
func strategies(list []search.Strategy) []string {
	var names []string
	for _, s := range list {
		names = append(names, s.Name)
	}
	return names
}

// standardStrategy is the strategy of a search, of one dimension or of several, where
// the plan names none.
func standardStrategy(several bool) string {
	if several {
		return search.OfSeveral()[0].Name
	}
	return search.Strategies()[0].Name
}

func strategyDoc() string {
	each := func(list []search.Strategy) string {
		var texts []string
		for _, s := range list {
			texts = append(texts, fmt.Sprintf("`%s` %s", s.Name, s.Doc))
		}
		return strings.Join(texts, ", ")
	}
	return "How to search. One dimension: " + each(search.Strategies()) + ". Several dimensions: " + each(search.OfSeveral()) + ". All give the same answer if a service that passes at a limit passes at each larger one. A search of one dimension tests this with a short trial halfway between `from` and the answer, unless a value in that half has failed. If that trial passes, the values below it are searched too."
}

var preferAttribute = attribute{
	name: "prefer", typ: word(append([]string{plans.ByPrice}, namesOf(plans.Searchable(), "")...)...),
	doc:       "Of the combinations that pass, the answer is the one with the least of this, added up over its replicas. Ties are decided by fewer replicas, then less memory, then less CPU.",
	otherwise: "`price` if the search has a price; required if it varies several dimensions and has none",
}

var priceBlock = &block{
	name: "price", most: 1, doc: "Prices of an hour, in any currency. The answer has the price of a month of 730 hours.",
	attributes: []attribute{
		{name: "cpus", typ: typePrice, doc: "Price of one CPU.", otherwise: "0", example: "0.04"},
		{name: "memory", typ: typePrice, doc: "Price of one GiB of memory.", otherwise: "0", example: "0.005"},
		{name: "replicas", typ: typePrice, doc: "Price of each replica, independent of its limits.", otherwise: "0",
			example: "0.01"},
	},
}

var atMostBlock = &block{
	name: "at_most", most: 1, doc: "Maximum of the answer; if the answer needs more, the stage fails.",
	attributes: demands(),
}

// demands are the attributes of at_most.
func demands() []attribute {
	var rows []attribute
	for _, d := range plans.Searchable() {
		row := rowOf(d).attribute
		row.doc, row.otherwise = "Maximum of "+d.Noun()+".", "no maximum"
		rows = append(rows, row)
	}
	return rows
}

var budgetBlock = &block{
	name: "budget", most: 1, doc: "Bounds of the search. If one is reached, the answer is the best combination so far, without a proof, and the exit code is 4.",
	attributes: []attribute{
		{name: "trials", typ: typeCount, doc: "Maximum number of trials.", otherwise: "no bound", example: "20"},
		{name: "time", typ: typeSpan, doc: "No trial begins after this time.", otherwise: "no bound", example: `"30m"`},
	},
}

var marginAttribute = attribute{
	name: "margin", typ: typeShare, fallback: cty.StringVal("15%"),
	doc: marginDoc(), example: `"15%"`,
}

var setBlock = &block{
	name: "set", most: 1, doc: "Limits, environment and command for this stage; they override those of the service.",
	attributes: append(settings("set"),
		attribute{name: "environment", typ: typeEnv,
			doc: "Environment variables; they override those of the service with the same names. In a search they can refer to what it varies: `vary.NAME`, `vary.memory_bytes`.", otherwise: "none"},
		attribute{name: "command", typ: typeTexts,
			doc: "Command that replaces that of the service. In a search it can refer to what the search varies.", otherwise: "the service's", example: `["uvicorn", "main:app"]`},
	),
	others: unsettable(),
}

var varyBlock = &block{
	name: "vary", label: "name", example: string(plans.Memory), needed: true, also: checkVary,
	doc: "What to search: " + english.Or(namesOf(plans.Searchable(), "`")) + ", on a grid of values; `to` is always part of the grid. Or, with `values`, a setting of any other name, which `set` passes to the service as `vary.NAME`. Several blocks search combinations; `prefer` or `price` selects among those that pass.",
	attributes: []attribute{
		{name: "from", typ: typeDimension, doc: "Smallest value.", otherwise: "required for a dimension", example: `"500M"`},
		{name: "to", typ: typeDimension, doc: "Largest value; it is tried too.", otherwise: "required for a dimension", example: `"2G"`},
		{name: "step", typ: typeStep, doc: "Distance between two values. Of memory also a share of the value below, from 1% to 100%, rounded up to 1M: `\"5%\"`.", otherwise: "required for a dimension; 1 for replicas", example: `"100M"`},
		{name: "values", typ: typeValues, public: true, doc: "Values of a setting: strings, numbers, true or false. " +
			"No order is assumed: the search runs for each value, and skips combinations that cost more than the " +
			"best so far.", otherwise: "required for a setting", example: "[1, 2, 4]"},
	},
}

// checkVary reports what a vary block lacks, and what it cannot have, by its label.
func checkVary(r *reader, n *node, suggested map[string]bool) {
	dimension, steps := searchedType(n.label) != nil, []string{"from", "to", "step"}
	written := slices.ContainsFunc(steps, func(name string) bool { return n.attrs[name] != nil || suggested[name] })
	switch {
	case dimension:
		for _, name := range steps {
			if n.attrs[name] == nil && !suggested[name] && !(name == "step" && n.label == string(plans.Replicas)) {
				r.error("P0102", n.header, fmt.Sprintf("%s needs %s", n.address, name),
					fmt.Sprintf("add %s = %s", name, rowOf(plans.Dimension(n.label)).grid[name]))
			}
		}
		if a := n.attrs["values"]; a != nil {
			r.error("P0107", a.NameRange, n.address+" takes from, to and step, not values", "remove values")
		}
	case written || slices.Contains(plans.Dimensions(), plans.Dimension(n.label)):
		help := labelHelp(n.label, namesOf(plans.Searchable(), ""))
		if n.attrs["values"] == nil {
			help += " (a setting of your own takes values = [1, 2, 4])"
		}
		r.error("P0409", n.labelAt, fmt.Sprintf("%q is not a dimension that a search can vary", n.label), help)
	case n.attrs["values"] == nil && !suggested["values"]:
		r.error("P0102", n.header, n.address+" needs values", "add values = [1, 2, 4]")
	}
}

var loadBlock = &block{
	name: "load", most: 1, doc: "What to send to the service: users that wait for responses, or arrivals that do not. Without a load the service only has to start.",
	attributes: []attribute{
		scenarioAttribute,
		{name: "users", typ: typeCount, doc: "Number of concurrent users. With arrivals it is a cap: an arrival that finds no free user is dropped.", otherwise: "the largest target of `stages`; with arrivals the rate times the longest timeout, from 10 to 10000", example: "10"},
		spawnRateAttribute,
		{name: "arrival_rate", typ: typeArrivals, doc: `Rate at which requests start, independent of responses: "50/s" is evenly spaced, poisson("50/s") random. Latency counts from the intended start.`, otherwise: "none: users wait for responses"},
		{name: "stages", typ: typeStaged, doc: "Load stages: targets of users or of a rate. The load moves linearly from 0 to the first target, then from one to the next.", otherwise: "none"},
		{name: "runtime", typ: typeSpan, doc: "Length of the load, from its start; a hard end. The last target of `stages` holds until then.", otherwise: "the sum of `stages`; without them `\"60s\"`"},
		warmUpAttribute, agentsAttribute,
	},
	blocks: []*block{driverBlock},
	choices: append([]choice{
		oneDriver,
		{names: []string{"users", "arrival_rate", "stages", "driver"}, needed: true, several: true},
		{names: []string{"spawn_rate", "arrival_rate", "stages"}, why: "remove spawn_rate: arrivals and load stages determine how the load rises"},
	}, driverless("arrival_rate", "stages", "warm_up", "agents")...),
}

var rampLoadBlock = &block{
	name: "load", most: 1, needed: true, doc: "What to send to the service; the steps of the ramp are the numbers of users.",
	attributes: []attribute{
		scenarioAttribute, spawnRateAttribute,
		{name: "runtime", typ: typeSpan, fallback: standardRuntime, doc: "Length of the load, from the start of the first user; a hard end."},
		warmUpAttribute, agentsAttribute,
	},
	blocks:  []*block{driverBlock},
	choices: append([]choice{oneDriver}, driverless("warm_up", "agents")...),
	others: map[string]string{
		"users":        "write users beside load: they are the steps of the ramp",
		"arrival_rate": "write it in the load of a check: the steps of a ramp are users",
		"stages":       "write them in the load of a check: the steps of a ramp are users",
	},
}

var (
	scenarioAttribute  = attribute{name: "scenario", typ: typeScenario, doc: "Scenario of the users."}
	spawnRateAttribute = attribute{name: "spawn_rate", typ: typeRate, doc: "Number of users that start per second.", otherwise: "all within 10 s, at most 100 per second, but within half of the runtime"}
	warmUpAttribute    = attribute{name: "warm_up", typ: typeDuration, fallback: cty.StringVal("0s"), doc: "Time that thresholds leave out, from the moment all users are active; with `arrival_rate` or `stages`, from the start of the load.", example: `"10s"`}
	agentsAttribute    = attribute{name: "agents", typ: typeAgents, fallback: cty.NumberIntVal(1), doc: "Number of " +
		"agents that the load is divided over, for a load that one agent cannot send: at most 64, and at most one per " +
		"user. Each is a container, on Kubernetes a pod. They start together, and their figures are merged without " +
		"loss.", example: "4"}
	standardRuntime = cty.StringVal("60s")
)

// stageRows are what each of the stages of a load has.
var stageRows = &block{
	name: "stage",
	attributes: []attribute{
		{name: "users", typ: typeTarget, doc: "Users to reach.", example: "100"},
		{name: "rate", typ: typeTargetRate, doc: `Arrivals to reach, as in arrival_rate.`, example: `"50/s"`},
		{name: "over", typ: typeDuration, needed: true, doc: "Time to reach the target; `\"0s\"` jumps to it.", example: `"30s"`},
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
		choices = append(choices, choice{names: []string{"driver", name}, why: "write users, spawn_rate and runtime, or replace driver by a scenario: Locust gets only these three"})
	}
	return choices
}

var driverBlock = &block{
	name: "driver", label: "kind", example: plans.Locust, most: 1,
	among: &labels{words: []string{plans.Locust}, code: "P0407", wrong: "not a known driver"},
	doc: "A driver that replaces the scenario: `locust` runs a locustfile in a container on the service's network, with the users, the spawn rate and the runtime of the load. " +
		"In a check without `users`, the `LoadTestShape` of the locustfile sets the users, until the shape or the runtime ends; the default runtime is then an hour. " +
		"Figures that Locust cannot measure are null in results.",
	attributes: []attribute{
		{name: "file", typ: typeFile, needed: true, public: true, doc: "Locustfile, relative to the plan's folder, of at most 1 MiB."},
		{name: "image", typ: typeImage, fallback: cty.StringVal("locustio/locust"), doc: "Image with Locust.", example: `"locustio/locust:2.46.3"`},
		{name: "environment", typ: typeEnv, doc: "Environment variables of Locust.", otherwise: "none",
			example: `{ API_KEY = var.key }`},
		{name: "args", typ: typeTexts, doc: "Arguments: options of the locustfile, options of Locust that the plan does not set, " +
			"user classes.", otherwise: "none", example: `["--model", "iris", "Visitor"]`},
		{name: "tags", typ: typeTexts, doc: "Tags of the tasks to run.", otherwise: "all tasks", example: `["predict"]`},
		{name: "files", typ: typeTexts, public: true, doc: "Files and folders that the locustfile needs, such as " +
			"modules and samples, relative to the plan's folder. They are copied with it, and Locust starts in the innermost " +
			"folder that holds all of them. At most 1000 files of 16 MiB each.",
			otherwise: "none", example: `["helpers.py", "samples"]`},
		{name: "requirements", typ: typeFile, public: true, doc: "Requirements that `pip` installs in the container " +
			"before each load, which takes time and needs a network with access to the packages. An image that has them is better.",
			otherwise: "nothing is installed", example: `"requirements.txt"`},
	},
}

var thresholdBlock = &block{
	name: "threshold", most: 1, doc: "Bounds on metrics of the judged window.",
	attributes: thresholds(),
	blocks:     []*block{requestThresholdBlock},
}

var requestThresholdBlock = &block{
	name: "request", label: "request",
	doc:        "Bounds on one request, by its name in the scenario; with Locust by method and name, as `GET /predict`. If this block has an `error_rate` and the threshold has none, failures of this request count only here.",
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
			row.otherwise = "no request may fail"
		}
		rows = append(rows, row)
	}
	return rows
}

var assertBlock = &block{
	name: "assert", label: "name", doc: "A condition that each trial must meet.",
	attributes: []attribute{
		{name: "condition", typ: typeCondition, needed: true, doc: "Must be true. `trial` is known only here."},
		{name: "error_message", typ: typeMessage, needed: true, doc: "Message if it is false."},
	},
}
