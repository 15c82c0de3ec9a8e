package ramp

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"plan/runner/journal"
	"plan/runner/search"
)

func TestTheMostUsersThatPassed(t *testing.T) {
	windows := func(users ...int) []search.Window { // below 0: a broken one
		var all []search.Window
		for _, n := range users {
			all = append(all, search.Window{Users: max(n, -n), Broken: n < 0})
		}
		return all
	}
	grows := search.UsersStep{Grow: []int{1, 2, 4, 8, 16}}
	full := func(users int) search.UsersStep { return search.UsersStep{Users: users} }
	pass := func(users int) search.Loaded { return search.Loaded{Users: users, Passed: true} }
	for name, c := range map[string]struct {
		tried []search.Loaded
		step  search.UsersStep
		last  []journal.Window
		want  int
	}{
		"nothing":             {nil, grows, nil, 0},
		"a trial that passed": {[]search.Loaded{pass(5), pass(3)}, grows, nil, 5},
		"a trial that failed": {[]search.Loaded{{Users: 5}}, grows, nil, 0},
		"windows":             {[]search.Loaded{{Windows: windows(4, 8, -16)}}, grows, nil, 8},
		"windows of the last trial": {[]search.Loaded{pass(5)}, grows,
			[]journal.Window{{Users: 6}, {Users: 7, Broken: "p95"}}, 6},
		"users of the last trial":          {nil, grows, []journal.Window{{Users: 1}}, 1},
		"the first window has broke":       {[]search.Loaded{{Windows: windows(-1)}}, grows, nil, 0},
		"a full trial of what windows had": {[]search.Loaded{{Windows: windows(4, 8, 16)}}, full(16), nil, 8},
		"a full trial of one more":         {[]search.Loaded{{Windows: windows(4, 8, 16)}}, full(17), nil, 16},
		"a full trial of what passed":      {[]search.Loaded{pass(16), pass(9)}, full(16), nil, 9},
		"a full trial of the fewest":       {[]search.Loaded{{Windows: windows(4, 8, 16)}}, full(4), nil, 0},
	} {
		if got := mostPassed(c.tried, c.step, journal.Trial{Verdict: journal.Aborted, Windows: c.last}); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestATrialAsTheSearchForUsersTakesIt(t *testing.T) {
	grow := search.UsersStep{Grow: []int{3, 6}}
	for name, c := range map[string]struct {
		step  search.UsersStep
		trial journal.Trial
		want  search.Loaded
	}{
		"passed": {search.UsersStep{Users: 5}, journal.Trial{Verdict: journal.Passed}, search.Loaded{Users: 5, Passed: true}},
		"failed": {search.UsersStep{Users: 5}, journal.Trial{Verdict: journal.Failed}, search.Loaded{Users: 5}},
		"grew": {grow, journal.Trial{Windows: []journal.Window{{Users: 3, OK: 9, OKRate: 2}, {Users: 6, Broken: "p95"}}},
			search.Loaded{Windows: []search.Window{{Users: 3, OK: 9, Rate: 2}, {Users: 6, Broken: true}}}},
		"its load was not begun": {grow, journal.Trial{Verdict: journal.Failed},
			search.Loaded{Windows: []search.Window{{Users: 3, Broken: true}}}},
		"stopped before its first window": {grow, journal.Trial{Verdict: journal.Aborted}, search.Loaded{Windows: []search.Window{}}},
		"stopped after it": {grow, journal.Trial{Verdict: journal.Aborted, Windows: []journal.Window{{Users: 3, OK: 9, OKRate: 2}}},
			search.Loaded{Windows: []search.Window{{Users: 3, OK: 9, Rate: 2}}}},
	} {
		if diff := cmp.Diff(c.want, loadedOf(c.step, c.trial)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The proof of an answer are full trials: one with the users that are held, and one that
// failed no more than a step above.
func TestWhatProvesTheUsers(t *testing.T) {
	trial := func(id string, users int, verdict journal.Verdict) journal.Trial {
		return journal.Trial{ID: id, Users: &users, Verdict: verdict}
	}
	grown := trial("grown", 4, journal.Passed)
	grown.FirstLook, grown.Windows = true, []journal.Window{{Users: 2}, {Users: 4}}
	unbegun := trial("unbegun", 5, journal.Failed)
	unbegun.FirstLook = true
	pass := func(users int) search.Loaded { return search.Loaded{Users: users, Passed: true} }
	fail := func(users int) search.Loaded { return search.Loaded{Users: users} }
	flat := func(users int) search.Window { return search.Window{Users: users, OK: 1000, Rate: 40} }
	four := trial("four", 4, journal.Passed)
	five, seven := trial("five", 5, journal.Failed), trial("seven", 7, journal.Failed)
	for name, c := range map[string]struct {
		trials      []journal.Trial
		tried       []search.Loaded
		held, mixed int // 0: none
		knee        int // 0: not seen
		passed      string
		failed      []string
	}{
		"a pair": {[]journal.Trial{four, five}, []search.Loaded{pass(4), fail(5)}, 4, 0, 0, "four",
			[]string{"five"}},
		"a pair that is two apart": {[]journal.Trial{four, trial("six", 6, journal.Failed)},
			[]search.Loaded{pass(4), fail(6)}, 4, 0, 0, "four", []string{"six"}},
		"a failure that is further": {[]journal.Trial{four, seven}, []search.Loaded{pass(4), fail(7)}, 4, 0, 0,
			"four", []string{}},
		"no failure":      {[]journal.Trial{four}, []search.Loaded{pass(4)}, 4, 0, 0, "four", []string{}},
		"nothing is held": {[]journal.Trial{five}, []search.Loaded{fail(5)}, 0, 0, 0, "", nil},
		"loads that grew prove nothing": {[]journal.Trial{four, five, grown, unbegun},
			[]search.Loaded{pass(4), fail(5)}, 4, 0, 0, "four", []string{"five"}},
		"of other verdicts": {[]journal.Trial{trial("disturbed", 4, journal.Inconclusive),
			four, five, trial("aborted", 5, journal.Aborted)},
			[]search.Loaded{pass(4), fail(5)}, 4, 0, 0, "four", []string{"five"}},
		"verdicts that contradict": {[]journal.Trial{four, trial("above", 5, journal.Passed),
			five, trial("below", 4, journal.Failed)},
			[]search.Loaded{pass(4), pass(5), fail(5)}, 4, 5, 0, "four", []string{"five"}},
		"the first number of users": {[]journal.Trial{trial("one", 1, journal.Passed), trial("two", 2, journal.Failed),
			trial("other", 2, journal.Passed)},
			[]search.Loaded{pass(1), fail(2)}, 1, 0, 0, "one", []string{"two"}},
		"one user is mixed": {[]journal.Trial{five}, []search.Loaded{fail(1), pass(1)}, 0, 1, 0, "", nil},
		"a tenth above": {[]journal.Trial{trial("passed", 90, journal.Passed), trial("failed", 99, journal.Failed)},
			[]search.Loaded{pass(90), fail(99), pass(99)}, 90, 99, 0, "passed", []string{"failed"}},
		"a tenth above, and nothing contradicts it": {[]journal.Trial{trial("passed", 90, journal.Passed), trial("failed", 99, journal.Failed)},
			[]search.Loaded{pass(90), fail(99)}, 90, 0, 0, "passed", []string{}},
		"more than a tenth above": {[]journal.Trial{trial("passed", 88, journal.Passed), trial("failed", 98, journal.Failed)},
			[]search.Loaded{pass(88), fail(98), pass(98)}, 88, 98, 0, "passed", []string{}},
		"a knee": {[]journal.Trial{five}, []search.Loaded{{Windows: []search.Window{flat(1), flat(2)}}}, 0,
			0, 2, "", nil},
	} {
		s := journal.Stage{Trials: c.trials}
		users := &Users{record: &s, search: search.Users{From: 1, To: 100, Step: 2}, tried: c.tried}
		users.Answer()
		var want *journal.Certificate
		if c.failed != nil {
			want = &journal.Certificate{Passed: c.passed, Failed: c.failed}
		}
		if diff := cmp.Diff(want, s.Certificate); diff != "" {
			t.Errorf("%s: the proof (-want +got):\n%s", name, diff)
		}
		for what, of := range map[string]struct {
			got  *int
			want int
		}{"held": {s.Held, c.held}, "mixed": {s.Mixed, c.mixed}, "knee": {s.Knee, c.knee}} {
			if of.got == nil && of.want != 0 || of.got != nil && (*of.got != of.want || of.want == 0) {
				t.Errorf("%s: %s is %v, want %d", name, what, of.got, of.want)
			}
		}
	}
}
