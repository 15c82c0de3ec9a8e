package acceptance

import (
	"syscall"
	"testing"
	"time"
)

// silenceEnds is how long an agent that hears nothing may live: 5 s, and what
// it takes the engine of a busy machine to say that it ended. The load would go
// on for half a minute.
const silenceEnds = 15 * time.Second

// TestAStoppedParent stops the command, which then neither ends nor speaks: the
// load ends all the same, and so does the agent. Going on, the command calls the
// trial invalid, starts the agent anew, repeats the trial, and leaves nothing.
func TestAStoppedParent(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	p := longSearch(t, dir)
	service, id := p.inTrial(), p.id()
	var before int64
	p.until("the load asks", func() bool {
		before, _ = predictions(service)
		return before > 3
	})
	agents := running(t, id, "agent")
	p.signal(syscall.SIGSTOP)
	stopped := time.Now()
	defer p.signal(syscall.SIGCONT)
	if len(agents) != 1 || !eventually(silenceEnds, func() bool { return len(running(t, id, "agent")) == 0 }) {
		t.Fatalf("agents %v: one still runs %v after its parent was stopped", agents, time.Since(stopped))
	}
	took := time.Since(stopped)
	asked, _ := predictions(service)
	time.Sleep(time.Second)
	if later, ok := predictions(service); !ok || later != asked || asked <= before {
		t.Errorf("%d predictions before the command was stopped, %d when the agent had ended, %d later", before, asked, later)
	}
	p.signal(syscall.SIGCONT)
	r := p.wait()
	s := readReport(t, dir, r).only(t)
	t.Logf("the agent ended %v after its parent was stopped; exit %d%s", took.Round(10*time.Millisecond), r.code, s.told())
	if r.code != 0 || len(s.Trials) < 2 || s.Trials[0].Verdict != "invalid" || s.Trials[0].reason() != "suspended" {
		t.Errorf("exit %d%s; want 0, a first trial that is invalid, and its repetition\n%s", r.code, s.told(), r.stderr)
	}
	if left := remains(t, id); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
