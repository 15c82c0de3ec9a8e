package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"plan/internal/bench/peers"
)

// generator is an installed peer.
type generator struct {
	peers.Peer
	path    string
	version string
}

// world describes the machine, the generators, and the figures that need no
// run.
type world struct {
	at         time.Time
	cpu        string // CPU model
	cpus       int
	memory     int64 // in bytes
	kernel     string
	cores      cores
	generators []generator
	absent     []peers.Peer
	allocation allocation
}

// describeMachine collects the description.
func describeMachine(ctx context.Context, o options, c cores) world {
	w := world{at: time.Now(), cores: c, cpu: "unknown CPU"}
	text, _ := os.ReadFile("/proc/cpuinfo")
	if m := regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`).FindSubmatch(text); m != nil {
		w.cpu = string(m[1])
	}
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) == nil {
		w.cpus = set.Count()
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		w.memory = int64(info.Totalram) * int64(info.Unit)
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		w.kernel = unix.ByteSliceToString(name.Sysname[:]) + " " + unix.ByteSliceToString(name.Release[:])
	}
	for _, p := range peers.All(o.plan) {
		path, err := exec.LookPath(p.Program)
		if err == nil {
			path, err = filepath.Abs(path)
		}
		if err != nil {
			w.absent = append(w.absent, p)
			continue
		}
		w.generators = append(w.generators, generator{p, path, version(ctx, p, path)})
	}
	w.allocation = measureAllocation(ctx)
	return w
}

// find returns an installed generator by name.
func (w world) find(name string) (generator, bool) {
	for _, g := range w.generators {
		if g.Name == name {
			return g, true
		}
	}
	return generator{}, false
}

// version returns the version of a peer, as far as it is known.
func version(ctx context.Context, p peers.Peer, path string) string {
	if p.Name == peers.Ours {
		return output(ctx, "git", "describe", "--always", "--dirty")
	}
	if p.Package != "" {
		return output(ctx, "dpkg-query", "-W", "-f", "${Version}", p.Package)
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%s, built with %s", info.Main.Version, info.GoVersion)
}

// output returns the output of a short command.
func output(ctx context.Context, name string, arguments ...string) string {
	out, err := exec.CommandContext(ctx, name, arguments...).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// allocation is the number of allocations per request of the load engine.
type allocation struct {
	perRequest float64
	exact      bool   // the test that counts every allocation passed
	failed     string // why neither is known
}

const (
	allocationBenchmark = "BenchmarkLoop"
	allocationTest      = "TestNoAllocationsPerRequest"
)

// measureAllocation runs the engine's benchmark and test.
func measureAllocation(ctx context.Context) allocation {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	logf("counting allocations with go test ./engine")
	out, err := exec.CommandContext(ctx, "go", "test", "-v", "-count", "1", "-run", "^"+allocationTest+"$",
		"-bench", "^"+allocationBenchmark+"$", "-benchmem", "-benchtime", "1000000x", "./engine").CombinedOutput()
	a := readAllocation(string(out))
	if err != nil {
		a.failed = fmt.Sprintf("go test ./engine: %v", err)
	}
	return a
}

// readAllocation parses the output of go test.
func readAllocation(out string) allocation {
	m := regexp.MustCompile(`(?m)^` + allocationBenchmark + `\S*\s.*\s(\d+) allocs/op`).FindStringSubmatch(out)
	if m == nil {
		return allocation{failed: "go test ./engine has no " + allocationBenchmark}
	}
	n, _ := strconv.ParseFloat(m[1], 64) // the match has digits only
	return allocation{perRequest: n, exact: strings.Contains(out, "--- PASS: "+allocationTest+" ")}
}
