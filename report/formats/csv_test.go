package formats

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"plan/internal/metrics"
	"plan/report/fixture"
	"plan/runner/journal"
)

func csvOf(t *testing.T, run journal.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := csvReport(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// cells reads a report back: of each trial its cells by column.
func cells(t *testing.T, text []byte) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		all = append(all, row)
	}
	return all
}

func TestTheCSVHasEveryMetricOnce(t *testing.T) {
	header, _, _ := strings.Cut(string(csvOf(t, journal.Run{})), "\r\n")
	names := strings.Split(header, ",")
	for _, m := range metrics.All() {
		if !slices.Contains(names, m.Name) {
			t.Errorf("there is no column %s", m.Name)
		}
	}
	slices.Sort(names)
	if once := slices.Compact(slices.Clone(names)); len(once) != len(names) {
		t.Errorf("a column stands twice: %q", names)
	}
}

func TestTheCSVOfEveryRunHasALineForEachTrial(t *testing.T) {
	for name, run := range fixture.Runs() {
		var want []string
		for _, s := range run.Stages {
			for _, trial := range s.Trials {
				want = append(want, trial.ID)
			}
		}
		text := csvOf(t, run)
		var got []string
		for _, row := range cells(t, text) {
			got = append(got, row["id"])
		}
		if !slices.Equal(got, want) || bytes.Count(text, []byte("\n")) != len(want)+1 {
			t.Errorf("%s: the trials %q, want %q, each in one line", name, got, want)
		}
	}
}

// Trials that differ only in a setting or in their arrivals have different rows.
func TestSettingsAndArrivalsInTheCSV(t *testing.T) {
	varied := fixture.Found()
	varied.Trials = varied.Trials[:0]
	for _, values := range []map[string]any{{"workers": 2.0, "mode": "=fast"}, {"workers": 0.5, "mode": true}, nil} {
		trial := fixture.Trial("search.memory/1", 1300)
		trial.Set.Vary = values
		varied.Trials = append(varied.Trials, trial)
	}
	text := csvOf(t, fixture.RunOf(0, varied, fixture.Arrived()))
	if header, _, _ := strings.Cut(string(text), "\r\n"); !strings.Contains(header, ",replicas,vary.mode,vary.workers,arrival_rate,users,") {
		t.Error(header)
	}
	want := [][3]string{{"2", "'=fast", ""}, {"0.5", "true", ""}, {"", "", ""}, {"", "", "10"}}
	for i, row := range cells(t, text) {
		if got := [3]string{row["vary.workers"], row["vary.mode"], row["arrival_rate"]}; got != want[i] {
			t.Errorf("row %d: %q, want %q", i, got, want[i])
		}
	}
}

func TestCellsOfTheCSV(t *testing.T) {
	stage := fixture.MemorySearch(
		fixture.Loaded(fixture.Trial("search.memory/1", 1300), 1, 15, 0, 30, 0.000141),
		fixture.Failing(journal.Trial{ID: "search.memory/2", Repeats: "search.memory/1", Verdict: journal.Failed, Phase: "start"}, journal.Exit, "=HYPERLINK(\"http://x\")\nand\tmore"),
	)
	rows := cells(t, csvOf(t, fixture.RunOf(0, stage)))
	for column, want := range map[string][2]string{
		"run":           {"20260301-120000-a1b2", "20260301-120000-a1b2"},
		"stage":         {"search.memory", "search.memory"},
		"repeats":       {"", "search.memory/1"},
		"first_look":    {"false", "false"},
		"memory":        {"1363148800", ""},
		"cpus":          {"0.5", ""},
		"replicas":      {"1", ""},
		"memory_peak":   {"1303379968", ""},
		"cpu_share":     {"0.31", ""},
		"users":         {"1", ""},
		"requests":      {"18", ""}, // of a trial without a load nothing is known of one
		"p95":           {"0.000141", ""},
		"error_rate":    {"0", ""},
		"ready_seconds": {"5.7", ""},
		"phase":         {"end", "start"},
		"verdict":       {"passed", "failed"},
		"reason":        {"", "exit"},
		"why":           {"15 of 15 requests OK", `'=HYPERLINK("http://x") and more`},
		"started":       {"2026-03-01T12:00:00Z", "0001-01-01T00:00:00Z"},
		"seconds":       {"41", "0"},
	} {
		for i, row := range rows {
			if got, there := row[column]; !there || got != want[i] {
				t.Errorf("%s of trial %d is %q, want %q", column, i+1, got, want[i])
			}
		}
	}
}

func TestSpreadsheetsComputeNothing(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@sum(1)": "'@sum(1)", "\t=1": "'=1", "\r\n-1": "'-1",
		"p95 5s over 500ms": "p95 5s over 500ms", "a=1": "a=1", "": "",
	} {
		if got := textCell(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
