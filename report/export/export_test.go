package export

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"plan/containers"
	"plan/internal/golden"
	"plan/internal/units"
	"plan/runner/journal"
)

var begun = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// set are the limits of a trial: mebibytes, CPUs, replicas.
func set(memory int64, cpus float64, replicas int) journal.Settings {
	return journal.Settings{Memory: new(memory << 20), CPUs: &cpus, Replicas: &replicas}
}

func trial(id string, verdict journal.Verdict, at journal.Settings) journal.Trial {
	return journal.Trial{ID: id, Set: at, Verdict: verdict, Why: "p95 780ms over 500ms", Seconds: journal.Seconds{Total: 1}}
}

func looked(t journal.Trial) journal.Trial {
	t.FirstLook = true
	return t
}

// memory is a search that found 1300M, one CPU limit given.
func memory(cpus float64, replicas int) journal.Stage {
	point := func(m int64) *journal.Point { return &journal.Point{Memory: new(m << 20)} }
	return journal.Stage{
		Address: "search.memory", Kind: "search", Service: "service.api", Verdict: journal.Passed, Dimension: "memory", HasLoad: true, Margin: 0.15,
		Found: point(1300), Recommended: point(1500), Certificate: &journal.Certificate{Passed: "search.memory/2", Failed: []string{"search.memory/3"}, Recommended: "search.memory/4"},
		Trials: []journal.Trial{
			trial("search.memory/1", journal.Passed, set(4096, cpus, replicas)), trial("search.memory/2", journal.Passed, set(1300, cpus, replicas)),
			trial("search.memory/3", journal.Failed, set(1200, cpus, replicas)), looked(trial("search.memory/4", journal.Passed, set(1500, cpus, replicas))),
		},
	}
}

// cpu is a search that found half a CPU at a memory limit.
func cpu(memory int64) journal.Stage {
	return journal.Stage{
		Address: "search.cpu", Kind: "search", Service: "service.api", Verdict: journal.Passed, Dimension: "cpus", HasLoad: true,
		Found: &journal.Point{CPUs: new(0.5)}, Recommended: &journal.Point{CPUs: new(0.5)},
		Certificate: &journal.Certificate{Passed: "search.cpu/1", Failed: []string{"search.cpu/2"}},
		Trials:      []journal.Trial{trial("search.cpu/1", journal.Passed, set(memory, 0.5, 1)), trial("search.cpu/2", journal.Failed, set(memory, 0.25, 1))},
	}
}

// ramp held 100 users at limits.
func ramp(at journal.Settings) journal.Stage {
	passed, failed := trial("ramp.users/1", journal.Passed, at), trial("ramp.users/2", journal.Failed, at)
	passed.Users, failed.Users = new(100), new(250)
	return journal.Stage{
		Address: "ramp.users", Kind: "ramp", Service: "service.api", Verdict: journal.Passed, HasLoad: true, Steps: []int{100, 250}, Held: new(100),
		Certificate: &journal.Certificate{Passed: "ramp.users/1", Failed: []string{"ramp.users/2"}}, Trials: []journal.Trial{passed, failed},
	}
}

// check was met by the service worker, without a CPU limit.
func check() journal.Stage {
	at := journal.Settings{Memory: new(int64(100<<20 + 1))}
	return journal.Stage{
		Address: "check.worker", Kind: "check", Service: "service.on", Verdict: journal.Passed, Met: new(true),
		Certificate: &journal.Certificate{Passed: "check.worker/1", Failed: []string{}}, Trials: []journal.Trial{trial("check.worker/1", journal.Passed, at)},
	}
}

func runOf(stages ...journal.Stage) journal.Run {
	return journal.Run{
		FormatVersion: journal.Format, Plan: journal.Plan{Name: "least", File: "plans/least.hcl"},
		Run:    journal.Header{ID: "20260301-120000-a1b2", Started: begun, Host: journal.Host{Name: "bench", Memory: 24 << 30, CPUs: 2, Engine: "20.10.24"}},
		Images: []journal.Image{{Name: "registry.example.org/api:latest", Digest: new("sha256:9f86d081"), Pushed: true}, {Name: "base:latest"}},
		Stages: stages,
	}
}

// formatOf is the one of a name.
func formatOf(name string) Format {
	return formats[slices.IndexFunc(formats, func(f Format) bool { return f.Name == name })]
}

func written(t *testing.T, format Format, run journal.Run, container string) string {
	t.Helper()
	var b bytes.Buffer
	if err := format.Write(&b, run, ProvenLimits(run, Recommended), container); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFormats(t *testing.T) {
	at := set(1500, 0.5, 3)
	for name, run := range map[string]journal.Run{
		"one": runOf(memory(0.5, 1), ramp(set(1500, 0.5, 1))), "replicas-and-another": runOf(memory(0.5, 3), ramp(at), check()), "pids": pidsRun(),
	} {
		for _, format := range Formats() {
			got := written(t, format, run, "")
			path := filepath.Join("testdata", name+"."+format.Name)
			golden.Compare(t, path, []byte(got))
		}
	}
}

func TestTheManualsShowWhatIsWritten(t *testing.T) {
	compose := written(t, formatOf("compose"), runOf(memory(0.5, 1), ramp(set(1500, 0.5, 1))), "")
	_, deployment, _ := strings.Cut(written(t, formatOf("kubernetes"), runOf(memory(0.5, 3)), ""), "#\n")
	for name, shown := range map[string]string{"report.md": compose, "kubernetes.md": deployment} {
		manual, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(manual), "```yaml\n"+shown+"```\n") {
			t.Errorf("%s does not show this:\n%s", name, shown)
		}
	}
}

// limits of a service in short.
func limits(s Service) string {
	return fmt.Sprintf("%s %s %s %d", s.Name, s.Memory.Exact(), s.CPUs, s.Replicas)
}

func TestWhichLimitsAreTaken(t *testing.T) {
	unmet := ramp(set(900, 1, 1))
	unmet.Verdict = journal.Failed
	atMost := memory(0.5, 1)
	atMost.Certificate.Failed = nil
	atMost.AtMost = true
	nothing := memory(0.5, 1)
	nothing.Verdict, nothing.Found, nothing.Recommended, nothing.Certificate = journal.Failed, nil, nil, nil
	free := check()
	free.Trials[0].Set = journal.Settings{Replicas: new(1)}
	lost := memory(0.5, 1)
	lost.Trials = lost.Trials[:1]

	for name, c := range map[string]struct {
		run    journal.Run
		choice Choice
		want   string
	}{
		"recommended":                   {runOf(memory(0.5, 1)), Recommended, "api 1500M 0.5 1"},
		"found":                         {runOf(memory(0.5, 1)), Found, "api 1300M 0.5 1"},
		"what a later search found":     {runOf(memory(2, 1), cpu(1500)), Recommended, "api 1500M 0.5 1"},
		"in whichever order":            {runOf(cpu(4096), memory(0.5, 2)), Found, "api 1300M 0.5 2"},
		"the lowest of the range":       {runOf(atMost), Found, "api 1300M 0.5 1"},
		"a search, not a ramp after it": {runOf(memory(0.5, 1), ramp(set(2000, 2, 1))), Recommended, "api 1500M 0.5 1"},
		"a ramp without a search":       {runOf(ramp(set(2000, 2, 4))), Recommended, "api 2000M 2 4"},
		"a ramp after a failed search":  {runOf(nothing, ramp(set(2000, 2, 1))), Recommended, "api 2000M 2 1"},
		"not a ramp that held too few":  {runOf(unmet), Recommended, ""},
		"nothing found":                 {runOf(nothing), Recommended, ""},
		"trials without limits":         {runOf(free), Recommended, ""},
		"a certificate without a trial": {runOf(lost), Recommended, ""},
		"two services":                  {runOf(memory(0.5, 1), check()), Found, "api 1300M 0.5 1, on 104857601b 0 1"},
		"no stage":                      {runOf(), Found, ""},
	} {
		var got []string
		for _, s := range ProvenLimits(c.run, c.choice) {
			got = append(got, limits(s))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// What a trial speaks against is refused, whichever of both is asked for.
func TestWhichLimitsAreRefused(t *testing.T) {
	oom := func(s journal.Stage, phase journal.Phase, users int) journal.Stage {
		t := &s.Trials[0]
		t.Verdict, t.Reason, t.Phase, t.Users, t.Why = journal.Failed, new(journal.OOMLoad), phase, &users, "out of memory"
		return s
	}
	slow := memory(0.5, 1)
	slow.Trials[3].Verdict, slow.Trials[3].Reason = journal.Failed, new(journal.Latency)
	exhausted := memory(0.5, 1)
	exhausted.Verdict, exhausted.FailedBy, exhausted.Found, exhausted.Recommended, exhausted.Certificate = journal.Failed, journal.Disproved, nil, nil, nil
	exhausted.Disproved = []journal.Disproof{{Trial: "ramp.users/9", Why: "killed"}}
	beside := func(s journal.Stage) journal.Stage { // others are charged for 100M of the files that its first trial maps
		s.Trials[0].Instances = []journal.Instance{{
			Memory: journal.Memory{Peak: new(int64(1450 << 20))}, Files: &journal.Files{Mapped: new(int64(20 << 20)), Resident: new(int64(120 << 20))},
		}}
		return s
	}
	const paid = "but alone the service needs 1550M: other containers were charged for 100M of the files that it maps"
	for name, c := range map[string]struct {
		run         journal.Run
		recommended string // why it is refused; "" where it is not
		found       string
	}{
		"a ramp held":                         {runOf(memory(0.5, 1), ramp(set(1500, 0.5, 1))), "", ""},
		"its first step was killed":           {runOf(memory(0.5, 1), oom(ramp(set(1500, 0.5, 1)), journal.PhaseLoad, 100)), "ramp.users/1 at the same limits: out of memory", "ramp.users/1 at the same limits"},
		"its first step was killed elsewhere": {runOf(memory(0.5, 1), oom(ramp(set(1400, 0.5, 1)), journal.PhaseLoad, 100)), "", ""},
		"others paid for its files":           {runOf(beside(ramp(set(1549, 0.5, 1)))), paid, paid},
		"others paid, and it has enough":      {runOf(beside(ramp(set(1550, 0.5, 1)))), "", ""},
		"others paid, after a search":         {runOf(memory(0.5, 1), beside(ramp(set(1400, 0.5, 1)))), "", ""},
		"a later step was killed":             {runOf(memory(0.5, 1), oom(ramp(set(1500, 0.5, 1)), journal.PhaseLoad, 250)), "", ""},
		"a later step never began":            {runOf(memory(0.5, 1), oom(ramp(set(1300, 0.5, 1)), journal.PhaseStart, 250)), "ramp.users/1", "ramp.users/1"},
		"what is recommended failed":          {runOf(slow), "search.memory/4 failed at the limit that search.memory recommends: p95 780ms over 500ms", ""},
		"every answer is disproved":           {runOf(exhausted), "every answer of search.memory is disproved; ramp.users/9 disproved the last one: killed", "every answer"},
		"and limits of another kind held":     {runOf(exhausted, ramp(set(2000, 2, 1))), "", ""},
	} {
		for choice, want := range map[Choice]string{Recommended: c.recommended, Found: c.found} {
			got := ProvenLimits(c.run, choice)
			if len(got) != 1 || (got[0].Refusal == "") != (want == "") || !strings.Contains(got[0].Refusal, want) || want != "" && got[0].Memory != 0 {
				t.Errorf("%s, %s: %+v, want %q", name, choice, got, want)
			}
		}
	}
}

func TestWhatTheProofSays(t *testing.T) {
	unanswered := cpu(1500)
	unanswered.Verdict, unanswered.Reason, unanswered.Certificate, unanswered.Found = journal.Aborted, "interrupted", nil, nil
	apart := "No trial had all of these limits together"
	none := ramp(set(1500, 0.5, 1))
	none.Verdict, none.Held, none.Certificate, none.Trials[0].Verdict = journal.Failed, nil, nil, journal.Failed
	unfinished := runOf(memory(0.5, 1))
	unfinished.Run.Unfinished = true
	for name, c := range map[string]struct {
		run   journal.Run
		holds bool
		text  string
	}{
		"searches one after the other":      {runOf(memory(2, 1), cpu(1500)), false, apart},
		"searches that know nothing":        {runOf(memory(2, 1), cpu(4096)), true, apart},
		"fewer replicas than were found":    {runOf(cpu(1500), memory(2, 2)), false, apart},
		"a ramp at other limits":            {runOf(memory(0.5, 1), ramp(set(2000, 0.5, 1))), false, "ramp.users"},
		"a ramp at these limits":            {runOf(memory(0.5, 1), ramp(set(1500, 0.5, 1))), true, "ramp.users: 100 users held"},
		"a ramp that held none of it":       {runOf(memory(0.5, 1), none), true, "ramp.users: The first step, 100 users, failed"},
		"a search without an answer":        {runOf(memory(0.5, 1), unanswered), true, "search.cpu: No answer. The stage was stopped: interrupted."},
		"what failed":                       {runOf(memory(0.5, 1)), true, "passed: search.memory/2; failed: search.memory/3"},
		"that nothing failed":               {runOf(check()), true, "passed: check.worker/1; failed: none"},
		"a run that was killed has no end":  {unfinished, true, "The run has not ended"},
		"a run that ended says no such":     {runOf(memory(0.5, 1)), false, "The run has not ended"},
		"a digest that no registry has yet": {runOf(memory(0.5, 1)), true, "base:latest, digest not known"},
	} {
		if got := written(t, formatOf("compose"), c.run, ""); strings.Contains(got, c.text) != c.holds {
			t.Errorf("%s: %q in it should be %v:\n%s", name, c.text, c.holds, got)
		}
	}
}

// workers is a search whose answer has a setting, and maybe the number of its environment.
func workers(address string, n float64, configuration int) journal.Stage {
	s := memory(0.5, 1)
	s.Address = address
	s.Found.Vary, s.Recommended.Vary = map[string]any{"workers": n}, map[string]any{"workers": n}
	for i := range s.Trials {
		s.Trials[i].Set.Vary, s.Trials[i].Configuration = s.Found.Vary, configuration
	}
	return s
}

// Limits hold with the settings that they were found with: every format has them outside of
// what is quoted of the report.
func TestSettingsOfAnAnswer(t *testing.T) {
	numbered := func(s journal.Stage, configuration int) journal.Stage {
		for i := range s.Trials {
			s.Trials[i].Configuration = configuration
		}
		return s
	}
	const only = "with workers 2\n#   Proven only with workers 2: set the same values in the service, as `set` in the plan does.\n"
	const apart = "search.memory started the service with another command or environment than search.cpu: no trial shows that it passes with both limits."
	for name, c := range map[string]struct {
		run         journal.Run
		only, apart bool
	}{
		"a setting":                        {runOf(workers("search.memory", 2, 0)), true, false},
		"no setting":                       {runOf(memory(0.5, 1)), false, false},
		"two searches":                     {runOf(workers("search.memory", 2, 1), numbered(cpu(1500), 1)), true, false},
		"two environments":                 {runOf(workers("search.memory", 2, 1), numbered(cpu(1500), 2)), true, true},
		"two environments, no setting":     {runOf(numbered(memory(0.5, 1), 1), numbered(cpu(1500), 2)), false, true},
		"environments that are not known":  {runOf(memory(0.5, 1), numbered(cpu(1500), 2)), false, false},
		"two settings":                     {runOf(workers("search.memory", 4, 0), workers("search.cpu", 2, 0)), true, true},
		"a setting, and a ramp without it": {runOf(workers("search.memory", 2, 1), numbered(ramp(set(1500, 0.5, 1)), 2)), true, false},
	} {
		for _, format := range Formats() {
			got := written(t, format, c.run, "")
			if strings.Contains(got, only) != c.only || strings.Contains(got, apart) != c.apart {
				t.Errorf("%s, %s:\n%s", name, format.Name, got)
			}
		}
	}
}

// What a plan or a service wrote stays inside its comment, for every reader of
// YAML and for a shell.
func TestNothingEndsAComment(t *testing.T) {
	run := runOf(memory(0.5, 1))
	run.Plan.Name = "a\nrm -rf b\u0085c\u2028d\x1b[31m"
	run.Stages[0].Reason = "x\ny"
	for _, format := range Formats() {
		if got := written(t, format, run, ""); !strings.Contains(got, "# Plan: a rm -rf b c d [31m (plans/least.hcl)\n") {
			t.Errorf("%s:\n%s", format.Name, got)
		}
	}
}

// Names and amounts mean the same to a reader of YAML.
func TestYAMLKeepsItsMeaning(t *testing.T) {
	run := runOf(check())
	var file map[string]map[string]map[string]any
	if err := yaml.Unmarshal([]byte(written(t, formatOf("compose"), run, "")), &file); err != nil {
		t.Fatal(err)
	}
	if got := file["services"]["on"]["mem_limit"]; got != "104857601b" {
		t.Errorf("%v in %v", got, file)
	}
	if text := written(t, formatOf("compose"), run, ""); !strings.Contains(text, `"on":`) {
		t.Errorf("on is a boolean to older readers:\n%s", text)
	}
}

func TestAContainerOfAnotherName(t *testing.T) {
	run := runOf(memory(0.5, 1))
	for name, want := range map[string]string{
		"docker-update": "\ndocker update --memory 1500M --memory-swap 1500M --cpus 0.5 api-inferencia\n",
		"kubernetes":    "- name: api-inferencia\n",
	} {
		if got := written(t, formatOf(name), run, "api-inferencia"); !strings.Contains(got, want) {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func TestTheManualDescribesEveryFormat(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "report.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats() {
		if f.Doc == "" || f.write == nil || !strings.Contains(string(manual), "\n| `"+f.Name+"` |") {
			t.Errorf("the row of %q in the table of formats is not whole, or docs/report.md does not describe it", f.Name)
		}
	}
}

// TestHelpersAreObserved: what helpers used is a comment; limits of them are written only
// where they are asked for.
func TestHelpersAreObserved(t *testing.T) {
	run := runOf(memory(0.5, 1))
	used := containers.Usage{WorkingSet: new(100 * units.MiB), Peak: new(300 * units.MiB)}
	run.Stages[0].Trials[0].Evidence = &journal.Evidence{Containers: []journal.Watched{
		{Name: "plan-" + run.Run.ID + "-minio", Role: containers.Helper, Usage: []containers.Usage{used}}, {Name: "plan-" + run.Run.ID + "-job", Role: containers.Helper},
	}}
	for _, f := range Formats() {
		text := written(t, f, run, "")
		for _, want := range []string{"# Helpers, observed and not proven:\n#   job: memory not known\n#   minio: working set 100M to 100M, peak 300M; proposed limit 128M\n"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: there is no %q in\n%s", f.Name, want, text)
			}
		}
	}
	services := Observed(run)
	if len(services) != 1 || services[0].Name != "minio" || services[0].Memory != 128*units.MiB || !strings.HasPrefix(services[0].Proof[0], "observed, and not proven: ") {
		t.Errorf("%+v", services)
	}
}
