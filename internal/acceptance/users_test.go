package acceptance

import "testing"

// TestARampFindsTheUsers searches the most users of a service with eight slots: as many
// never wait, and twice as many wait for as long as a prediction takes.
func TestARampFindsTheUsers(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	r := run(t, dir, planArgs(t, dir, "testdata/users.hcl", "image="+sample(t))...)
	read := readReport(t, dir, r) // which checks the journal too
	s := read.only(t)
	if r.code != 0 || s.Held == nil || *s.Held < 8 || *s.Held >= 16 {
		t.Fatalf("exit %d, held %v%s", r.code, s.Held, s.told())
	}
	if s.Certificate == nil || len(s.Certificate.Failed) != 1 {
		t.Fatalf("no proof%s", s.told())
	}
	passed, failed := s.trialAt(t, s.Certificate.Passed), s.trialAt(t, s.Certificate.Failed[0])
	if *passed.Users != *s.Held || passed.Verdict != "passed" || *failed.Users <= *s.Held || *failed.Users > *s.Held+4 ||
		failed.reason() != "latency" {
		t.Errorf("%d users %s, %d users %s (%s)", *passed.Users, passed.Verdict, *failed.Users, failed.Verdict, failed.reason())
	}
	first := s.Trials[0]
	if n := len(first.Windows); n < 2 || first.Windows[0].Broken != "" || first.Windows[n-1].Broken == "" || first.Windows[n-1].Users > 16 {
		t.Errorf("the load that doubles: %+v", first.Windows)
	}
	if len(s.Trials) > 6 {
		t.Errorf("%d trials", len(s.Trials))
	}
	if left := made(t, read.Run.ID); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
