package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/internal/bench/peers"
)

func anyPeer(string) bool { return true }

func TestEverySecondRoundGoesTheOtherWay(t *testing.T) {
	s := shape{each: []string{"a", "b"}, once: []string{"c"}}
	for round, want := range map[int][]string{1: {peers.Ours, "a", "b", "c"}, 2: {"b", "a", peers.Ours}, 3: {peers.Ours, "a", "b"}} {
		if diff := cmp.Diff(want, s.order(round, anyPeer)); diff != "" {
			t.Errorf("round %d (-want +got):\n%s", round, diff)
		}
	}
	o := options{peers: []string{"b"}}
	if got := s.order(1, o.includes); !slices.Equal(got, []string{peers.Ours, "b"}) {
		t.Errorf("with b alone: %q", got)
	}
}

func TestShapesNameOnlyPeersThatThereAre(t *testing.T) {
	known := map[string]bool{}
	for _, p := range peers.All("") {
		known[p.Name] = true
	}
	for _, s := range shapes() {
		for _, name := range s.order(1, anyPeer) {
			if !known[name] {
				t.Errorf("%s: there is no peer %q", s.name, name)
			}
		}
	}
	for _, g := range goals(shapes()) {
		i := slices.Index(names(shapes()), g.shape)
		if i < 0 || g.against != "" && !slices.Contains(shapes()[i].each, g.against) {
			t.Errorf("%s: %s is not measured in each round of %q", g.what, g.against, g.shape)
		}
	}
	for _, s := range sections() {
		if !slices.Contains(names(shapes()), s.shape) {
			t.Errorf("a section of no shape: %q", s.shape)
		}
	}
}

func TestTheWholeTakesAboutHalfAnHour(t *testing.T) {
	o, err := parseOptions([]string{"--plan", "rounds_test.go"})
	if err != nil {
		t.Fatal(err)
	}
	if took := estimate(turns(o)).Minutes(); took < 20 || took > 35 {
		t.Errorf("%.1f minutes", took)
	}
	if o.doc != usualDoc {
		t.Errorf("the whole goes into %s", o.doc)
	}
	quick, err := parseOptions([]string{"--plan", "rounds_test.go", "--rounds", "1", "--seconds", "3"})
	if err != nil {
		t.Fatal(err)
	}
	if took := estimate(turns(quick)).Minutes(); took > 5 || quick.doc == usualDoc {
		t.Errorf("a quick one takes %.1f minutes and goes into %s", took, quick.doc)
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	for _, arguments := range [][]string{
		{"--shapes", "star"}, {"--peers", "wrk,siege"}, {"--rounds", "0"}, {"--seconds", "1"}, {"--repeats", "-1"}, {"sat"}, {"--plan", "none"},
	} {
		if _, err := parseOptions(append([]string{"--plan", "rounds_test.go"}, arguments...)); err == nil {
			t.Errorf("%q is taken", arguments)
		}
	}
}

func TestWhatIsLeftOfRounds(t *testing.T) {
	s := shape{name: "sat", users: 64, seconds: 10, each: []string{"wrk"}}
	var all []turn
	for round := 1; round <= 5; round++ {
		for _, peer := range s.order(round, anyPeer) {
			all = append(all, turn{s, peer, round})
		}
	}
	var records []record
	for _, turn := range all[:7] { // of round 4: the first one
		records = append(records, turn.record())
	}
	records[1].Disturbed = true // in round 1
	records[2].Failed = "killed"
	again := records[4] // of round 3: once more
	records[4].Disturbed = true
	again.CPU = 7
	records = append(records, again, record{Shape: "sat", Peer: "wrk", Round: 5, Users: 64, Seconds: 3})
	todo, done := rest(all, records)
	var left []int
	for _, turn := range todo {
		left = append(left, turn.round)
	}
	if want := []int{1, 1, 4, 4, 5, 5}; !slices.Equal(left, want) {
		t.Errorf("turns of rounds %v are left, want %v", left, want)
	}
	if len(done) != 4 || done[0].Failed != "killed" || done[2].CPU != 7 {
		t.Errorf("%+v", done)
	}
}

func TestRecordsAreReadAsTheyWereWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "results.jsonl")
	if records, err := readRecords(path); err != nil || records != nil {
		t.Fatal(records, err)
	}
	want := []record{
		{Shape: "sat", Peer: "wrk", Round: 1, Command: []string{"wrk"}, Requests: 3, First: new(0.25), Reported: peers.Reported{P99: new(0.5), Errors: new(int64(2))}},
		{Shape: "jitter", Peer: "ab", Round: 2, Failed: "killed", Fit: &fit{1000, 1e-5, 2e-5}},
	}
	for _, r := range want {
		if err := r.append(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := readRecords(path)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
