package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"plan/internal/bench/peers"
	"plan/internal/golden"
)

// small returns two rounds of all shapes, on a machine without k6.
func small() (options, world, []record) {
	o := options{rounds: 2}
	w := world{
		at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), cpu: "Some CPU", cpus: 4, memory: 16e9, kernel: "Linux 6.1",
		cores: cores{0, 3}, allocation: allocation{exact: true},
	}
	for _, p := range peers.All("plan") {
		if p.Program == "k6" {
			w.absent = append(w.absent, p)
		} else {
			w.generators = append(w.generators, generator{Peer: p, version: "1.2"})
		}
	}
	var records []record
	for i, t := range turns(o) {
		if _, here := w.find(t.peer); !here {
			continue
		}
		r := t.record()
		r.Tries, r.Requests, r.CPU, r.Peak = 1, int64(10_000+10*i), 0.1+float64(i)/100, int64(8+i)<<20
		r.Active, r.First, r.Last, r.AllActive = t.shape.users, new(0.01+float64(i)/1e4), new(10.5), new(1.1)
		r.Reported = peers.Reported{P50: new(0.001), P99: new(1.8), Max: new(2.0), Errors: new(int64(i % 2))}
		if t.shape.stall {
			r.Stall = 2
		} else if t.shape.noted {
			r.Fit = &fit{1000, 1e-5 * float64(i), 3e-5 * float64(i)}
		}
		r.Disturbed = t.peer == "wrk" && t.round == 2
		if t.peer == "ab" {
			r.Failed = "killed: a | b\nc"
		}
		records = append(records, r)
	}
	return o, w, records
}

func TestDocument(t *testing.T) {
	o, w, records := small()
	got := document(o, w, records, "It is the cache.")
	golden.Compare(t, "testdata/document.md", []byte(got))
}

func TestWhatWasWrittenByHandIsKept(t *testing.T) {
	o, w, records := small()
	o.doc = filepath.Join(t.TempDir(), "new", "benchmarks.md")
	write := func() string {
		if err := publish(t.Output(), o, w, records); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(o.doc)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	first := write()
	if !strings.Contains(first, noNotes) {
		t.Error("there is no place for what is written by hand")
	}
	const notes = "Because of this:\n\n- and that"
	if err := os.WriteFile(o.doc, []byte(strings.Replace(first, noNotes, notes, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Replace(first, noNotes, notes, 1), write()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadAllocation(t *testing.T) {
	passed := "=== RUN   TestNoAllocationsPerRequest\n--- PASS: TestNoAllocationsPerRequest (0.10s)\n    --- PASS: TestNoAllocationsPerRequest/that_all_fail (0.02s)\n"
	benchmark := "BenchmarkLoop-2   \t 1000000\t       201.5 ns/op\t       2 B/op\t       0 allocs/op\nPASS\n"
	for name, c := range map[string]struct{ out, want string }{
		"both":           {passed + benchmark, "| 0 |  |  |  | 0 | yes |"},
		"some":           {passed + strings.Replace(benchmark, "0 allocs", "3 allocs", 1), "| 3 |  |  |  | 0 | **no** |"},
		"test fails":     {strings.ReplaceAll(passed, "PASS", "FAIL") + benchmark, "| 0 |  |  |  | 0 | **no** |"},
		"no benchmark":   {passed + "PASS\n", "| - |  |  |  | 0 | go test ./engine has no BenchmarkLoop |"},
		"does not build": {"FAIL\tplan/engine [build failed]\n", "| - |  |  |  | 0 | go test ./engine has no BenchmarkLoop |"},
	} {
		if got := readAllocation(c.out).row(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
