package acceptance

import (
	"strings"
	"testing"
)

// TestWhatALoadAloneDoesNotShow: one user reaches one of four workers, and a
// service may fall silent with the last answer of its load.
func TestWhatALoadAloneDoesNotShow(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	r := run(t, dir, planArgs(t, dir, "testdata/phases.hcl", "image="+sample(t))...)
	read := readReport(t, dir, r)
	for i, want := range []struct{ verdict, reason, why string }{
		{"failed", "oom_worker", "out of memory on the first request: a process was killed, and the container kept running"},
		{"passed", "", "requests OK"},
		{"failed", "hung", `stopped responding: after the load "GET /health" failed: timeout: no complete response within 10s`},
	} {
		if len(read.Stages) <= i || len(read.Stages[i].Trials) != 1 {
			t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		s := read.Stages[i]
		if got := s.Trials[0]; got.Verdict != want.verdict || got.reason() != want.reason || !strings.Contains(got.Why, want.why) {
			t.Errorf("%s: %s", s.Address, s.told())
		}
	}
	if p := read.Stages[1].Trials[0].Instances[0].Processes; p == nil || p.Answered != 4 || p.Of != 4 {
		t.Errorf("of four workers %+v answered", p)
	}
	if left := remains(t, read.Run.ID); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestSilenceAfterALoadByLocust: no figure of Locust's shows that a service no
// longer answers.
func TestSilenceAfterALoadByLocust(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	r := run(t, dir, planArgs(t, dir, "testdata/locust/alone.hcl", "image="+sample(t), "locust="+newestLocust(t), "command="+texts("--hang-after", "10"))...)
	s := readReport(t, dir, r).only(t)
	const why = `stopped responding: after the load "GET /health" failed: timeout: no complete response within 10s`
	if r.code != 1 || len(s.Trials) != 1 || s.Trials[0].reason() != "hung" || s.Trials[0].Why != why {
		t.Errorf("exit %d%s", r.code, s.told())
	}
}
