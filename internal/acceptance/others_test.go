package acceptance

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// busyLoops keep the machine's CPUs busy until they are stopped.
func busyLoops(t *testing.T, n int) (stop func()) {
	t.Helper()
	var loops []*exec.Cmd
	stop = func() {
		for _, loop := range loops {
			_ = loop.Process.Kill()
			_ = loop.Wait()
		}
		loops = nil
	}
	t.Cleanup(stop)
	for range n {
		loop := exec.Command("sh", "-c", "while :; do :; done")
		loop.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := loop.Start(); err != nil {
			t.Fatal(err)
		}
		loops = append(loops, loop)
	}
	return stop
}

// TestNeighboursMakeNoVerdict: 70 users whom the service holds alone with one CPU.
// Beside six busy loops they are not held, and that is not the service's: the run
// waits until the loops are gone and tries again. Whatever else runs on this
// machine may disturb it for good, and never fails it. It does not run beside
// other tests, which its loops would disturb.
func TestNeighboursMakeNoVerdict(t *testing.T) {
	needEngine(t)
	besideLoops(t, 6, 1, 1, "cpu_time=10ms", "runtime=4s")
}

// besideLoops searches CPUs beside busy loops that end once they were noticed.
// The truth is that one CPU is the least from one value on.
func besideLoops(t *testing.T, loops int, from, to float64, variables ...string) {
	t.Helper()
	dir := t.TempDir()
	args := planArgs(t, dir, "testdata/beside.hcl", append(variables, "image="+sample(t), fmt.Sprintf("from=%g", from), fmt.Sprintf("to=%g", to))...)
	stop := busyLoops(t, loops)
	p := start(t, dir, nil, args...)
	noticed := func() bool {
		return p.over() || strings.Contains(p.stdout.String()+p.stderr.String(), "the trial runs again when other programs use at most 5 %")
	}
	eventually(patience, noticed)
	stop()
	r := p.wait()
	s := readReport(t, dir, r).only(t)
	t.Logf("%d loops, %v from %g to %g: exit %d after %s%s", loops, variables, from, to, r.code, r.took.Round(time.Second), s.told())
	switch {
	case r.code == 5 && s.Verdict == "inconclusive":
	case r.code != 0 || s.Found == nil || s.Found.CPUs == nil || *s.Found.CPUs != 1:
		t.Errorf("exit %d, %s, found %+v, and one CPU is the least\n%s", r.code, s.Verdict, s.Found, r.stderr)
	}
}

// besideRuns is how many runs TestManyRunsBesideOthers makes.
var besideRuns = flag.Int("beside", 0, "how many runs are made beside busy loops and interference")

// TestManyRunsBesideOthers draws what others do, and counts no wrong answer.
func TestManyRunsBesideOthers(t *testing.T) {
	if *besideRuns == 0 {
		t.Skip("it takes a minute or two a run: make beside")
	}
	needEngine(t)
	random := rand.New(rand.NewPCG(*seed, 0))
	for n := range *besideRuns {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			switch n % 4 {
			case 0, 1: // one value, which the service holds
				besideLoops(t, 2+random.IntN(7), 1, 1, fmt.Sprintf("cpu_time=%dms", 8+random.IntN(4)))
			case 2: // and one more, which it does not: 70 users ask for 0.6 to 0.8 CPU
				besideLoops(t, 2+random.IntN(7), 0.5, 1.5, fmt.Sprintf("cpu_time=%dms", 9+random.IntN(3)))
			case 3:
				interfere(t, random.IntN(len(interferences)), 1+random.IntN(2))
			}
		})
	}
}

// interferences are what somebody may do to a container, by what is said of it.
var interferences = []struct {
	said   string
	action func(container string) []string // a docker command
}{
	{"it was paused", func(id string) []string { return []string{"pause", id} }},
	{"it was given other limits", func(id string) []string {
		return []string{"update", "--memory", "500M", "--memory-swap", "500M", id}
	}},
	{"it ran a command that is not of this run: /plan sample --help", func(id string) []string {
		return []string{"exec", id, "/plan", "sample", "--help"}
	}},
	{"it was disconnected from the network plan-", func(id string) []string {
		network, _ := tryDocker("inspect", "-f", "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}", id)
		return []string{"network", "disconnect", network, id}
	}},
}

// TestInterferenceIsNoVerdict: whatever somebody does to a trial, it shows
// nothing; nor does its repetition where it is done again.
func TestInterferenceIsNoVerdict(t *testing.T) {
	needEngine(t)
	t.Parallel()
	for i, c := range interferences {
		t.Run(c.said, func(t *testing.T) {
			t.Parallel()
			interfere(t, i, 2)
		})
	}
	t.Run("once", func(t *testing.T) {
		t.Parallel()
		interfere(t, 0, 1)
	})
}

// interfere does something to so many trials of a search that holds at its only
// value.
func interfere(t *testing.T, which, times int) {
	t.Helper()
	c, dir := interferences[which], t.TempDir()
	p := start(t, dir, nil, searchArgs(t, dir, "image="+sample(t), "command="+texts("--memory", "20M"), "runtime=6s", "from=300M", "to=300M")...)
	done := map[string]bool{}
	for len(done) < times && p.goesOn() {
		for _, id := range running(t, p.id(), "service") {
			if !done[id] {
				if _, err := tryDocker(c.action(id)...); err == nil {
					done[id] = true
				}
			}
		}
	}
	r := p.wait()
	s := readReport(t, dir, r).only(t)
	if code := map[int]int{1: 0, 2: 5}[times]; r.code != code || len(s.Trials) != 2 {
		t.Fatalf("exit %d, want %d%s\n%s", r.code, code, s.told(), r.stderr)
	}
	for i, one := range s.Trials[:times] {
		if one.Verdict != "invalid" || one.reason() != "interfered" || !strings.Contains(one.Why, c.said) {
			t.Errorf("trial %d is %s (%s): %s", i+1, one.Verdict, one.reason(), one.Why)
		}
	}
}

// TestKilledByAnUnknownSender: a supervisor that asks nobody kills the service
// below a limit. The limit is what it depends on, and the answer says so. Where
// the kernel killed for memory elsewhere on the host meanwhile, as in tests of
// other packages, that may be who did it: then it is done again.
func TestKilledByAnUnknownSender(t *testing.T) {
	needEngine(t)
	for try := 1; ; try++ {
		dir := t.TempDir()
		p := start(t, dir, nil, searchArgs(t, dir, "image="+sample(t), "command="+texts("--memory", "20M"), "runtime=6s", "from=300M", "to=500M", "strategy=ladder")...)
		kills := killBelow(t, p, 400*mebibyte)
		r := p.wait()
		s := readReport(t, dir, r).only(t)
		if kills == 0 && os.Getenv("CI") != "true" {
			t.Skip("the engine's processes are not ours to kill")
		}
		if elsewhere := r.code == 5 && strings.Contains(s.told(), "killed from outside"); elsewhere && try < 5 {
			t.Logf("something else was killed for memory%s", s.told())
			continue
		}
		if r.code != 0 || s.found() != 400 || len(s.Trials) != 4 { // the last one is at what is recommended
			t.Fatalf("exit %d%s\n%s", r.code, s.told(), r.stderr)
		}
		for _, one := range s.Trials[:2] {
			if one.Verdict != "failed" || one.reason() != "killed" || !strings.HasSuffix(one.Why, ", twice at this limit and not at the next higher one") {
				t.Errorf("%s is %s (%s): %s", one.ID, one.Verdict, one.reason(), one.Why)
			}
		}
		return
	}
}

// killBelow kills what a run starts below a limit, without asking the engine.
func killBelow(t *testing.T, p *process, most int64) (kills int) {
	t.Helper()
	for p.goesOn() {
		for _, id := range running(t, p.id(), "service") {
			text, err := tryDocker("inspect", "-f", "{{.HostConfig.Memory}} {{.State.Pid}}", id)
			var limit int64
			var pid int
			if _, scanned := fmt.Sscan(text, &limit, &pid); err != nil || scanned != nil || pid < 2 || limit >= most {
				continue
			}
			groups, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
			if strings.Contains(string(groups), id) && syscall.Kill(pid, syscall.SIGKILL) == nil {
				kills++
			}
		}
	}
	return kills
}
