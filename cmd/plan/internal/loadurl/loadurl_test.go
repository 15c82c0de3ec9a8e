package loadurl

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"plan/engine"
	"plan/internal/exchange"
)

// asking is a command line as it was read.
func asking(t *testing.T, args ...string) *Flags {
	t.Helper()
	cmd := &cobra.Command{}
	asked := New(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return asked
}

func TestUsersAreNoMoreThanConnections(t *testing.T) {
	for _, c := range []struct {
		args  []string
		files int
		want  int // 0: refused
	}{
		{nil, 110, 10}, {nil, 109, 0},
		{[]string{"--users=500"}, 600, 500}, {[]string{"--users=501"}, 600, 0},
		{[]string{"--stage=users=5,over=1s", "--stage=users=20,over=1s", "--stage=users=0,over=1s"}, 120, 20},
		{[]string{"--arrival-rate=50/s"}, 1 << 20, 500}, {[]string{"--arrival-rate=50/s", "--timeout=30ms"}, 1 << 20, 10},
		{[]string{"--arrival-rate=50/s"}, 200, 100}, {[]string{"--arrival-rate=50/s"}, 101, 1}, {[]string{"--arrival-rate=50/s"}, 100, 0}, {[]string{"--arrival-rate=1/h"}, 1 << 20, 10},
		{[]string{"--arrival-rate=1000000000/s"}, 1 << 20, 10000}, {[]string{"--arrival-rate=50/s", "--users=20000"}, 1 << 20, 20000},
		{[]string{"--stage=rate=5/s,over=1s", "--stage=rate=20/s,over=1s", "--timeout=1s"}, 1 << 20, 20},
	} {
		asked := asking(t, c.args...)
		load := asked.Load
		load.Requests = []exchange.Request{{Timeout: asked.timeout}}
		err := asked.setUsers(&load, c.files)
		if (err != nil) != (c.want == 0) || err == nil && load.Users != c.want {
			t.Errorf("%v with %d files: %d users, %v", c.args, c.files, load.Users, err)
		}
	}
}

func TestALoadLeavesTimeToJudge(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		load engine.Load
		ok   bool
	}{
		{engine.Load{Users: 101, SpawnRate: 10, Runtime: 10*s + 1}, true},
		{engine.Load{Users: 101, SpawnRate: 10, Runtime: 10 * s}, false},
		{engine.Load{Users: 101, SpawnRate: 10, Runtime: 12*s + 1, WarmUp: 2 * s}, true},
		{engine.Load{Users: 101, SpawnRate: 10, Runtime: 12 * s, WarmUp: 2 * s}, false},
		{engine.Load{Users: 101, ArrivalRate: 10, Runtime: s, WarmUp: s - 1}, true},
		{engine.Load{Users: 101, ArrivalRate: 10, Runtime: s, WarmUp: s}, false},
		{engine.Load{Users: 101, Runtime: 1}, true},
		{engine.Load{Users: 101, SpawnRate: 1e-9, Runtime: s}, false}, // a time that no duration can be
	} {
		if err := checkJudgedTime(c.load); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.load, err)
		}
	}
}

func TestALoadIsWhatWasAsked(t *testing.T) {
	const text = "127.0.0.1:8000/a%20b?q=1 2#part"
	got, err := asking(t, "--stage=rate=30/m,over=2s", "--stage=rate=0.25/s,over=500ms", "--poisson", "--warm-up=1s", "--users=7", "--method=delete",
		"--expect-status=204,404", "--redirects=3", "--timeout=2s", "--header=x-a: b", "--insecure", "--seed=9").Of(t.Context(), text, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := engine.Load{
		Users: 7, Runtime: 2500 * time.Millisecond, WarmUp: time.Second, Poisson: true, Insecure: true, Seed: 9,
		Stages: []engine.Stage{{Rate: 0.5, Over: 2 * time.Second}, {Rate: 0.25, Over: 500 * time.Millisecond}},
		Requests: []exchange.Request{{
			Name: "DELETE /a%20b", Method: "DELETE", Path: "/a%20b?q=1%202", Header: map[string]string{"X-A": "b"}, Body: []byte{},
			Weight: 1, Timeout: 2 * time.Second, Status: []int{204, 404}, Redirects: 3, Replay: true,
		}},
	}
	if diff := cmp.Diff(want, got.Load); diff != "" {
		t.Error(diff)
	}
	if got.Address != "http://127.0.0.1:8000" || got.URL != "http://127.0.0.1:8000/a%20b?q=1%202" {
		t.Errorf("%s, %s", got.Address, got.URL)
	}
}

func TestOneSeedIsNotAnother(t *testing.T) {
	load, err := asking(t).Of(t.Context(), "localhost", nil)
	if err != nil || load.Seed == 0 {
		t.Errorf("seed %d, %v", load.Seed, err)
	}
}

// Right: a load on a machine of someone else starts only if its host is named.
func TestALoadOnAPublicAddressIsConfirmed(t *testing.T) {
	for _, c := range []struct {
		host, yes string
		want      bool
	}{
		{"127.0.0.1", "", true}, {"::1", "", true}, {"10.1.2.3", "", true}, {"172.17.0.2", "", true}, {"192.168.1.1", "", true},
		{"fd00::1", "", true}, {"169.254.1.1", "", true}, {"fe80::1", "", true}, {"0.0.0.0", "", true},
		{"93.184.216.34", "", false}, {"93.184.216.34", "93.184.216.34", true}, {"93.184.216.34", "example.com", false},
		{"2606:2800:220:1::1", "", false}, {"172.32.0.1", "", false}, {"100.64.0.1", "", false},
	} {
		err := permitted(t.Context(), c.host, c.yes)
		if (err == nil) != c.want || err != nil && !strings.Contains(err.Error(), "add --yes-load "+c.host) {
			t.Errorf("%s with --yes-load %q: %v", c.host, c.yes, err)
		}
	}
}
