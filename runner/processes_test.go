package runner

import (
	"strings"
	"testing"

	"plan/internal/units"
	"plan/runner/journal"
)

// Workers need memory each from their first request on: an answer is one for
// all of them, though the load has one user.
func TestEveryWorkerIsAskedBeforeTheLoad(t *testing.T) {
	for name, c := range map[string]struct {
		service fakeService
		found   units.Bytes
		note    string
	}{
		"one process":             {fakeService{start: 600 * units.MiB}, 600 * units.MiB, ""},
		"three workers":           {fakeService{start: 600 * units.MiB, workers: 3, each: 250 * units.MiB}, 800 * units.MiB, "3 of 3 processes responded to one request of each kind"},
		"nobody sees who answers": {fakeService{start: 600 * units.MiB, workers: 3, each: 250 * units.MiB, deferred: true}, 800 * units.MiB, "20 of 20 new connections got a response before the load; the processes or threads that accepted them are not known"},
	} {
		in(t, searchPlan("ladder"), c.service, nil, func(t *testing.T, b *bench, r journal.Run) {
			s := r.Stages[0]
			passed := s.Trials[len(s.Trials)-1]
			if s.Found == nil || *s.Found.Memory != int64(c.found) || strings.Join(passed.Notes, "; ") != c.note {
				t.Fatalf("%s: found %+v, notes %q", name, s.Found, passed.Notes)
			}
			if told := passed.Instances[0].Processes; (told != nil) != strings.Contains(c.note, "processes responded") || told != nil && *told != (journal.Processes{Answered: 3, Of: 3}) {
				t.Errorf("%s: %+v", name, told)
			}
			if c.service.workers > 0 && b.agent.hungUp == 0 {
				t.Errorf("%s: connections are left open", name)
			}
		})
	}
}

// What users begin with is not sent again: its cookies are.
func TestNoNewAccountForEachWorker(t *testing.T) {
	const plan = head + `
scenario "s" {
  think_time = "1s"
  on_start {
    request "login" { path = "/login" }
  }
  request "read" { path = "/read" }
  request "find" { path = "/find" }
}
check "x" {
  service = service.api
  set { memory = "1G" }
  load {
    scenario = scenario.s
    users    = 2
    runtime  = "20s"
  }
}
`
	var i *fakeInstance
	find := func(b *bench) { b.runtime.asked = func() { i = b.runtime.running[0] } }
	in(t, plan, fakeService{workers: 2}, find, func(t *testing.T, _ *bench, r journal.Run) {
		const want = "0 read session=7, 0 find session=7, 1 read session=7, 1 find session=7"
		if got := strings.Join(i.asked, ", "); got != want {
			t.Errorf("%s, asked %s", r.Stages[0].Trials[0].Why, got)
		}
	})
}
