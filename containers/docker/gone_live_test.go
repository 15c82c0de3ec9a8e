package docker

import (
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plan/containers"
)

// proxy stands before the engine's socket and can be taken away.
type proxy struct {
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn
}

func proxyFor(t *testing.T, socket string) (*proxy, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "engine.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener}
	t.Cleanup(p.goAway)
	go p.serve(socket)
	return p, "unix://" + path
}

func (p *proxy) serve(socket string) {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("unix", socket)
		if err != nil {
			near.Close()
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, near, far)
		p.mu.Unlock()
		go io.Copy(near, far)
		go io.Copy(far, near)
	}
}

func (p *proxy) goAway() {
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.open {
		conn.Close()
	}
}

func TestAnEngineThatGoesAwayInTheMiddle(t *testing.T) {
	behind := live(t) // cleans up what the lost one leaves
	address := behind.engine.DaemonHost()
	if !strings.HasPrefix(address, "unix://") {
		t.Skip("the engine has no socket here to stand before")
	}
	p, through := proxyFor(t, strings.TrimPrefix(address, "unix://"))
	t.Setenv("DOCKER_HOST", through)
	d, err := New(t.Context(), behind.options)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s := spec(t, behind)
	i := start(t, d, s)
	agent, err := d.Agent(t.Context(), s.Networks)
	if err != nil {
		t.Fatal(err)
	}
	log, err := i.Follow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.goAway()
	// It ends; whether as broken or as finished depends on what was under way.
	if _, err := io.ReadAll(agent); err != nil {
		t.Logf("the agent's output ended with %v", err)
	}
	if _, err := io.ReadAll(log); err != nil {
		t.Logf("the log ended with %v", err)
	}
	if event := await(t, i, containers.Lost); !strings.Contains(event.Detail, through) {
		t.Errorf("it is lost with %q, want the engine's address", event.Detail)
	}
	if _, err := i.State(t.Context()); !isKind(err, containers.EngineGone) {
		t.Errorf("asking for the state gives %v", err)
	}
	for what, ask := range map[string]func() error{
		"closing the agent": agent.Close, "closing the log": log.Close,
		"removing": func() error { return i.Remove(t.Context()) }, "cleaning": func() error { return d.Clean(t.Context()) },
	} {
		from := time.Now()
		err := ask()
		if took := time.Since(from); took > 10*time.Second {
			t.Errorf("%s takes %s", what, took)
		}
		t.Log(what, err)
	}
	if _, err := New(t.Context(), behind.options); !isKind(err, containers.EngineGone) {
		t.Errorf("a new start gives %v", err)
	}
}
