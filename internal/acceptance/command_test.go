package acceptance

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long any one run of the command may take.
const patience = 4 * time.Minute

// result is what a finished command left behind.
type result struct {
	stdout, stderr string
	code           int // -1 if a signal ended it
	took           time.Duration
}

// run carries the command out to its end.
func run(t *testing.T, dir string, args ...string) result {
	t.Helper()
	return start(t, dir, nil, args...).wait()
}

// process is the command under way, in a process group of its own.
type process struct {
	t              *testing.T
	command        *exec.Cmd
	stdout, stderr output
	began          time.Time
	ended          chan struct{}
}

// start begins the command in dir, with additions to the environment.
func start(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, command: exec.Command(here.plan, args...), began: time.Now(), ended: make(chan struct{})}
	p.command.Dir = dir
	p.command.Env = append(os.Environ(), env...)
	p.command.Stdout, p.command.Stderr = &p.stdout, &p.stderr
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	t.Cleanup(p.end)
	return p
}

// end makes sure that a test which failed leaves neither the command nor what
// it made.
func (p *process) end() {
	_ = syscall.Kill(-p.command.Process.Pid, syscall.SIGKILL)
	<-p.ended
	if p.command.ProcessState.ExitCode() >= 0 {
		return // it ended by itself
	}
	for _, id := range p.runs() {
		clean := exec.Command(here.plan, "clean", id)
		clean.Dir = p.command.Dir
		_ = clean.Run()
	}
}

// runs are the ids of the runs that were begun in the command's folder.
func (p *process) runs() []string {
	folders, _ := filepath.Glob(filepath.Join(p.command.Dir, ".plan", "runs", "*"))
	for i, f := range folders {
		folders[i] = filepath.Base(f)
	}
	return folders
}

func (p *process) wait() result {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.signal(syscall.SIGQUIT) // it tells where it hangs
		<-p.ended
		p.t.Fatalf("plan %s did not end within %s\n%s", strings.Join(p.command.Args[1:], " "), patience, p.stderr.String())
	}
	return result{p.stdout.String(), p.stderr.String(), p.command.ProcessState.ExitCode(), time.Since(p.began)}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

func (p *process) over() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// goesOn waits for the next poll, and returns whether the command still runs.
func (p *process) goesOn() bool {
	select {
	case <-p.ended:
		return false
	case <-time.After(pollInterval):
		return true
	}
}

// id is the run's id, once it has one.
func (p *process) id() string {
	p.t.Helper()
	var found string
	p.until("the run has a folder", func() bool {
		if runs := p.runs(); len(runs) == 1 {
			found = runs[0]
		}
		return found != ""
	})
	return found
}

// inTrial waits until a service of the run is up, and gives its container.
func (p *process) inTrial() string {
	p.t.Helper()
	id := p.id()
	var services []string
	p.until("a trial has begun", func() bool {
		services = running(p.t, id, "service")
		return len(services) > 0
	})
	return services[0]
}

// until polls while the command runs; it fails when the command ends first.
func (p *process) until(what string, holds func() bool) {
	p.t.Helper()
	if !eventually(time.Minute, func() bool { return holds() || p.over() }) {
		p.t.Fatalf("waited a minute in vain until %s\n%s", what, p.stderr.String())
	}
	if p.over() && !holds() {
		p.t.Fatalf("plan ended before %s\n%s%s", what, p.stdout.String(), p.stderr.String())
	}
}

// pollInterval is the time between two looks at the engine: each look is a
// process of the docker client, which takes some 30 ms of CPU time.
const pollInterval = 100 * time.Millisecond

// eventually polls until something of another process holds, or time is up.
func eventually(within time.Duration, holds func() bool) bool {
	deadline := time.After(within)
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for !holds() {
		select {
		case <-deadline:
			return holds()
		case <-tick.C:
		}
	}
	return true
}

// output is a buffer that may be read while a process writes to it.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}
