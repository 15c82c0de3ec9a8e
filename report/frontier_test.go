package report

import (
	"fmt"
	"strings"
	"testing"

	"plan/report/fixture"
	"plan/runner/journal"
)

// TestFrontiers draws what is known of the combinations of memory (across, 1 to 3 MiB) and CPU (up, 1 to 3): tried
// in capitals, inferred in small letters, "?" tried without a verdict.
func TestFrontiers(t *testing.T) {
	at := func(verdict journal.Verdict, memory int64, cpus float64, replicas int) journal.Trial {
		return journal.Trial{ID: fmt.Sprint(memory, cpus, replicas, verdict), Verdict: verdict, Set: journal.Settings{Memory: fixture.Mega(memory), CPUs: &cpus, Replicas: &replicas}}
	}
	varied := func(verdict journal.Verdict, memory int64, mode string) journal.Trial {
		trial := at(verdict, memory, 1, 1)
		trial.Set.Vary = map[string]any{"mode": mode}
		return trial
	}
	look := at(journal.Passed, 1, 1, 1)
	look.FirstLook = true
	memory := journal.Axis{Dimension: "memory", Values: []any{1048576.0, 2097152.0, 3145728.0}}
	cpus := journal.Axis{Dimension: "cpus", Values: []any{1.0, 2.0, 3.0}}
	replicas := journal.Axis{Dimension: "replicas", Values: []any{1.0, 2.0}}
	mode := journal.Axis{Dimension: "mode", Values: []any{"a", "b"}}
	for name, c := range map[string]struct {
		axes   []journal.Axis
		trials []journal.Trial
		want   string // of each frontier: the others, and its rows from the top
	}{
		"nothing was tried":        {[]journal.Axis{memory, cpus}, nil, ""},
		"a pass covers more":       {[]journal.Axis{memory, cpus}, []journal.Trial{at("passed", 2, 2, 1)}, ": .pp .Pp ..."},
		"a failure covers less":    {[]journal.Axis{memory, cpus}, []journal.Trial{at("failed", 2, 2, 1)}, ": ... fF. ff."},
		"both":                     {[]journal.Axis{memory, cpus}, []journal.Trial{at("passed", 2, 2, 1), at("failed", 3, 1, 1)}, ": .pp .Pp ffF"},
		"they contradict":          {[]journal.Axis{memory, cpus}, []journal.Trial{at("passed", 1, 1, 1), at("failed", 3, 3, 1)}, ": ..F ... P.."},
		"no verdict":               {[]journal.Axis{memory, cpus}, []journal.Trial{at("invalid", 2, 2, 1)}, ": ... .?. ..."},
		"a first look that passed": {[]journal.Axis{memory, cpus}, []journal.Trial{look}, ": ... ... P.."},
		"the last trial counts":    {[]journal.Axis{memory, cpus}, []journal.Trial{at("passed", 3, 3, 1), at("failed", 3, 3, 1)}, ": ffF fff fff"},
		"beside the grid":          {[]journal.Axis{memory, cpus}, []journal.Trial{at("passed", 2, 2.5, 1)}, ": .pp .Pp ... ..."},
		"other replicas":           {[]journal.Axis{replicas, memory, cpus}, []journal.Trial{at("failed", 2, 2, 2), at("passed", 3, 1, 1)}, "2 replicas: ..p fFp ffp; 1 replica: ..p ffp ffP"},
		"a setting alone":          {[]journal.Axis{mode}, []journal.Trial{varied("failed", 2, "a"), varied("passed", 1, "b")}, ""},
		"another setting":          {[]journal.Axis{memory, mode}, []journal.Trial{varied("failed", 2, "a"), varied("passed", 1, "b")}, ": Ppp fF."},
	} {
		var texts []string
		for _, f := range Frontiers(journal.Stage{Axes: c.axes, Trials: c.trials}) {
			rows := make([]string, len(f.Up.Values))
			for _, at := range f.Combinations {
				letter := map[journal.Verdict]string{journal.Passed: "p", journal.Failed: "f", "": "."}[at.Verdict]
				switch {
				case letter == "":
					letter = "?"
				case len(at.Trials) > 0:
					letter = strings.ToUpper(letter)
				}
				rows[len(rows)-1-at.Up] += letter
			}
			texts = append(texts, f.Others+": "+strings.Join(rows, " "))
		}
		if got := strings.Join(texts, "; "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestFrontiersHaveLimits: the limits of a combination are its values and those that the search leaves alone.
func TestFrontiersHaveLimits(t *testing.T) {
	f := Frontiers(fixture.Cheapest())
	if len(f) != 2 || f[0].Others != "2 replicas" || f[1].Others != "1 replica" || f[0].Across.Dimension != "memory" || f[0].Up.Dimension != "cpus" {
		t.Fatalf("%+v", f)
	}
	last := f[0].Combinations[len(f[0].Combinations)-1]
	if got := last.Settings.Together(); got != "2 × 2 CPU × 4G" || ValueText(f[0].Up, 0.25) != "0.25" || ValueText(journal.Axis{Dimension: "mode"}, true) != "true" {
		t.Errorf("the greatest is %s", got)
	}
}
