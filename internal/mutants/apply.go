package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// outcome is the result of a mutant.
type outcome string

const (
	killed    outcome = "killed"
	timedOut  outcome = "timed out" // counts as killed
	noCompile outcome = "not compiled"
	survived  outcome = "survived"
)

type result struct {
	mutant
	outcome outcome
}

// The tests of a mutant may take this many times their usual duration, plus the
// patience of the campaign, because other work slows them down too.
const timeoutFactor = 20

// mostMemory is the limit of address space of a test process, in KiB: a mutant
// may allocate in an endless loop.
const mostMemory = 8 << 20

// workspace is a folder with the compiled tests of each package.
type workspace struct {
	root     string
	folder   string
	patience time.Duration
	suites   map[string]suite // by package
}

// suite is the tests of a package, compiled with all joined mutants.
type suite struct {
	binary string
	parts  []part // in the order in which they run
}

// part is some of the tests of a package.
type part struct {
	choice string        // the flag of the test binary that chooses them
	usual  time.Duration // that they take
}

// quickShares are shares of the time of a package's tests that its quickest ones take.
// These run first: most mutants need no others.
var quickShares = []float64{0.01, 0.1}

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
	b := &workspace{root: root, folder: folder, patience: c.patience, suites: map[string]suite{}}
	if err := b.prepare(ctx, all); err != nil {
		return nil, cmp.Or(context.Cause(ctx), err) // a test that was stopped says only that it failed
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	results := make([]result, len(all))
	next := make(chan int)
	var workers sync.WaitGroup
	for w := range max(1, c.workers) {
		workers.Go(func() {
			for i := range next {
				f, err := b.outcomeOf(ctx, strconv.Itoa(w), all[i])
				if err != nil {
					cancel(err)
				}
				results[i] = result{all[i], f}
			}
		})
	}
	shown := progress{of: len(all), begun: time.Now()}
	for i := range all {
		if ctx.Err() != nil {
			break
		}
		next <- i
		shown.at(i + 1)
	}
	close(next)
	workers.Wait()
	return results, context.Cause(ctx)
}

// prepare joins mutants, compiles the tests with them, and checks that they
// pass without a mutant.
func (b *workspace) prepare(ctx context.Context, all []mutant) error {
	overlay, err := b.overlay("joined", joined(all))
	if err != nil {
		return err
	}
	for _, m := range all {
		for _, tests := range m.tests {
			if b.suites[tests].binary != "" {
				continue
			}
			binary, err := b.compile(ctx, "joined-"+strconv.Itoa(len(b.suites)), tests, overlay)
			if err != nil {
				return err
			}
			begun := time.Now()
			out, err := b.start(ctx, binary, tests, original, "-test.v").CombinedOutput()
			if err != nil {
				return fmt.Errorf("the tests of %s fail without any change: %w\n%s", tests, err, out)
			}
			b.suites[tests] = suite{binary, partsOf(string(out), time.Since(begun))}
		}
	}
	return nil
}

// passed is a line of the output of tests about one that passed.
var passed = regexp.MustCompile(`(?m)^--- PASS: (\w+) \((.*)\)$`)

// partsOf returns the tests of a package by the output of all, the quickest first.
func partsOf(out string, took time.Duration) (parts []part) {
	type test struct {
		name string
		took time.Duration
	}
	var all []test
	var total, quick time.Duration
	for _, line := range passed.FindAllStringSubmatch(out, -1) {
		d, _ := time.ParseDuration(line[2])
		all, total = append(all, test{line[1], d}), total+d
	}
	slices.SortStableFunc(all, func(a, b test) int { return cmp.Compare(a.took, b.took) })
	skipped := "" // what the last part leaves out
	for _, share := range quickShares {
		var names []string
		for ; len(all) > 0 && float64(quick+all[0].took) <= share*float64(total); all = all[1:] {
			quick, names = quick+all[0].took, append(names, all[0].name)
		}
		if len(names) > 0 {
			pattern := "^(" + strings.Join(names, "|") + ")$"
			parts = append(parts, part{"-test.run=" + pattern, time.Duration(share * float64(took))})
			skipped = strings.TrimPrefix(skipped+"|"+pattern, "|")
		}
	}
	return append(parts, part{"-test.skip=" + skipped, took})
}

// outcomeOf tests one mutant with each package that has to detect it.
func (b *workspace) outcomeOf(ctx context.Context, worker string, m mutant) (outcome, error) {
	if m.kind == illegal {
		return noCompile, nil
	}
	for _, tests := range m.tests {
		binary := b.suites[tests].binary
		if m.kind == single {
			overlay, err := b.overlay(worker, map[string]string{m.File: m.applied()})
			if err != nil {
				return "", err
			}
			if binary, err = b.compile(ctx, worker, tests, overlay); err != nil {
				return "", err
			}
		}
		for _, p := range b.suites[tests].parts {
			within, cancel := context.WithTimeout(ctx, timeoutFactor*p.usual+b.patience)
			err := b.start(within, binary, tests, m.number, p.choice).Run()
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
	}
	return survived, nil
}

// overlay writes changed files, by path from the module's root, and the overlay
// file for the go command.
func (b *workspace) overlay(name string, texts map[string]string) (string, error) {
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
func (b *workspace) compile(ctx context.Context, name, tests, overlay string) (string, error) {
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
// mutants, with one more flag.
func (b *workspace) start(ctx context.Context, binary, tests, number, flag string) *exec.Cmd {
	command := b.command(ctx, filepath.Join(b.root, filepath.FromSlash(tests)),
		"sh", "-c", `ulimit -v "$0" && exec "$@"`, strconv.Itoa(mostMemory), binary, "-test.short", "-test.failfast", flag)
	command.Env = append(os.Environ(), choice+"="+number)
	return command
}

// command returns a command that ends with ctx and does not wait for its child
// processes.
func (b *workspace) command(ctx context.Context, folder, name string, arguments ...string) *exec.Cmd {
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

const reportEvery = 30 * time.Second

func (p *progress) at(n int) {
	if p.last.IsZero() {
		p.last = p.begun
	}
	if time.Since(p.last) < reportEvery && n < p.of {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(os.Stderr, "mutants: %d of %d begun after %s\n", n, p.of, time.Since(p.begun).Round(time.Second))
}
