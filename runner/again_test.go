package runner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"plan/internal/exchange"
	"plan/internal/units"
	"plan/runner/journal"
)

// textOf are the names and cookies of requests, in order.
func textOf(requests []exchange.Request) string {
	var texts []string
	for _, q := range requests {
		texts = append(texts, strings.TrimSpace(q.Name+" "+q.Header["Cookie"]))
	}
	return strings.Join(texts, ", ")
}

// After a load each replica is asked once more what showed it ready, and one of
// each request, as the user that asked first; without a load nothing is.
func TestWhatIsAskedAfterALoad(t *testing.T) {
	const plan = `
service "api" {
  image  = "api"
  expose = ["8000"]
  limits {
    memory = "1G"
  }
  %s
}
scenario "s" {
  on_start {
    request "login" { path = "/login" }
  }
  request "a" { path = "/a" }
  request "b" { path = "/b" }
}
check "x" {
  service = service.api
  %s
}
`
	const load = "load {\n    scenario = scenario.s\n    users = 10\n    runtime = \"20s\"\n  }"
	for name, c := range map[string]struct {
		ready, load string
		plain       bool
		want        string
	}{
		"a path":        {`ready { path = "/health" }`, load, false, "GET /health, a session=7, b session=7"},
		"a port":        {"", load, false, "GET /, a session=7, b session=7"},
		"no HTTP":       {"", load, true, "a session=7, b session=7"},
		"a line":        {`ready { log = "ready" }`, load, false, "a session=7, b session=7"},
		"a command":     {`ready { command = ["true"] }`, load, false, "a session=7, b session=7"},
		"no load":       {`ready { path = "/health" }`, "", false, ""},
		"two instances": {`ready { path = "/health" }`, load + "\n  set { replicas = 2 }", false, "GET /health, GET /health, a session=7, a session=7, b session=7, b session=7"},
	} {
		in(t, fmt.Sprintf(plan, c.ready, c.load), fakeService{plain: c.plain}, nil, func(t *testing.T, b *bench, r journal.Run) {
			slices.SortStableFunc(b.agent.again, func(x, y exchange.Request) int { return strings.Compare(x.Name, y.Name) })
			if trial := r.Stages[0].Trials[0]; trial.Verdict != journal.Passed || textOf(b.agent.again) != c.want {
				t.Errorf("%s: %s (%s), asked %s", name, trial.Verdict, trial.Why, textOf(b.agent.again))
			}
		})
	}
}

func TestAServiceThatIsSilentAfterItsLoad(t *testing.T) {
	in(t, searchPlan("ladder"), fakeService{start: 600 * units.MiB, mute: true}, nil, func(t *testing.T, b *bench, r journal.Run) {
		last := r.Stages[0].Trials[len(r.Stages[0].Trials)-1]
		if *last.Reason != journal.Hung || last.Why != `stopped responding: after the load "GET /health" failed: timeout: no complete response within 10s` || r.Run.ExitCode != ExitNotMet {
			t.Errorf("%s, exit %d", last.Why, r.Run.ExitCode)
		}
		if got := textOf(b.agent.again[:1]); got != "GET /health" || len(b.agent.again) != len(r.Stages[0].Trials)-1 {
			t.Errorf("after silence it is asked on: %s", textOf(b.agent.again))
		}
	})
}

// A service that loses every third request under the load may lose two in a row
// after it by chance; one that loses every sixth has stopped when it loses three.
func TestAServiceThatLosesRequests(t *testing.T) {
	plan := loadedCheck(`threshold { error_rate = "50%" }`)
	for loses, c := range map[int]struct {
		verdict   journal.Verdict
		most      int // requests of the first kind: once, and the others at the same time
		predicted bool
	}{3: {journal.Passed, 5, true}, 6: {journal.Failed, 3, false}} {
		in(t, plan, fakeService{loses: loses}, nil, func(t *testing.T, b *bench, r journal.Run) {
			trial, asked := r.Stages[0].Trials[0], map[string]int{}
			for _, q := range b.agent.again {
				asked[cmp.Or(q.Name, q.Path)]++
			}
			health := asked["/health"] + asked["GET /health"]
			if trial.Verdict != c.verdict || health < 2 || health > c.most || c.verdict == journal.Failed && health != c.most ||
				(asked["predict"] > 0) != c.predicted {
				t.Errorf("one of %d: %s, asked %v (%s)", loses, trial.Verdict, asked, trial.Why)
			}
		})
	}
}

// A threshold that accepts failures accepts them of first requests too, as far as
// they can be chance.
func TestFirstRequestsThatAreLost(t *testing.T) {
	for name, c := range map[string]struct {
		threshold string
		lost      int
		want      journal.Verdict
		asked     int
	}{
		"nothing is accepted":           {"", 1, journal.Failed, 1},
		"a latency alone is bounded":    {`threshold { p95 = "500ms" }`, 1, journal.Failed, 1},
		"one in a hundred":              {`threshold { error_rate = "1%" }`, 1, journal.Failed, 1},
		"one in twenty":                 {`threshold { error_rate = "5%" }`, 1, journal.Passed, 2},
		"one in twenty, and two lost":   {`threshold { error_rate = "5%" }`, 2, journal.Failed, 2},
		"a third":                       {`threshold { error_rate = "33%" }`, 4, journal.Passed, 5},
		"no first request that is lost": {`threshold { error_rate = "33%" }`, 0, journal.Passed, 1},
	} {
		in(t, loadedCheck(c.threshold), fakeService{firstLost: c.lost}, nil, func(t *testing.T, b *bench, r journal.Run) {
			if trial := r.Stages[0].Trials[0]; trial.Verdict != c.want || b.agent.firsts != c.asked {
				t.Errorf("%s: %s (%s), asked %d times", name, trial.Verdict, trial.Why, b.agent.firsts)
			}
		})
	}
}

// loadedCheck is a check with ten users and a threshold.
func loadedCheck(threshold string) string {
	return head + `
check "x" {
  service = service.api
  load {
    scenario = scenario.predict
    users    = 10
    runtime  = "20s"
  }
  ` + threshold + "\n}\n"
}
