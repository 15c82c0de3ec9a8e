package html

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plan/containers"
	"plan/engine"
	"plan/internal/exchange"
	"plan/internal/golden"
	"plan/internal/units"
	"plan/plans"
	"plan/report"
	"plan/report/chart"
	"plan/report/fixture"
	"plan/report/formats"
	"plan/runner/compare"
	"plan/runner/journal"
	"plan/runner/search"
)

func read(t *testing.T, name string) journal.Run {
	t.Helper()
	run, err := journal.Read(filepath.Join("testdata", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func page(t *testing.T, run journal.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// journals of testdata: a search and a ramp under a CPU limit, a run whose first answer
// was disproved, and a search of memory and CPU by price.
func journals() []string { return []string{"resources", "disproved", "cheapest"} }

// body is the page without its style and its script.
func body(text string) string {
	return regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`).ReplaceAllString(text, "")
}

func TestPages(t *testing.T) {
	for _, name := range journals() {
		got, path := body(page(t, read(t, name))), filepath.Join("testdata", name+".html")
		golden.Compare(t, path, []byte(got))
	}
}

// TestThePageNeedsNothing: without style and script it has all that it has with
// them, and it makes no request.
func TestThePageNeedsNothing(t *testing.T) {
	for _, name := range journals() {
		text := page(t, read(t, name))
		for _, bad := range []string{" style=", "data:", "javascript:", " src=", "@import", "url(", "<link", "<iframe", "<img"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: the page has %q", name, bad)
			}
		}
		for _, match := range regexp.MustCompile(`\shref="([^"]*)"`).FindAllStringSubmatch(text, -1) {
			id, local := strings.CutPrefix(match[1], "#")
			if !local || !strings.Contains(text, `id="`+id+`"`) {
				t.Errorf("%s: nothing has the id of the link %s", name, match[1])
			}
		}
		for _, match := range regexp.MustCompile(`https?://[^"'<\s]*`).FindAllString(text, -1) {
			if match != "http://www.w3.org/2000/svg" {
				t.Errorf("%s: the page names %s", name, match)
			}
		}
		if ids := regexp.MustCompile(`\sid="([^"]*)"`).FindAllString(text, -1); len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
			t.Errorf("%s: an id is there twice", name)
		}
	}
}

func TestThePageIsSmall(t *testing.T) {
	var empty bytes.Buffer
	if err := Write(&empty, journal.Run{}); err != nil {
		t.Fatal(err)
	}
	if empty.Len() > 300_000 {
		t.Errorf("a page without data has %d bytes", empty.Len())
	}
	run := read(t, "resources")
	s := &run.Stages[1]
	lasting(&s.Trials[3], time.Hour)
	for len(s.Trials) < 30 {
		again := s.Trials[3]
		again.ID = fmt.Sprintf("ramp.users/%d", len(s.Trials)+1)
		s.Trials = append(s.Trials, again)
	}
	if n := len(page(t, run)); n > 2_000_000 {
		t.Errorf("a page of more than thirty trials has %d bytes", n)
	}
}

// lasting makes the series of a trial those of a load of a time.
func lasting(t *journal.Trial, long time.Duration) {
	e := t.Evidence
	windows, usage, host := e.Series, e.Containers[0].Usage, e.Host
	e.Series, e.Host = nil, nil
	for i := range e.Containers {
		e.Containers[i].Usage = nil
	}
	for second := range int(long.Seconds()) {
		at := t.Started.Add(time.Duration(second) * time.Second)
		w, u, h := windows[second%len(windows)], usage[second%len(usage)], host[second%len(host)]
		w.Second, u.At, h.At, u.CPUSeconds = second, at, at, new(0.4*float64(second))
		e.Series, e.Host = append(e.Series, w), append(e.Host, h)
		for i := range e.Containers {
			e.Containers[i].Usage = append(e.Containers[i].Usage, u)
		}
	}
	t.Load.Seconds, t.Seconds.Total = long.Seconds(), long.Seconds()
}

// TestThePageHasItAll: the answer comes first, with its proof; every trial
// unfolds; what was asked for and what was read back stand side by side.
func TestThePageHasItAll(t *testing.T) {
	run := read(t, "resources")
	text := body(page(t, run))
	order := -1
	for _, want := range []string{
		"1300M is the least: 1300M passed, 1200M failed", `<a href="#trial-search.memory-2">search.memory/2 passed</a>`, `<a href="#trial-search.memory-4">search.memory/4 failed</a>`,
		"100 users held: 100 passed, 250 failed: p95 4.5s over 500ms", "<h2 id=\"h-stage-search.memory\">",
		"values tried, and what was used", "read back from plan-", "out-of-memory kill: counter", "loaded 812M of 1240M", "latency and rate over users", "no whole answer within 10s",
		"<h2 id=\"h-machine\">", "<h2 id=\"h-environment\">", "20.10.24", "sha256:9f86d081", "<h2 id=\"h-doubts\">",
	} {
		at := strings.Index(text, want)
		if at <= order {
			t.Errorf("%q is at %d, before what stands above it, or nowhere", want, at)
			continue
		}
		order = at
	}
	for _, s := range run.Stages {
		for _, trial := range s.Trials {
			if !strings.Contains(text, `<details id="`+anchor(trial.ID)+`"`) {
				t.Errorf("%s does not unfold", trial.ID)
			}
		}
		if !strings.Contains(text, strings.NewReplacer("+", "&#43;").Replace(report.Sentence(s))) {
			t.Errorf("the sentence of %s is missing", s.Address)
		}
	}
}

const hostile = `</pre></script><script>alert(1)</script><img src=x onerror=alert(1)>"'&` + "\x00\x1b[31m\xff</title></svg>"

// spoilt has a hostile text wherever a service, an engine or a plan can put one.
func spoilt(t *testing.T) journal.Run {
	run := read(t, "resources")
	run.Plan = journal.Plan{Name: hostile, File: hostile, SHA256: hostile}
	run.Run.Problem, run.Run.Help, run.Run.Version, run.Run.ID, run.Run.Host.Name = hostile, hostile, hostile, hostile, hostile
	run.Images[0].Name, run.Images[0].Address, run.Images[0].Digest = hostile, hostile, new(hostile)
	run.Outputs = map[string]any{hostile: hostile}
	for i := range run.Stages {
		s := &run.Stages[i]
		s.Address, s.Service, s.Reason, s.NotTried = hostile, hostile, hostile, hostile
		for n := range s.Trials {
			trial := &s.Trials[n]
			trial.ID += hostile
			trial.Why, trial.NotEvicted, trial.Failures, trial.Notes = hostile, hostile, []string{hostile, hostile}, []string{hostile}
			trial.Instances[0].Name = hostile
			e := trial.Evidence
			e.Log = []string{hostile, strings.Repeat("<b>", 5000)}
			e.First = map[string]exchange.Outcome{hostile: {Detail: hostile}}
			e.Containers[0].Name, e.Events[0].Container, e.Events[0].Detail = hostile, hostile, hostile
			e.Witnesses = []containers.Witness{{Source: hostile, Detail: hostile}}
			if trial.Load != nil {
				trial.Load.Errors = map[exchange.Class]int64{exchange.Class(hostile): 1}
				trial.Load.Examples = map[exchange.Class]string{exchange.Class(hostile): hostile}
				trial.Load.Ended, trial.Load.Version = hostile, hostile
			}
		}
	}
	return run
}

func TestHostileTextsAreEscaped(t *testing.T) {
	text := body(page(t, spoilt(t)))
	for _, bad := range []string{"<script", "<img", "onerror=alert(1)>\"", "<b>", "\x00", "\x1b"} {
		if strings.Contains(text, bad) {
			at := strings.Index(text, bad)
			t.Errorf("the page has %q: %q", bad, text[max(0, at-200):at+50])
		}
	}
	if n, want := strings.Count(text, "<svg"), strings.Count(body(page(t, read(t, "resources"))), "<svg"); n != want {
		t.Errorf("%d pictures, want %d", n, want)
	}
	files, err := pictures(spoilt(t))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if strings.ContainsAny(f.Name, "/<>\"'\x00\x1b") {
			t.Errorf("a file is called %q", f.Name)
		}
		wellFormed(t, f)
	}
}

// TestColoursOfLogs: colours of a log are left out, and what else a terminal obeys is shown.
func TestColoursOfLogs(t *testing.T) {
	run := read(t, "resources")
	run.Stages[0].Trials[0].Evidence.Log = []string{"\x1b[31;1mERROR\x1b[0m: out of tiles\x1b[2J"}
	for name, text := range map[string]string{"as a command writes it": page(t, journal.Printable(run)), "alone": page(t, run)} {
		if !strings.Contains(text, ">ERROR: out of tiles\ufffd[2J\n") {
			t.Errorf("%s: the line is missing", name)
		}
	}
}

func wellFormed(t *testing.T, f formats.File) {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(f.Text)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			return
		}
	}
}

func TestPictures(t *testing.T) {
	files, err := pictures(read(t, "resources"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		wellFormed(t, f)
	}
	for _, want := range []string{"search.memory.svg", "search.memory-3.svg", "search.memory-2-latency.svg", "ramp.users.svg", "ramp.users-4.svg"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing: %v", want, names)
		}
	}
}

// TestThePicturesOfTheReadme makes the pictures of the page that are at the head of the
// README, from the journal of make demo.
func TestThePicturesOfTheReadme(t *testing.T) {
	files, err := pictures(read(t, "demo"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"search.memory.svg", "ramp.users.svg"} {
		i := slices.IndexFunc(files, func(f formats.File) bool { return f.Name == name })
		golden.Compare(t, filepath.Join("../../docs/pictures", name), []byte(files[i].Text))
	}
}

// TestTheEnvironmentOnKubernetes: the page of a run on a cluster names it instead of what only Docker has.
func TestTheEnvironmentOnKubernetes(t *testing.T) {
	run := fixture.Whole()
	run.Run.Host.Engine = "v1.30.2"
	docker := body(page(t, run))
	run.Run.Platform = &journal.Platform{Name: "kubernetes", Namespace: "sizing"}
	cluster := body(page(t, run))
	for _, fact := range []string{"Docker Engine", "control groups", "engine runs on"} {
		if head := "align=\"left\">" + fact + "</th>"; !strings.Contains(docker, head) || strings.Contains(cluster, head) {
			t.Errorf("%s is not on the page of a run with Docker, or on that of one on Kubernetes", fact)
		}
	}
	for _, row := range [][2]string{{"Kubernetes", "v1.30.2"}, {"context", "the current one"}, {"namespace", "sizing"}} {
		if !regexp.MustCompile(`>` + row[0] + `</th><td class="[^"]*">` + row[1] + `</td>`).MatchString(cluster) {
			t.Errorf("the page of a run on Kubernetes lacks %q", row)
		}
	}
}

// Of several replicas the timeline shows the four that are killed or fullest, and the memory of the first of these as
// that of a single one.
func TestTheTimelineOfManyReplicas(t *testing.T) {
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	of := func(killed int, sets ...units.Bytes) journal.Trial {
		trial := journal.Trial{ID: "check.x/1", Started: begun, Seconds: journal.Seconds{Total: 10}, Evidence: &journal.Evidence{}}
		for i, set := range sets {
			name := fmt.Sprint("api-", i+1)
			one := journal.Watched{Name: name, Role: containers.Subject, Limits: journal.Limits{Memory: 1 << 30}}
			for _, at := range []time.Duration{time.Second, 2 * time.Second} {
				one.Usage = append(one.Usage, containers.Usage{At: begun.Add(at), WorkingSet: &set, Anonymous: new(set / 2), Peak: new(set + 1), CPUSeconds: new(at.Seconds())})
			}
			trial.Evidence.Containers = append(trial.Evidence.Containers, one)
			trial.Instances = append(trial.Instances, journal.Instance{Name: name, OOMKills: new(int64(0)), OOMKilled: new(i+1 == killed)})
		}
		return trial
	}
	for name, c := range map[string]struct {
		trial  journal.Trial
		titles []string // of the panels of memory
		shown  []string // lines of the first of them
		worst  float64  // first value of its anonymous memory; 0: of one replica
	}{
		"one":                       {of(0, 100), []string{"memory"}, []string{"anonymous", "page cache", "peak so far"}, 50},
		"two":                       {of(0, 100, 200), []string{"working set", "memory of replica 2"}, []string{"replica 1", "replica 2"}, 100},
		"five, the last fullest":    {of(0, 300, 200, 500, 400, 600), []string{"working set", "memory of replica 5"}, []string{"replica 1", "replica 3", "replica 4", "replica 5"}, 300},
		"five, the emptiest killed": {of(5, 300, 200, 500, 400, 100), []string{"working set", "memory of replica 5"}, []string{"replica 1", "replica 3", "replica 4", "replica 5"}, 50},
		"two alike":                 {of(0, 100, 100), []string{"working set", "memory of replica 1"}, []string{"replica 1", "replica 2"}, 50},
		"the first killed":          {of(1, 100, 200), []string{"working set", "memory of replica 1"}, []string{"replica 1", "replica 2"}, 50},
	} {
		panels := resourcePanels(c.trial)
		var titles, shown []string
		for _, p := range panels[:len(panels)-3] { // without CPU, throttling, the machine
			titles = append(titles, p.Title)
			if len(p.Rules) != 1 || p.Rules[0].At != 1<<30 {
				t.Errorf("%s: %s: %+v", name, p.Title, p.Rules)
			}
		}
		for _, l := range panels[0].Lines {
			shown = append(shown, l.Name)
		}
		if !slices.Equal(titles, c.titles) || !slices.Equal(shown, c.shown) {
			t.Errorf("%s: %q with %q", name, titles, shown)
		}
		if got := panels[len(titles)-1].Lines[0].Points[0].Y; got != c.worst {
			t.Errorf("%s: %v bytes, want %v", name, got, c.worst)
		}
	}
	if panels := resourcePanels(journal.Trial{Evidence: &journal.Evidence{}}); len(panels) != 4 {
		t.Errorf("without a container: %d panels", len(panels))
	}
}

// Helpers use the machine too.
func TestHelpersOnTheMachine(t *testing.T) {
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	trial := journal.Trial{Started: begun, Seconds: journal.Seconds{Total: 3}, Evidence: &journal.Evidence{Containers: []journal.Watched{{Role: containers.Helper, Usage: []containers.Usage{
		{At: begun.Add(time.Second), CPUSeconds: new(1.0)}, {At: begun.Add(2 * time.Second), CPUSeconds: new(1.5)},
	}}}}}
	lines := machinePanel(trial).Lines
	i := slices.IndexFunc(lines, func(l chart.Line) bool { return l.Name == "helpers" })
	if i < 0 || len(lines[i].Points) != 1 || lines[i].Points[0].Y != 0.5 {
		t.Errorf("%+v", lines)
	}
}

// A threshold of one request has a panel of its own: the latency of all requests says little about it.
func TestThresholdsOfSingleRequests(t *testing.T) {
	bounded := func(p95 float64) journal.Stage {
		s := fixture.Held()
		s.Thresholds = []journal.Threshold{{Request: "predict", Metric: "p95", Limit: 0.375}, {Request: "predict", Metric: "throughput", Limit: 3}, {Request: "predict", Metric: "error_rate", Limit: 0.02}}
		for i := range s.Trials {
			if s.Trials[i].Load != nil && i != 1 { // of one it was not sent
				s.Trials[i].Load.JudgedByRequest = map[string]engine.Judged{"predict": {OK: 10, OKRate: 5, Latency: engine.Percentiles{P95: &p95}}}
			}
		}
		return s
	}
	s := bounded(0.25)
	c := rampChart(s)
	own := c.Panels[4:]
	var titles []string
	for _, p := range own {
		titles = append(titles, fmt.Sprint(p.Title, "; ", p.Rules[0].Name, " ", p.Rules[0].At, "; ", p.Lines[0].Points[0].Y, " ", p.Lines[0].Points[1].Y))
	}
	if want := []string{"predict p95; p95 at most 0.375; 0.25 NaN", "predict OK responses; least 3; 5 NaN", "predict failed requests; most 0.02; 0 NaN"}; !slices.Equal(titles, want) {
		t.Errorf("%q, want %q", titles, want)
	}
	if text := c.SVG(); !strings.Contains(text, "predict p95") || !strings.Contains(text, "p95 at most") {
		t.Error("the picture of the ramp has no threshold of the request")
	}
	later := bounded(0.3)
	both := overLoads(compare.Stage{A: &s, B: &later})
	if p := both.Panels[4]; p.Title != "predict p95" || len(p.Lines) != 2 || p.Lines[0].Points[0].Y != 0.25 || p.Lines[1].Points[0].Y != 0.3 || p.Rules[0].At != 0.375 {
		t.Errorf("%+v", p)
	}
}

// An answer that is disproved has the mark of a failure wherever it is, and why.
func TestAnAnswerThatIsDisproved(t *testing.T) {
	text := body(page(t, fixture.Lazy()))
	const answer, disproof = "1300M is the least", "ramp.users/1 disproves this at 1500M"
	answers := regexp.MustCompile(`<p class="answer (\w+)">(?:<strong>)?(\S+) (?:search.memory: )?`+answer).FindAllStringSubmatch(text, -1)
	if len(answers) != 2 {
		t.Fatalf("the page has the answer %d times", len(answers))
	}
	for _, a := range answers {
		if a[1] != "failed" || a[2] != "✗" {
			t.Errorf("%q", a)
		}
	}
	section := text[strings.Index(text, `<section id="stage-search.memory"`):]
	if section = section[:strings.Index(section, "</section>")]; !strings.Contains(section, disproof) {
		t.Errorf("the section of the stage does not have the trial:\n%s", section)
	}
}

func TestUnfinishedAndEmptyRuns(t *testing.T) {
	run := read(t, "resources")
	run.Run.Unfinished = true
	for i := range run.Stages {
		run.Stages[i].Certificate, run.Stages[i].Found, run.Stages[i].Verdict = nil, nil, ""
		for n := range run.Stages[i].Trials {
			trial := &run.Stages[i].Trials[n]
			switch n {
			case 0:
				trial.Evidence = nil
			case 1:
				trial.Load, trial.Instances, trial.Host = nil, nil, nil
			case 2:
				*trial.Evidence = journal.Evidence{}
			}
		}
	}
	search := read(t, "cheapest")
	search.Stages[0].Found, search.Stages[0].Certificate, search.Stages[0].Points, search.Stages[0].Price = nil, nil, nil, nil
	page(t, search)
	if text := page(t, run); !strings.Contains(text, "The journal has no end") || !strings.Contains(text, "it has no answer") {
		t.Error("the page does not tell that the run did not end")
	}
	old, err := journal.Read("../../runner/journal/testdata/0.1.0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	page(t, old)
	page(t, journal.Run{Stages: []journal.Stage{{Kind: "search"}, {Kind: "ramp"}, {Kind: "check"}, {}}})
}

// TestTheFrontier: the picture of a search of two dimensions has what was tried, what is
// inferred, the answer, all trials with none that passed below them, and prices.
func TestTheFrontier(t *testing.T) {
	s := read(t, "cheapest").Stages[0]
	s.Points = append(s.Points, "search.resources/2")
	charts := stageCharts(s)
	if len(charts) != 1 || charts[0].name != "search.resources" {
		t.Fatalf("%d charts", len(charts))
	}
	c := charts[0].drawing.(chart.Grid)
	tried, outlined, inferred, answers := 0, 0, map[chart.Tone]int{}, []string{}
	for _, cell := range c.Cells {
		at := c.Up.Names[cell.Up] + " × " + c.Across.Names[cell.Across]
		switch {
		case cell.Tried:
			tried++
		default:
			inferred[cell.Tone]++
		}
		if cell.Outlined {
			outlined++
		}
		if cell.Name == "answer" {
			answers = append(answers, at)
		}
	}
	if tried != 7 || outlined != 2 || inferred[chart.Failed] != 58 || inferred[chart.Passed] != 85 || fmt.Sprint(answers) != "[0.2 × 350M]" {
		t.Errorf("%d tried, %d outlined, inferred %v, answers %v", tried, outlined, inferred, answers)
	}
	if text := chart.Price.Text(c.Level); text != "7.09" || !strings.Contains(report.Sentence(s), "It costs "+text+" a month") {
		t.Errorf("the answer costs %s", text)
	}
	if c.Heights[0][0] >= c.Heights[1][0] || c.Heights[0][0] >= c.Heights[0][1] {
		t.Errorf("prices: %v", c.Heights[:2])
	}
	if s.Price = nil; stageCharts(s)[0].drawing.(chart.Grid).Heights != nil {
		t.Error("prices of a search without any")
	}
}

// TestTheKneeIsTheRunners: the picture has the knee that the runner's rule finds, and no other.
func TestTheKneeIsTheRunners(t *testing.T) {
	for name, c := range map[string]struct {
		loads []search.Window
		at    int // 0: none
	}{
		"it grows with the load": {[]search.Window{{Users: 10, Rate: 5}, {Users: 100, Rate: 50}, {Users: 200, Rate: 99}}, 0},
		"it stops":               {[]search.Window{{Users: 10, Rate: 5}, {Users: 100, Rate: 44}, {Users: 250, Rate: 41}}, 250},
		"it bends":               {[]search.Window{{Users: 10, Rate: 10}, {Users: 20, Rate: 14}}, 0},
		"under twice the users":  {[]search.Window{{Users: 10, Rate: 10}, {Users: 19, Rate: 10}}, 0},
		"nothing was answered":   {[]search.Window{{Users: 10}, {Users: 20}}, 0},
	} {
		s := journal.Stage{Address: "ramp.users", Kind: plans.Ramp, HasLoad: true}
		for i, l := range c.loads {
			s.Trials = append(s.Trials, fixture.Loaded(fixture.Trial(fmt.Sprint(i), 1300), l.Users, int64(100*l.Rate), 0, 100, 0.1))
			c.loads[i].OK = s.Trials[i].Load.Judged.OK
		}
		if knee := search.Knee(c.loads); knee > 0 { // as the runner does
			s.Knee = &knee
		}
		drawn := 0
		picture := rampChart(s)
		for _, mark := range picture.Marks {
			if mark.Name == "knee" {
				drawn = int(mark.At)
			}
		}
		said := strings.Contains(picture.Description, fmt.Sprintf("The knee is at %d users: ", c.at))
		if drawn != c.at || said != (c.at > 0) {
			t.Errorf("%s: at %d, want %d: %s", name, drawn, c.at, picture.Description)
		}
	}
}

// worse is the recorded run again, by a service that needs 100M more.
func worse(t *testing.T) journal.Run {
	run := read(t, "resources")
	run.Run.ID = "20260302-120000-c3d4"
	s := &run.Stages[0]
	s.Found, s.Recommended = &journal.Point{Memory: new(int64(1400 << 20))}, &journal.Point{Memory: new(int64(1700 << 20))}
	for i := range s.Trials {
		trial := &s.Trials[i]
		if trial.Verdict == journal.Passed {
			trial.Instances[0].Memory.Peak = new(int64(1349 << 20))
			continue
		}
		trial.Set.Memory = new(*trial.Set.Memory + 100<<20)
		trial.Instances[0].Memory.Peak = trial.Set.Memory
	}
	s.Trials[1].Set.Memory = new(int64(1400 << 20))
	return run
}

func TestThePageOfAComparison(t *testing.T) {
	c := compare.Runs(read(t, "resources"), worse(t))
	var b bytes.Buffer
	if err := WriteComparison(&b, c); err != nil {
		t.Fatal(err)
	}
	text := body(b.String())
	order := -1
	for _, want := range []string{
		"Worse: 1 of 2 stages.", "search.memory: worse:", "it needs 100M more", `<h2 id="h-stage-search.memory">`, "highest use over the limit", "first: least 1300M", "second: least 1400M",
		"the trials that passed", `<h2 id="h-stage-ramp.users">`, "both runs over the load",
	} {
		at := strings.Index(text, want)
		if at <= order {
			t.Errorf("%q is at %d, before what stands above it, or nowhere", want, at)
			continue
		}
		order = at
	}
	for _, bad := range []string{" style=", "data:", " src=", "<link", "https://"} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	b.Reset()
	if err := WriteComparison(&b, compare.Runs(spoilt(t), spoilt(t))); err != nil || strings.Contains(body(b.String()), "<script") {
		t.Errorf("hostile texts: %v", err)
	}
}
