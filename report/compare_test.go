package report

import (
	"bytes"
	"testing"

	"plan/internal/golden"
	"plan/internal/tty"
	"plan/report/fixture"
	"plan/runner/compare"
)

func TestComparison(t *testing.T) {
	c := fixture.Compared()
	if c.Change() != compare.Worse {
		t.Errorf("%s: %+v", c.Change(), c.Stages)
	}
	var b bytes.Buffer
	if err := ComparisonTables(&b, c, tty.Options{}); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "testdata/compare.txt", b.Bytes())
	if err := ComparisonTables(&broken{}, c, tty.Options{}); err == nil {
		t.Error("nothing was written, and no error")
	}
}

func TestTheResultOfAComparison(t *testing.T) {
	stages := func(changes ...compare.Change) compare.Comparison {
		var c compare.Comparison
		for _, change := range changes {
			c.Stages = append(c.Stages, compare.Stage{Change: change})
		}
		return c
	}
	for want, c := range map[string]compare.Comparison{
		"Worse: 2 of 3 stages.":                 stages(compare.Worse, compare.Unclear, compare.Worse),
		"Unclear: 1 of 2 stages may be worse.":  stages(compare.Unclear, compare.Better),
		"Better: 1 of 2 stages; none is worse.": stages(compare.Better, compare.Unchanged),
		"Unchanged: no stage is worse.":         stages(compare.Unchanged, compare.New),
	} {
		if got := ComparedOf(c).Result; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
