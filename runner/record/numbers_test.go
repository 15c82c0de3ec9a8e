package record

import (
	"testing"

	"plan/engine"
	"plan/internal/exchange"
	"plan/plans"
)

func TestWhatTrialsWereRunWithIsNumbered(t *testing.T) {
	n := numbers{}
	for i, c := range []struct {
		value any
		want  int
	}{{"a", 1}, {"b", 2}, {"a", 1}, {[]string{"a"}, 3}, {"b", 2}} {
		if got := n.of(c.value); got != c.want {
			t.Errorf("%d: %v has the number %d, want %d", i, c.value, got, c.want)
		}
	}
}

// Whatever a stage may set of a service, and ask of it, has a number of its own.
func TestWhatIsNumbered(t *testing.T) {
	request := func(body string) []exchange.Request { return []exchange.Request{{Name: "a", Body: []byte(body)}} }
	loaded := func(s plans.Scenario) plans.Stage { return plans.Stage{Load: &plans.Workload{Scenario: s, Users: 3}} }
	driven := func(d plans.Driver) plans.Stage { return plans.Stage{Load: &plans.Workload{Driver: &d}} }
	fixed := engine.ThinkTime{Kind: "fixed", Min: 1}
	r, numbered := New(nil, nil, nil), map[int]string{}
	for name, s := range map[string]plans.Stage{
		"requests":        loaded(plans.Scenario{Requests: request("1")}),
		"another body":    loaded(plans.Scenario{Requests: request("2")}),
		"a think time":    loaded(plans.Scenario{Requests: request("1"), ThinkTime: fixed}),
		"a login":         loaded(plans.Scenario{Requests: request("1"), OnStart: request("1")}),
		"a feed":          loaded(plans.Scenario{Requests: request("1"), Feeds: []exchange.Feed{{Name: "f"}}}),
		"a locustfile":    driven(plans.Driver{Data: []byte("1")}),
		"another one":     driven(plans.Driver{Data: []byte("2")}),
		"with other tags": driven(plans.Driver{Data: []byte("1"), Tags: []string{"t"}}),
		"nothing":         {},
	} {
		got := r.Scenario(s)
		if other, is := numbered[got]; is || (got == 0) != (name == "nothing") {
			t.Errorf("%s has the number %d, and so has %q", name, got, other)
		}
		numbered[got] = name
	}
	equal := map[int]bool{}
	for _, s := range []plans.Stage{
		loaded(plans.Scenario{Requests: request("1")}), loaded(plans.Scenario{Address: "scenario.b", Requests: request("1")}),
		{Asks: &plans.Scenario{Requests: request("1")}}, {Load: &plans.Workload{Scenario: plans.Scenario{Requests: request("1")}, Users: 4}},
	} {
		equal[r.Scenario(s)] = true
	}
	if len(equal) != 1 {
		t.Errorf("the same requests have the numbers %v", equal)
	}
	numbered = map[int]string{}
	for name, s := range map[string]plans.Service{
		"nothing": {}, "a command": {Command: []string{"a"}}, "an environment": {Environment: map[string]string{"A": "1"}},
		"another one": {Environment: map[string]string{"A": "2"}}, "a file": {EnvFiles: []plans.EnvFile{{Values: map[string]string{"B": "1"}}}},
	} {
		got := r.Configuration(s)
		if other, is := numbered[got]; is || got == 0 {
			t.Errorf("%s has the number %d, and so has %q", name, got, other)
		}
		numbered[got] = name
	}
}
