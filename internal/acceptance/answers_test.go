package acceptance

import (
	"slices"
	"strings"
	"testing"

	searches "plan/runner/search"
)

// TestAnAnswerThatIsDisproved: with one user the service lives at 60M, and with
// eight, who each hold 11M while they are answered, at some 100M. The ramp is
// killed at the 80M that are recommended first.
func TestAnAnswerThatIsDisproved(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	r := run(t, dir, planArgs(t, dir, "testdata/answers.hcl", "image="+sample(t), "to=200M")...)
	read := readReport(t, dir, r)
	if r.code != 0 || len(read.Stages) != 2 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	memory, ramp := read.Stages[0], read.Stages[1]
	if memory.found() != 100 || len(memory.Disproved) != 1 || memory.Disproved[0].Trial != "ramp.users/1" || !slices.Equal(memory.Certificate.Failed, []string{"ramp.users/1"}) {
		t.Errorf("found %dM, disproved %+v, certificate %+v%s", memory.found(), memory.Disproved, memory.Certificate, memory.told())
	}
	if first := ramp.trialAt(t, "ramp.users/1"); !outOfMemory(first) || *first.Set.Memory != 80*mebibyte || ramp.SetAside != 1 || ramp.Verdict != "passed" {
		t.Errorf("the ramp %s, %d set aside, the first %s at %d bytes%s", ramp.Verdict, ramp.SetAside, first.reason(), *first.Set.Memory, ramp.told())
	}
	for _, want := range []string{"100M is the least: 100M passed, 80M failed (ramp.users/1)", // and by how much it is corrected, beside other tests
		"Recommended: 120M (least + 15 %). Before, 60M was the answer, and ramp.users/1 at 80M disproved it.", "At least 8 users held",
	} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is not printed:\n%s", want, r.stdout)
		}
	}
	if e := run(t, dir, "export", "--format", "docker-update"); e.code != 0 || !strings.Contains(e.stdout, "docker update --memory 120M") {
		t.Errorf("export: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
}

// TestEveryAnswerIsDisproved: nothing up to the end of the range holds the ramp.
func TestEveryAnswerIsDisproved(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	r := run(t, dir, planArgs(t, dir, "testdata/answers.hcl", "image="+sample(t), "to=80M")...)
	read := readReport(t, dir, r)
	memory, ramp := read.Stages[0], read.Stages[1]
	if r.code != 1 || memory.Verdict != "failed" || memory.FailedBy != "disproved" || memory.Found != nil || ramp.Verdict != "skipped" {
		t.Fatalf("exit %d, search %s (%s), ramp %s\n%s", r.code, memory.Verdict, memory.FailedBy, ramp.Verdict, r.stdout)
	}
	if e := run(t, dir, "export", "--format", "compose"); e.code != 1 || e.stdout != "" || !strings.Contains(e.stderr, "every answer of search.memory is disproved; ramp.users/1 disproved the last one: out of memory under load") {
		t.Errorf("export: exit %d\n%s%s", e.code, e.stdout, e.stderr)
	}
}

// TestMoreIsNotAlwaysEasier: whichever way is taken, 100M is the least.
func TestMoreIsNotAlwaysEasier(t *testing.T) {
	needEngine(t)
	t.Parallel()
	image := sample(t)
	for _, strategy := range searches.Strategies() {
		t.Run(strategy.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r := run(t, dir, planArgs(t, dir, "testdata/islands.hcl", "image="+image, "strategy="+strategy.Name)...)
			s := readReport(t, dir, r).only(t)
			if r.code != 0 || s.found() != 100 {
				t.Errorf("exit %d, found %dM%s", r.code, s.found(), s.told())
			}
			if told := strings.Contains(r.stdout, "More is not always easier: 300M passed (search.memory/4) though 500M failed (search.memory/3)."); told != (strategy.Name == "anchored") {
				t.Errorf("that more hurts is told: %v\n%s", told, r.stdout)
			}
		})
	}
}
