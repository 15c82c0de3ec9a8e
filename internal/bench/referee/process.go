package referee

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Serve runs the referee process: it prints its address as the first line of
// stdout, serves until the other end of control is closed, and prints its log.
func Serve(config string, control *os.File, stdout io.Writer) error {
	var c Config
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return fmt.Errorf("the referee's configuration: %w", err)
	}
	l, address, err := open(c, int(control.Fd()))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(stdout, address); err != nil {
		return err
	}
	if err := l.run(); err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(l.log)
}

// Process is a running referee.
type Process struct {
	Address string // host:port
	command *exec.Cmd
	control io.Closer
	out     *bufio.Reader
}

// patience is how long a referee may take to end.
const patience = 30 * time.Second

// Start starts a referee. The program must call Serve with the arguments that
// follow its own. The referee ends with ctx, and with the program that started
// it.
func Start(ctx context.Context, c Config, program string, arguments ...string) (*Process, error) {
	config, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	p := &Process{command: exec.CommandContext(ctx, program, append(arguments, string(config))...)}
	p.command.Stderr = os.Stderr
	if p.control, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("the referee does not start: %w", err)
	}
	p.out = bufio.NewReader(out)
	address, err := p.out.ReadString('\n')
	if err != nil {
		return nil, errors.Join(errors.New("the referee ended before it listened"), p.command.Wait())
	}
	p.Address = strings.TrimSpace(address)
	return p, nil
}

// End ends the referee and returns its log and CPU time.
func (p *Process) End() (log Log, cpu time.Duration, err error) {
	kill := time.AfterFunc(patience, func() { p.command.Process.Kill() })
	defer kill.Stop()
	p.control.Close()
	err = json.NewDecoder(p.out).Decode(&log)
	if waited := p.command.Wait(); err == nil {
		err = waited
	}
	if err != nil {
		return log, 0, fmt.Errorf("the referee left no log: %w", err)
	}
	state := p.command.ProcessState
	return log, state.UserTime() + state.SystemTime(), nil
}
