package check

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/exchange"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/diag"
	"plan/plans/locust"
)

// Load returns what is wrong with the load of a stage: its users, their start,
// its runtime, and what judges it.
func Load(s plans.Stage) diag.List {
	if s.Load == nil {
		return nil
	}
	if s.Kind == plans.Search && s.Load.Driver != nil && !s.Decl.Block("load").Has("users") {
		return diag.List{diag.NewError("P0102", s.Decl.Block("load").Header(),
			"the load of "+s.Address+" has no users: only a check runs the LoadTestShape of a locustfile", "add users = 10")}
	}
	return slices.Concat(spawning(s), driverOptions(s), driverURLs(s), driverShape(s), pause(s), timeouts(s), staged(s),
		warmUp(s), boundedRequests(s), samples(s), agents(s))
}

// boundedRequests refuses bounds of a request that the load never sends.
func boundedRequests(s plans.Stage) diag.List {
	scenario := s.Load.Scenario
	if s.Load.Driver != nil || scenario.Address == "" { // no request is known here
		return nil
	}
	var list diag.List
	for _, bound := range s.Decl.Block("threshold").Blocks("request") {
		named := func(q exchange.Request) bool { return q.Name == bound.Label() }
		switch {
		case slices.ContainsFunc(scenario.Requests, named):
		case slices.ContainsFunc(scenario.OnStart, named):
			list = append(list, diag.NewError("P0203", bound.Header(),
				fmt.Sprintf("request %q belongs to on_start, and thresholds do not apply to on_start", bound.Label()),
				"name a request outside of on_start"))
		default:
			var names []string
			for _, q := range scenario.Requests {
				names = append(names, q.Name)
			}
			list = append(list, diag.NewError("P0203", bound.Header(),
				fmt.Sprintf("%s has no request %q", scenario.Address, bound.Label()), diag.DidYouMean(bound.Label(), names)))
		}
	}
	return list
}

// Users returns what does not fit together in a ramp that finds its users itself, and
// what only such a ramp takes.
func Users(s plans.Stage) diag.List {
	var list diag.List
	without := func(code, name, why, help string) {
		if s.Decl.Has(name) {
			list = append(list, diag.NewError(code, s.Decl.Range(name), name+why, help))
		}
	}
	switch {
	case s.Kind != plans.Ramp || s.Auto == nil && s.Users == nil: // users are wrong, or known only later
	case s.Auto == nil:
		for _, name := range []string{"from", "to", "step"} {
			without("P0435", name, ` has no effect without users = "auto"`, "remove it")
		}
	default:
		without("P0435", "stop_after", ` has no effect with users = "auto"`, "remove it")
		if s.Auto.To > 0 && s.Auto.From > s.Auto.To {
			list = append(list, diag.NewError("P0410", s.Decl.Range("to"),
				fmt.Sprintf("the ramp ends (%d users) before it starts (%d users)", s.Auto.To, s.Auto.From),
				"write the fewest users as from, and the most as to"))
		}
		if threshold := s.Decl.Block("threshold"); threshold.Has("throughput") {
			list = append(list, diag.NewError("P0107", threshold.Range("throughput"),
				`users = "auto" starts with few users, which cannot reach a lower bound such as throughput`,
				"remove it, or list the users"))
		}
		if driver := s.Decl.Block("load").Block("driver"); driver != nil {
			list = append(list, diag.NewError("P0107", driver.Header(),
				`users = "auto" needs a load that grows, which Locust cannot send`,
				"list the users, or replace driver by a scenario"))
		}
	}
	return list
}

// spawning finds users that cannot all start within the runtime, and the rate
// that would do: all of them in half of it.
func spawning(s plans.Stage) diag.List {
	load, l := s.Decl.Block("load"), sized(s)
	takes, runtime := l.Rise(), l.Runtime
	if runtime == 0 || !l.Spawns() || takes <= runtime/2 {
		return nil
	}
	need := fmt.Sprintf("%d users need %s to start at %s", l.Users, units.Duration(takes), rateText(l.SpawnRate))
	severity, summary := diag.Warning, need+", which is more than half of the load's "+units.Duration(runtime)
	if takes >= runtime {
		severity, summary = diag.Error, need+", but the load lasts only "+units.Duration(runtime)
	}
	enough := math.Ceil(float64(l.Users-1) / (runtime.Seconds() / 2))
	d := diag.New(severity, "P0412", load.Range("spawn_rate"),
		summary, fmt.Sprintf("write at least spawn_rate = %q, or a longer runtime", rateText(enough)))
	if load.Has("runtime") {
		d = d.Relate(load.Range("runtime"), "lasts this long")
	}
	return diag.List{d}
}

// agents refuses more agents than the load has users: some would have none.
func agents(s plans.Stage) diag.List {
	load, most := s.Decl.Block("load"), s.MostUsers()
	if most == 0 || s.Load.Agents <= most {
		return nil
	}
	return diag.List{diag.NewError("P0445", load.Range("agents"),
		fmt.Sprintf("the load has %d agents, but only %s", s.Load.Agents, english.Count(most, "user")),
		fmt.Sprintf("write at most agents = %d, or more users", most))}
}

// sized is the load of a stage with its most users. Where it is not known how
// they start, they start at once.
func sized(s plans.Stage) engine.Load {
	load, l := s.Decl.Block("load"), s.Load.Load(s.MostUsers(), 0)
	if scheduled(load) || load.Has("spawn_rate") && s.Load.SpawnRate == 0 {
		l.SpawnRate = 0
	}
	return l
}

// scheduled reports whether arrivals or stages stand in the place of users that
// all start and stay.
func scheduled(load *plans.Decl) bool { return load.Has("arrival_rate") || load.Has("stages") }

// scheduleRange is where arrivals or stages are written.
func scheduleRange(load *plans.Decl) diag.SourceRange {
	if load.Has("arrival_rate") {
		return load.Range("arrival_rate")
	}
	return load.Range("stages")
}

// usersRange is where a stage has the number of its users from.
func usersRange(s plans.Stage) diag.SourceRange {
	switch load := s.Decl.Block("load"); {
	case load.Has("users"):
		return load.Range("users")
	case scheduled(load):
		return scheduleRange(load)
	}
	return s.Decl.Range("users")
}

func rateText(perSecond float64) string {
	return strconv.FormatFloat(math.Round(perSecond*1000)/1000, 'f', -1, 64) + "/s"
}

// driverOptions refuses options of Locust that the plan sets, and their variables.
func driverOptions(s plans.Stage) diag.List {
	if s.Load.Driver == nil {
		return nil
	}
	var list diag.List
	refuse := func(name string, option locust.Option, attribute string) {
		list = append(list, diag.NewError("P0439", s.Decl.Block("load").Block("driver").Range(attribute),
			fmt.Sprintf("the plan sets %s: it follows from %s", name, option.Instead), "remove it from "+attribute))
	}
	for _, word := range s.Load.Driver.Args {
		if option, is := locust.OfWord(word); is && option.Instead != "" {
			name, _, _ := strings.Cut(word, "=")
			refuse(name, option, "args")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Load.Driver.Environment)) {
		if option, is := locust.OfVariable(name); is && option.Instead != "" {
			refuse(name, option, "environment")
		}
	}
	return list
}

var (
	hostPath    = regexp.MustCompile(`(?m)^[ \t]*host[ \t]*=[ \t]*f?["'](https?://[^"'/]+)(/[^"']+)["']`)
	absoluteURL = regexp.MustCompile(`\.(?:get|post|put|patch|delete|head|options|request)` +
		`\([^()"'#\n]*f?["'](https?://[^"']+)["']`)
)

// driverURLs warns of addresses in a locustfile that the plan does not set: requests to
// them go elsewhere, or miss a part of their path.
func driverURLs(s plans.Stage) diag.List {
	if s.Load.Driver == nil {
		return nil
	}
	d, at := s.Load.Driver, s.Decl.Block("load").Block("driver").Range("file")
	lineOf := func(offset int) int { return 1 + bytes.Count(d.Data[:offset], []byte("\n")) }
	var list diag.List
	if m := hostPath.FindSubmatchIndex(d.Data); m != nil {
		list = append(list, diag.NewWarning("P0441", at, fmt.Sprintf("the host in line %d of %s has the path %s, which "+
			"is not sent: the plan sets the host, without a path",
			lineOf(m[0]), d.File, d.Data[m[4]:m[5]]), "write that path into the requests"))
	}
	if m := absoluteURL.FindSubmatchIndex(d.Data); m != nil {
		list = append(list, diag.NewWarning("P0441", at, fmt.Sprintf("the request in line %d of %s goes to %s, whatever "+
			"service the plan tests",
			lineOf(m[0]), d.File, d.Data[m[2]:m[3]]), `write its path alone, such as "/predict"`))
	}
	return list
}

// driverShape warns of a locustfile that sets the number of users, in a load that sets it
// too.
func driverShape(s plans.Stage) diag.List {
	d := s.Load.Driver
	if d == nil || d.Shape {
		return nil
	}
	var modules [][]byte
	for _, file := range d.Files {
		if path.Ext(file.Name) == ".py" {
			modules = append(modules, file.Data)
		}
	}
	name := locust.Shape(d.Data, modules...)
	if name == "" {
		return nil
	}
	help := "use the locustfile in a check without users, or remove the class"
	if s.Kind == plans.Check {
		help = "remove users from the load, or the class from the locustfile"
	}
	return diag.List{diag.NewWarning("P0446", s.Decl.Block("load").Block("driver").Range("file"),
		fmt.Sprintf("the class %s of %s is a LoadTestShape and sets the number of users, which the plan sets too: "+
			"the run ends without a result", name, d.File), help)}
}

// pause warns about users who never pause.
func pause(s plans.Stage) diag.List {
	load, scenario := s.Decl.Block("load"), s.Load.Scenario
	if scenario.Decl == nil || scenario.Decl.Has("think_time") || s.Load.Open() || scheduled(load) && s.Load.Stages == nil {
		return nil
	}
	return diag.List{diag.NewWarning("P0417", scenario.Decl.Header(),
		scenario.Address+" has no think_time: each user sends its next request at once, so the service determines the load",
		`write think_time = between("1s", "3s")`).
		Relate(load.Range("scenario"), "used here")}
}

// timeouts warns about a load that is over before a request can time out.
func timeouts(s plans.Stage) diag.List {
	load, l := s.Decl.Block("load"), s.Load
	if l.Scenario.Decl == nil || l.Runtime == 0 {
		return nil
	}
	longest, slowest := time.Duration(0), -1
	for i, q := range l.Scenario.Requests {
		if q.Timeout > longest {
			longest, slowest = q.Timeout, i
		}
	}
	if l.Runtime >= longest {
		return nil
	}
	at := load.Range("runtime")
	if !load.Has("runtime") && l.Stages != nil {
		at = load.Range("stages")
	}
	// The timeout of the request is written at the request or at its scenario.
	request := l.Scenario.Decl.Blocks("request")[slowest]
	timeout := request.Range("timeout")
	if !request.Has("timeout") && l.Scenario.Decl.Has("timeout") {
		timeout = l.Scenario.Decl.Range("timeout")
	}
	return diag.List{diag.NewWarning("P0418", at,
		fmt.Sprintf("the load lasts %s, but a request may take %s, so the load ends before a timeout",
			units.Duration(l.Runtime), units.Duration(longest)),
		"write a longer runtime, or a shorter timeout").
		Relate(timeout, "may take this long")}
}

// samples warns about percentiles that the load of a stage, or of the first step of a
// ramp, cannot have the samples for: of all requests, or else of single ones, which
// get a share of them by their weight.
func samples(s plans.Stage) diag.List {
	threshold, requests := s.Decl.Block("threshold"), s.Load.Scenario.Requests
	if s.Load.Runtime == 0 || s.Load.Driver != nil || len(requests) == 0 {
		return nil
	}
	l := sized(s)
	if len(s.Users) > 0 {
		l.Users = slices.Min(s.Users)
	}
	most := l.MostRequests()
	if d, lacks := lacking(s, threshold, "", most); lacks {
		return diag.List{d}
	}
	all := 0.0
	for _, q := range requests {
		all += q.Weight
	}
	var diags diag.List
	for _, bound := range threshold.Blocks("request") {
		i := slices.IndexFunc(requests, func(q exchange.Request) bool { return q.Name == bound.Label() })
		if i < 0 || requests[i].Weight == 0 { // it is never sent
			continue
		}
		if d, lacks := lacking(s, bound, bound.Label(), most*requests[i].Weight/all); lacks {
			diags = append(diags, d)
		}
	}
	return diags
}

// lacking warns about the first percentile of a block that needs more responses than
// there are, at most, or on average of one request.
func lacking(s plans.Stage, threshold *plans.Decl, request string, most float64) (diag.Diagnostic, bool) {
	for _, m := range metrics.Percentiles() {
		if !threshold.Has(m.Name) || most >= float64(m.Samples()) {
			continue
		}
		name, have := m.Label(), fmt.Sprintf("at most %.0f", most)
		remedy := "write a longer runtime, more users, a shorter think_time or a lower percentile"
		if request != "" {
			name, have = fmt.Sprintf("%s of %q", name, request), fmt.Sprintf("about %.0f of this request", most)
			remedy += ", or give this request more weight"
		}
		then := "inconclusive"
		if extends := s.Kind == plans.Search || s.Auto != nil; extends && most*plans.Extended >= float64(m.Samples()) {
			then = "repeated with a longer load"
		}
		d := diag.NewWarning("P0430", threshold.Range(m.Name),
			fmt.Sprintf("%s needs %d responses, but this load has %s, so a trial that meets its thresholds is %s",
				name, m.Samples(), have, then), remedy)
		if load := s.Decl.Block("load"); load.Has("runtime") {
			d = d.Relate(load.Range("runtime"), "lasts this long")
		}
		return d, true
	}
	return diag.Diagnostic{}, false
}
