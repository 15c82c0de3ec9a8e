package truth

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"plan/engine"
)

// child is this binary in another role.
type child struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func spawn(t *testing.T, variable string, orders any) *child {
	t.Helper()
	c := &child{command: exec.Command(os.Args[0])}
	c.command.Env = append(os.Environ(), variable+"=1")
	c.command.Stderr = os.Stderr
	var err error
	if c.in, err = c.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // it has ended already if the test passed
		c.command.Process.Kill()
		c.command.Wait()
	})
	if err := json.NewEncoder(c.in).Encode(orders); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *child) line(t *testing.T) string {
	t.Helper()
	line, err := c.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// end lets a child end by itself and returns the rest of its output.
func (c *child) end(t *testing.T) []byte {
	t.Helper()
	c.in.Close()
	late := time.AfterFunc(30*time.Second, func() { c.command.Process.Kill() })
	defer late.Stop()
	rest, err := io.ReadAll(c.out)
	if err = errors.Join(err, c.command.Wait()); err != nil {
		t.Fatal(err)
	}
	return rest
}

// engaged is a running referee.
type engaged struct {
	*child
	addresses []string
}

func engage(t *testing.T, o orders) *engaged {
	t.Helper()
	e := &engaged{child: spawn(t, asReferee, o)}
	for range o.Listeners {
		e.addresses = append(e.addresses, e.line(t))
	}
	return e
}

// begin sends the referee the approximate end of the load that starts now.
func (e *engaged) begin(runtime time.Duration) {
	fmt.Fprintln(e.in, int64(now().plus(runtime)))
}

// log returns the referee's log after all connections are closed.
func (e *engaged) log(t *testing.T) (log []connection) {
	t.Helper()
	if err := gob.NewDecoder(bytes.NewReader(e.end(t))).Decode(&log); err != nil {
		t.Fatal(err)
	}
	return log
}

// transports are the ways to reach a referee: an address with a path goes over
// net/http.
var transports = map[engine.Transport]func(address string) string{
	"epoll":    func(address string) string { return address },
	"net/http": func(address string) string { return "http://" + address + "/by" },
}

func onBoth(t *testing.T, test func(t *testing.T, transport engine.Transport)) {
	for transport := range transports {
		t.Run(string(transport), func(t *testing.T) { test(t, transport) })
	}
}

func (e *engaged) reached(transport engine.Transport) []string {
	var all []string
	for _, address := range e.addresses {
		all = append(all, transports[transport](address))
	}
	return all
}
