package host

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const meminfo = `MemTotal:       16308592 kB
MemFree:          271012 kB
MemAvailable:    9126748 kB
HugePages_Total:       0
`

const stat = `cpu  1000 50 400 8000 100 20 30 10 500 0
cpu0 500 25 200 4000 50 10 15 5 250 0
cpu1 500 25 200 4000 50 10 15 5 250 0
intr 1 2 3
ctxt 99
`

func TestParseMeminfo(t *testing.T) {
	total, available, err := parseMeminfo(meminfo)
	if total != 16308592<<10 || available != 9126748<<10 || err != nil {
		t.Errorf("got %d, %d, %v", total, available, err)
	}
	for _, text := range []string{"", "MemTotal: 5 kB\n", "MemTotal: x kB\n", "MemAvailable: 5 kB\n"} {
		if _, _, err := parseMeminfo(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestParseStat(t *testing.T) {
	got, err := parseStat(stat)
	want := counters{busy: 1510, total: 9610, cpus: 2}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(counters{})); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, text := range []string{"", "cpu  x\n", "cpu 1 2\n", "cpu0 1 2 3\n"} {
		if _, err := parseStat(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestOOMKills(t *testing.T) {
	if n := oomKills("nr_free_pages 1\noom_kill 345\ndrop_pagecache 7\n"); n == nil || *n != 345 {
		t.Errorf("got %v", n)
	}
	for _, text := range []string{"", "pgoom_kill 3\n", "oom_kill x\n"} {
		if n := oomKills(text); n != nil {
			t.Errorf("%q: %d", text, *n)
		}
	}
}

func TestBusySince(t *testing.T) {
	before := counters{busy: 100, total: 1000, cpus: 4}
	for _, c := range []struct {
		now  counters
		want float64
	}{
		{counters{busy: 150, total: 1200, cpus: 4}, 1},
		{counters{busy: 300, total: 1200, cpus: 4}, 4},
		{counters{busy: 100, total: 1200, cpus: 4}, 0},
		{before, 0},
		{counters{busy: 90, total: 1200, cpus: 4}, 0},
	} {
		if got := c.now.busySince(before); got != c.want {
			t.Errorf("%+v: got %v, want %v", c.now, got, c.want)
		}
	}
}

func TestReadThisMachine(t *testing.T) {
	reader, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	figures, err := reader.Read()
	if err != nil {
		t.Fatal(err)
	}
	if figures.MemoryTotal <= 0 || figures.MemoryAvailable <= 0 || figures.MemoryAvailable > figures.MemoryTotal || figures.CPUBusy < 0 || figures.At.IsZero() {
		t.Errorf("got %+v", figures)
	}
	first, err := BootID()
	second, _ := BootID()
	if err != nil || len(first) != 36 || first != second {
		t.Errorf("boot id %q, then %q, %v", first, second, err)
	}
}
