package acceptance

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestTwoRunsAtOnce do not see each other: both find what is true for them,
// and what one removes is its own.
func TestTwoRunsAtOnce(t *testing.T) {
	needEngine(t)
	t.Parallel()
	type asked struct {
		process *process
		dir     string
		need    string
		want    int
	}
	runs := []*asked{{need: "150M", want: 200}, {need: "250M", want: 300}}
	for _, a := range runs {
		a.dir = t.TempDir()
		a.process = start(t, a.dir, nil, searchArgs(t, a.dir, "image="+sample(t), "command="+texts("--memory", a.need), "from=100M", "to=400M")...)
	}
	for _, a := range runs {
		r := a.process.wait()
		read := readReport(t, a.dir, r)
		if s := read.only(t); r.code != 0 || s.found() != a.want {
			t.Errorf("%s: exit %d, found %dM, want %dM%s", a.need, r.code, s.found(), a.want, s.told())
		}
		if left := remains(t, read.Run.ID); len(left) > 0 {
			t.Errorf("%s: left behind %v", a.need, left)
		}
	}
}

// TestAliasThatIsTaken: on a network where somebody else is called api, our
// containers do not take that name.
func TestAliasThatIsTaken(t *testing.T) {
	needEngine(t)
	t.Parallel()
	net := network(t)
	other := container(t, "--network", net, "--network-alias", "api", sample(t), "--memory", "10M")
	dir := t.TempDir()
	p := start(t, dir, nil, planArgs(t, dir, "testdata/network.hcl", "image="+sample(t), "network="+net, "external=true")...)
	aliases := lines(t, "inspect", "-f", "{{range .NetworkSettings.Networks}}{{range .Aliases}}{{.}} {{end}}{{end}}", p.inTrial())
	if slices.Contains(aliases, "api") {
		t.Errorf("the trial's container has the aliases %v, and %s is called api", aliases, other)
	}
	r := p.wait()
	if s := readReport(t, dir, r).only(t); r.code != 0 {
		t.Errorf("exit %d%s\n%s", r.code, s.told(), r.stderr)
	}
	if up := end(t, other); up != "" {
		t.Errorf("the other api has ended: %s", up)
	}
	docker(t, "network", "inspect", net) // an external network stays
}

// TestNetworkThatIsTaken: a network of the plan's own whose name is there
// already is not used and not removed.
func TestNetworkThatIsTaken(t *testing.T) {
	needEngine(t)
	t.Parallel()
	net := network(t)
	refused(t, []string{net, "external"}, "network="+net)
	docker(t, "network", "inspect", net)
}

// TestNetworkThatIsMisspelt names the near one.
func TestNetworkThatIsMisspelt(t *testing.T) {
	needEngine(t)
	t.Parallel()
	net := network(t)
	refused(t, []string{`did you mean "` + net + `"?`}, "network="+net+"s", "external=true")
}

// TestPortInUse: a process of this machine listens on a port that the plan
// publishes.
func TestPortInUse(t *testing.T) {
	needEngine(t)
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	net := network(t)
	refused(t, []string{port, "in use"}, "network="+net, "external=true", "ports="+texts("127.0.0.1:"+port+":8000"))
}

// refused runs a plan for which the environment is not ready: exit code 3 and
// words that help.
func refused(t *testing.T, want []string, variables ...string) {
	t.Helper()
	dir := t.TempDir()
	r := run(t, dir, planArgs(t, dir, "testdata/network.hcl", append(variables, "image="+sample(t))...)...)
	if r.code != 3 {
		t.Errorf("exit %d, want 3", r.code)
	}
	for _, text := range want {
		if !strings.Contains(r.stdout+r.stderr, text) {
			t.Errorf("%q is not said", text)
		}
	}
	if t.Failed() {
		t.Log(r.stdout + r.stderr)
	}
}

// TestEngineThatGoesAway: the engine no longer answers in the middle of a
// trial. That is no verdict; what stays behind is removed once it is back.
func TestEngineThatGoesAway(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	image := sample(t)
	engine := newProxy(t)
	p := start(t, dir, []string{"DOCKER_HOST=unix://" + engine.path}, searchArgs(t, dir, "image="+image, "command="+texts("--memory", "20M"), "runtime=30s")...)
	p.inTrial()
	engine.cut()
	r := p.wait()
	read := readReport(t, dir, r)
	s := read.only(t)
	if r.code != 3 || len(s.Trials) != 1 || s.Trials[0].Verdict != "aborted" || s.Trials[0].reason() != "engine" {
		t.Errorf("exit %d%s; want 3 and one trial that the engine aborted", r.code, s.told())
	}
	if held := recorded(t, dir, read.Run.ID); len(held) != 1 || held[0].reason() != "engine" {
		t.Errorf("the journal holds %+v", held)
	}
	if !strings.Contains(r.stdout+r.stderr, "engine") || !strings.Contains(r.stdout+r.stderr, "plan clean") ||
		!strings.Contains(r.stdout, "--resume="+read.Run.ID) {
		t.Errorf("the engine, plan clean or --resume is not named:\n%s%s", r.stdout, r.stderr)
	}
	cleaned(t, dir, read.Run.ID)
}

// proxy stands before the engine's socket and can be cut.
type proxy struct {
	path     string
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
	gone     bool
}

func newProxy(t *testing.T) *proxy {
	t.Helper()
	dir, err := os.MkdirTemp("", "engine") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &proxy{path: filepath.Join(dir, "docker.sock")}
	if p.listener, err = net.Listen("unix", p.path); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.cut)
	go p.serve(engineSocket(t))
	return p
}

// engineSocket is where the engine of these tests listens.
func engineSocket(t *testing.T) string {
	t.Helper()
	host := docker(t, "context", "inspect", "-f", "{{.Endpoints.docker.Host}}")
	if set := os.Getenv("DOCKER_HOST"); set != "" {
		host = set
	}
	path, ok := strings.CutPrefix(host, "unix://")
	if !ok {
		t.Skipf("the engine at %s has no socket on this machine", host)
	}
	return path
}

func (p *proxy) serve(socket string) {
	for {
		here, err := p.listener.Accept()
		if err != nil {
			return
		}
		there, err := net.Dial("unix", socket)
		if err != nil || !p.keep(here, there) {
			here.Close()
			continue
		}
		go pipe(here, there)
		go pipe(there, here)
	}
}

func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, conns...)
	return !p.gone
}

// cut ends every connection and takes no more.
func (p *proxy) cut() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
	for _, c := range p.open {
		c.Close()
	}
}

// pipe copies one direction; the other one goes on when this one has ended.
func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.(*net.UnixConn).CloseWrite()
}
