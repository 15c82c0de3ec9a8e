package acceptance

import "testing"

// TestTheCheapestIsTheTruth compares the cheapest combination of memory, CPUs and a
// setting with a ladder of plain docker runs. The service holds its load with the
// least CPU, and does not read the setting.
func TestTheCheapestIsTheTruth(t *testing.T) {
	needEngine(t)
	t.Parallel()
	image := sample(t)
	flags := []string{"--memory", mib(need(t, 140, 1100))}
	truth := least(t, image, flags, nil, lowest, highest, step)
	dir := t.TempDir()
	r := run(t, dir, planArgs(t, dir, "testdata/cheapest.hcl", "image="+image, "command="+texts(flags...))...)
	read := readReport(t, dir, r)
	s := read.only(t)
	if r.code != 0 || s.found() != truth {
		t.Fatalf("plan found %dM (exit %d), docker run %dM%s", s.found(), r.code, truth, s.told())
	}
	if s.Certificate == nil || len(s.Certificate.Failed) != 2 { // one for each value of the setting
		t.Fatalf("the answer is not proven by two failures%s", s.told())
	}
	for _, id := range s.Certificate.Failed {
		failed := s.trialAt(t, id)
		if *failed.Set.Memory != int64(truth-step)*mebibyte || !outOfMemory(failed) {
			t.Errorf("%s failed at %d bytes (%s)", id, *failed.Set.Memory, failed.reason())
		}
	}
	if left := made(t, read.Run.ID); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if len(s.Trials) > 14 { // of 60 combinations
		t.Errorf("%d trials", len(s.Trials))
	}
}
