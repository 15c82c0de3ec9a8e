package report

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plan/internal/golden"
	"plan/internal/printable"
	"plan/internal/tty"
	"plan/report/fixture"
	"plan/runner/journal"
)

// kept returns runs that began on the days 1 to n.
func kept(n int) []Kept {
	var all []Kept
	for day := 1; day <= n; day++ {
		k := Kept{ID: fmt.Sprintf("202603%02d-120000-a1b2", day), Run: fixture.Whole(), Size: int64(day) << 20}
		k.Run.Run.Started = time.Date(2026, 3, day, 12, 0, 0, 0, time.Local)
		all = append(all, k)
	}
	return all
}

func TestWhichRunsArePruned(t *testing.T) {
	third := time.Date(2026, 3, 3, 12, 0, 0, 0, time.Local)
	for name, c := range map[string]struct {
		newest int
		before time.Time
		change func(*Kept) // of the first run
		want   []string    // days
	}{
		"all but the newest two":    {2, time.Time{}, nil, []string{"01", "02", "03"}},
		"none but the newest":       {0, time.Time{}, nil, []string{"01", "02", "03", "04", "05"}},
		"as many as there are":      {5, time.Time{}, nil, nil},
		"more than there are":       {9, time.Time{}, nil, nil},
		"older than the third":      {0, third, nil, []string{"01", "02"}},
		"older, and not the newest": {4, third, nil, []string{"01"}},
		"one that runs":             {2, time.Time{}, func(k *Kept) { k.Alive = true }, []string{"02", "03"}},
		"one that was killed":       {2, time.Time{}, func(k *Kept) { k.Run.Run.Unfinished = true }, []string{"02", "03"}},
		"one that was interrupted":  {2, time.Time{}, func(k *Kept) { k.Run.Run.ExitCode = journal.Interrupted }, []string{"02", "03"}},
		"one that lost its engine":  {2, time.Time{}, func(k *Kept) { k.Run.Run.ExitCode, k.Run.Run.EngineLost = 3, true }, []string{"02", "03"}},
		"one that failed otherwise": {2, time.Time{}, func(k *Kept) { k.Run.Run.ExitCode = 3 }, []string{"01", "02", "03"}},
		"one that cannot be read":   {2, time.Time{}, func(k *Kept) { k.Problem = errors.New("damaged") }, []string{"02", "03"}},
	} {
		all := kept(5)
		if c.change != nil {
			c.change(&all[0])
		}
		var days []string
		for _, k := range Prunable(all, c.newest, c.before) {
			days = append(days, k.ID[6:8])
		}
		if fmt.Sprint(days) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", name, days, c.want)
		}
	}
}

func TestRunsTable(t *testing.T) {
	all := kept(5)
	all[1].Run = fixture.RunOf(1, fixture.Exhausted().Stages[0])
	all[1].Run.Run.Started = time.Date(2026, 3, 2, 12, 0, 0, 0, time.Local)
	all[2].Alive, all[2].Run.Run.Unfinished = true, true
	all[3].Run.Run.Unfinished = true
	all[4].Run, all[4].Problem = journal.Run{}, errors.New(all[4].ID+": line 1 is damaged")
	var b bytes.Buffer
	if err := RunsTable(&b, all, tty.Options{}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/runs.txt", b.Bytes())
}

// TestARunsTableHasNoEscapes: the name of a folder may have any characters.
func TestARunsTableHasNoEscapes(t *testing.T) {
	var b bytes.Buffer
	all := []Kept{{ID: "r1\x1b[2J\x1b]0;x\a\n"}, {ID: "r\u202e2", Problem: errors.New("open r\x1b[2J: damaged")}}
	if err := RunsTable(&b, all, tty.Options{}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); printable.Text(got) != got || strings.Count(got, "\n") != 5 {
		t.Errorf("%q", got)
	}
}
