package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// fate is the result of a mutant.
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

// The tests of a mutant may take this many times their usual duration, plus the
// patience of the campaign, because other work slows them down too.
const timesUsual = 20

// mostMemory is the limit of address space of a test process, in KiB: a mutant
// may allocate in an endless loop.
const mostMemory = 8 << 20

// bed is a folder with the compiled tests of each package, with all joined
// mutants, and their usual durations.
type bed struct {
	root     string
	folder   string
	patience time.Duration
	binaries map[string]string        // by package
	usual    map[string]time.Duration // by package
}

// test tests every mutant, one at a time.
func (c campaign) test(ctx context.Context, all []mutant) ([]result, error) {
	all = sorted(all)
	folder, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	root, err := filepath.Abs(c.root)
	if err != nil {
		return nil, err
	}
	b := &bed{root: root, folder: folder, patience: c.patience, binaries: map[string]string{}, usual: map[string]time.Duration{}}
	if err := b.prepare(ctx, all); err != nil {
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

// prepare joins mutants, compiles the tests with them, and checks that they
// pass without a mutant.
func (b *bed) prepare(ctx context.Context, all []mutant) error {
	overlay, err := b.overlay("joined", joined(all))
	if err != nil {
		return err
	}
	for _, m := range all {
		for _, tests := range m.tests {
			if b.binaries[tests] != "" {
				continue
			}
			binary, err := b.compile(ctx, "joined-"+strconv.Itoa(len(b.binaries)), tests, overlay)
			if err != nil {
				return err
			}
			begun := time.Now()
			if out, err := b.start(ctx, binary, tests, original).CombinedOutput(); err != nil {
				return fmt.Errorf("the tests of %s fail without any change: %w\n%s", tests, err, out)
			}
			b.binaries[tests], b.usual[tests] = binary, time.Since(begun)
		}
	}
	return nil
}

// fateOf tests one mutant with each package that has to detect it.
func (b *bed) fateOf(ctx context.Context, worker string, m mutant) (fate, error) {
	if m.kind == illegal {
		return noCompile, nil
	}
	for _, tests := range m.tests {
		binary := b.binaries[tests]
		if m.kind == single {
			overlay, err := b.overlay(worker, map[string]string{m.File: m.applied()})
			if err != nil {
				return "", err
			}
			if binary, err = b.compile(ctx, worker, tests, overlay); err != nil {
				return "", err
			}
		}
		within, cancel := context.WithTimeout(ctx, timesUsual*b.usual[tests]+b.patience)
		err := b.start(within, binary, tests, m.number).Run()
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

// overlay writes changed files, by path from the module's root, and the overlay
// file for the go command.
func (b *bed) overlay(name string, texts map[string]string) (string, error) {
	places := map[string]string{}
	for path, text := range texts {
		changed := filepath.Join(b.folder, fmt.Sprintf("%s-%d.go", name, len(places)))
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			return "", err
		}
		places[filepath.Join(b.root, filepath.FromSlash(path))] = changed
	}
	list, err := json.Marshal(map[string]any{"Replace": places})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(b.folder, name+".json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}

// compile builds the test binary of a package.
func (b *bed) compile(ctx context.Context, name, tests, overlay string) (string, error) {
	binary := filepath.Join(b.folder, name+".test")
	command := b.command(ctx, b.root, "go", "test", "-c", "-vet=off", "-gcflags=-l", "-ldflags=-s -w", "-overlay="+overlay, "-o", binary, "./"+tests)
	out, err := command.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("%s: %w\n%s", command, err, out)
	}
	return binary, nil
}

// start returns the command that tests a package with one of the joined
// mutants.
func (b *bed) start(ctx context.Context, binary, tests, number string) *exec.Cmd {
	command := b.command(ctx, filepath.Join(b.root, filepath.FromSlash(tests)),
		"sh", "-c", `ulimit -v "$0" && exec "$@"`, strconv.Itoa(mostMemory), binary, "-test.short", "-test.failfast")
	command.Env = append(os.Environ(), choice+"="+number)
	return command
}

// command returns a command that ends with ctx and does not wait for its child
// processes.
func (b *bed) command(ctx context.Context, folder, name string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = folder
	command.WaitDelay = time.Second
	return command
}

// progress prints the progress on standard error every half minute.
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
