package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// fate is what came of a mutant.
type fate string

const (
	killed    fate = "killed"
	timedOut  fate = "timed out" // counts as killed
	noCompile fate = "not compiled"
	survived  fate = "survived"
)

type result struct {
	mutant
	fate fate
}

// The tests of a mutant may take so many times as long as without any change,
// and the patience of the campaign more: other work on the machine makes them
// slower too.
const timesUsual = 20

// mostMemory of a test's process in KiB of addresses: a change may make a loop
// endless that allocates.
const mostMemory = 8 << 20

// bed is a folder for what is made, and how long tests take without a change.
type bed struct {
	root     string
	folder   string
	patience time.Duration
	usual    map[string]time.Duration // by package
}

// test tries every mutant, each for itself.
func (c campaign) test(ctx context.Context, all []mutant) ([]result, error) {
	folder, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	root, err := filepath.Abs(c.root)
	if err != nil {
		return nil, err
	}
	b := &bed{root: root, folder: folder, patience: c.patience, usual: map[string]time.Duration{}}
	if err := b.measure(ctx, all); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make([]result, len(all))
	next := make(chan int)
	var workers sync.WaitGroup
	for w := range max(1, c.workers) {
		workers.Go(func() {
			for i := range next {
				f, err := b.fateOf(ctx, strconv.Itoa(w), all[i])
				if err != nil {
					cancel(err)
				}
				results[i] = result{all[i], f}
			}
		})
	}
	told := progress{of: len(all), begun: time.Now()}
	for i := range all {
		if ctx.Err() != nil {
			break
		}
		next <- i
		told.at(i + 1)
	}
	close(next)
	workers.Wait()
	return results, context.Cause(ctx)
}

// measure runs the tests without a change, which must pass.
func (b *bed) measure(ctx context.Context, all []mutant) error {
	for _, m := range all {
		for _, tests := range m.tests {
			if b.usual[tests] > 0 {
				continue
			}
			binary, err := b.compile(ctx, "usual", tests, "")
			if err != nil {
				return err
			}
			begun := time.Now()
			if out, err := b.start(ctx, binary, tests).CombinedOutput(); err != nil {
				return fmt.Errorf("the tests of %s fail without any change: %w\n%s", tests, err, out)
			}
			b.usual[tests] = time.Since(begun)
		}
	}
	return nil
}

// fateOf tries one mutant with the tests of each package that is to notice it.
func (b *bed) fateOf(ctx context.Context, worker string, m mutant) (fate, error) {
	overlay, err := b.overlay(worker, m)
	if err != nil {
		return "", err
	}
	for _, tests := range m.tests {
		binary, err := b.compile(ctx, worker, tests, overlay)
		if errors.Is(err, errNoCompile) {
			return noCompile, nil
		}
		if err != nil {
			return "", err
		}
		within, cancel := context.WithTimeout(ctx, timesUsual*b.usual[tests]+b.patience)
		err = b.start(within, binary, tests).Run()
		late := within.Err() != nil
		cancel()
		switch {
		case ctx.Err() != nil:
			return "", context.Cause(ctx)
		case late:
			return timedOut, nil
		case err != nil:
			return killed, nil
		}
	}
	return survived, nil
}

// overlay writes the changed file, and what tells the go command to read it.
func (b *bed) overlay(worker string, m mutant) (string, error) {
	file := filepath.Join(b.root, filepath.FromSlash(m.File))
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(b.folder, worker+".go")
	if err := os.WriteFile(changed, m.applied(text), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(b.folder, worker+".json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}

// errNoCompile is a change that the language does not allow.
var errNoCompile = errors.New("it does not compile")

// place is how the compiler begins what it says of a line.
var place = regexp.MustCompile(`(?m)^\S+\.go:\d+:\d+: `)

// compile makes the test binary of a package.
func (b *bed) compile(ctx context.Context, worker, tests, overlay string) (string, error) {
	binary := filepath.Join(b.folder, worker+".test")
	arguments := []string{"test", "-c", "-vet=off", "-gcflags=-l", "-ldflags=-s -w", "-o", binary} // in the least time
	if overlay != "" {
		arguments = append(arguments, "-overlay="+overlay)
	}
	command := b.command(ctx, b.root, "go", append(arguments, "./"+tests)...)
	out, err := command.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil && overlay != "" && place.Match(out):
		return "", errNoCompile
	case err != nil:
		return "", fmt.Errorf("%s: %w\n%s", command, err, out)
	}
	return binary, nil
}

// start is the tests of a package, in its folder.
func (b *bed) start(ctx context.Context, binary, tests string) *exec.Cmd {
	return b.command(ctx, filepath.Join(b.root, filepath.FromSlash(path.Clean(tests))),
		"sh", "-c", `ulimit -v "$0" && exec "$@"`, strconv.Itoa(mostMemory), binary, "-test.short", "-test.failfast")
}

// command ends with ctx, and does not wait for what it left behind.
func (b *bed) command(ctx context.Context, folder, name string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = folder
	command.WaitDelay = time.Second
	return command
}

// progress says on standard error how far it is, every half a minute.
type progress struct {
	of          int
	begun, last time.Time
}

const tellAgain = 30 * time.Second

func (p *progress) at(n int) {
	if p.last.IsZero() {
		p.last = p.begun
	}
	if time.Since(p.last) < tellAgain && n < p.of {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(os.Stderr, "mutants: %d of %d begun after %s\n", n, p.of, time.Since(p.begun).Round(time.Second))
}
