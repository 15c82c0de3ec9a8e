package quick

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/exchange"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/plans/request"
	"plan/runner/judge"
)

// LoadArgs are the arguments of `plan load` for users of an API that runs at a base URL,
// such as http://localhost:8000. The request is the first one that is known; an error
// where it needs a value that only a plan can have, or a body that a command line cannot.
// timeout is that of a request which has none of its own.
func LoadArgs(base string, s *request.Source, users int, timeout time.Duration) ([]string, error) {
	r := s.Requests[0]
	args := []string{base + r.PathText()}
	onlyPlan := errors.New("the request needs a secret, a form or a file, which only a plan can have: write one with " +
		"plan init")
	if strings.Contains(r.Path, "\x00") || s.Auth != nil || len(s.Variables) > 0 {
		return nil, onlyPlan
	}
	if body := r.Body; body != nil {
		text := body.Text
		if body.JSON != nil {
			data, err := json.Marshal(body.JSON)
			if err != nil {
				return nil, err
			}
			text = string(data)
		}
		switch {
		case body.Form != nil || body.Parts != nil || body.File != "":
			return nil, onlyPlan
		case strings.HasPrefix(text, "@"):
			return nil, errors.New("the body begins with @, which names a file: write a plan with plan init")
		}
		args = append(args, "--body", text)
	}
	if usual := map[bool]string{true: "POST", false: "GET"}[r.Body != nil]; r.Method != usual {
		args = append(args, "--method", r.Method)
	}
	for _, h := range slices.Concat(s.Headers, r.Headers) {
		args = append(args, "--header", h.Name+": "+h.Value)
	}
	if len(r.Status) > 0 {
		args = append(args, "--expect-status", strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Status), " ", ","), "[]"))
	}
	if r.Redirects > 0 {
		args = append(args, "--redirects", fmt.Sprint(r.Redirects))
	}
	return append(args, "--timeout", cmp.Or(r.Timeout, units.Duration(timeout)), "--users", fmt.Sprint(users),
		"--spawn-rate", fmt.Sprintf("%d/s", max(1, users/int(warmUp.Seconds()))), "--think-time", "1s-3s",
		"--warm-up", units.Duration(warmUp),
		"--runtime", units.Duration(warmUp+judged(users, timeout))), nil
}

// warmUp is the time in which the users start: as many in a second as later send a request, since all at once would
// look like an overload.
const warmUp = 2 * time.Second

// judged is the time of a load in which users with a pause of 2 s have the 90 responses
// that p95 needs, if these take up to 0.5 s, and some to spare, from 5 s to a minute, and longer
// than a request may take. One user is only what more are compared with.
func judged(users int, timeout time.Duration) time.Duration {
	const needs, most = 240 * time.Second, time.Minute
	least := max(5*time.Second, timeout+time.Second)
	if users == 1 {
		return least
	}
	each := (needs/time.Duration(users) + time.Second - 1).Truncate(time.Second)
	return max(min(each, most), least)
}

// Measure is the load of one number of users at an address.
type Measure struct {
	Users   int
	Result  engine.Result
	Stopped string // why it was stopped before its end; "": it was not

	Why    string // it does not hold, or has no verdict; "" where it holds
	Failed bool   // it does not hold
}

// The users of the loads of an address: one, then more while they hold. Where the first
// ones do not, fewer follow.
var (
	moreUsers  = []int{1, 50, 100, 200, 500, 1000, 2000, 5000, mostUsers}
	fewerUsers = []int{20, 10, fewestUsers}
)

// NextUsers returns the users of the load after those that ran; 0: there is none.
func NextUsers(ran []Measure) int {
	if len(ran) == 0 {
		return moreUsers[0]
	}
	last := ran[len(ran)-1]
	more, fewer := slices.Index(moreUsers, last.Users), slices.Index(fewerUsers, last.Users)
	switch {
	case last.Why == "" && more >= 0 && more+1 < len(moreUsers):
		return moreUsers[more+1]
	case last.Failed && more == 1:
		return fewerUsers[0]
	case last.Failed && fewer >= 0 && fewer+1 < len(fewerUsers):
		return fewerUsers[fewer+1]
	}
	return 0
}

// Overload returns why a load must end at once: a tenth of the answers of a second
// failed, or their p95 is 20 times that of one user. "" where it goes on.
func Overload(w engine.Window, alone *float64) string {
	const few, failures, slower = 10, 0.1, 20
	switch ended := w.OK + w.Failed; {
	case ended < few:
	case float64(w.Failed) >= failures*float64(ended):
		return fmt.Sprintf("stopped: %d of %d responses of one second failed", w.Failed, ended)
	case alone != nil && w.Latency.P95 != nil && *w.Latency.P95 >= slower**alone:
		return fmt.Sprintf("stopped: p95 %s is %d times that of one user", tty.Seconds(w.Latency.P95), slower)
	}
	return ""
}

// Judge sets whether the users hold. They failed, or have no verdict, since the driver was
// at its limit.
func (m *Measure) Judge(p95, errors float64) {
	m.Why, m.Failed = m.verdict(p95, errors)
	// A request that is wrong fails each time. A few 4xx are not that, such as 429.
	if all := m.Result.Total; m.Failed && 2*all.Errors[exchange.HTTP4xx] > all.OK+all.Failed {
		m.Why += ". Name the request with --path and --json, or --curl"
	}
}

func (m *Measure) verdict(p95, errors float64) (why string, failed bool) {
	j := m.Result.Judged
	rate := 0.0
	if j.OK+j.Failed > 0 {
		rate = float64(j.Failed) / float64(j.OK+j.Failed)
	}
	slow := j.Latency.P95 != nil && *j.Latency.P95 > p95
	// A late start makes no response faster, so it counts only where it may be why p95 is too high.
	limit := slices.IndexFunc(m.Result.Saturated, func(s engine.Saturation) bool {
		return s.Kind != engine.SaturationLateness ||
			slow && judge.Doubtful(plans.Objective{Metric: "p95", Limit: p95}, &m.Result)
	})
	switch {
	case m.Stopped != "":
		return m.Stopped + m.Result.MostFrequentError(), true
	case limit >= 0:
		return "the driver was at its limit: " + m.Result.Saturated[limit].Text, false
	case m.Result.Total.OK == 0:
		return "no response was OK" + m.Result.MostFrequentError(), true
	case rate > errors:
		return fmt.Sprintf("%s of the requests failed, over %s%s", units.Percent(rate), units.Percent(errors),
			m.Result.MostFrequentError()), true
	case slow:
		return fmt.Sprintf("p95 %s over %s", tty.Seconds(j.Latency.P95), tty.Seconds(&p95)), true
	case m.Result.Hung:
		return "it stopped responding", true
	}
	return "", false
}

// Held returns the load with the most users that held, and the one with the fewest users
// that did not; nil where there is none. One user is no answer where more failed: it has
// too few responses for p95.
func Held(loads []Measure) (held, ended *Measure) {
	failed := slices.ContainsFunc(loads, func(m Measure) bool { return m.Failed })
	for i, m := range loads {
		switch {
		case m.Users == 1 && m.Why == "" && failed:
		case m.Why == "" && (held == nil || m.Users > held.Users):
			held = &loads[i]
		case m.Why != "" && (ended == nil || m.Users < ended.Users):
			ended = &loads[i]
		}
	}
	return held, ended
}

// OfLoads returns the answer for an address, from the loads that ran. line is the command
// that repeats one of them.
func OfLoads(base string, loads []Measure, line string) Answer {
	var a Answer
	held, ended := Held(loads)
	if held == nil && ended.Failed && ended.Users > 1 {
		a.Sentence = fmt.Sprintf("%s holds fewer than %s.", base, english.Count(ended.Users, "user"))
	} else if held == nil {
		a.Sentence = fmt.Sprintf("%s: no answer for %s.", base, english.Count(ended.Users, "user"))
	} else {
		atLeast := map[bool]string{true: "at least "}[ended == nil || !ended.Failed]
		a.Sentence = fmt.Sprintf("%s holds %s%s.", base, atLeast, english.Count(held.Users, "user"))
		j := held.Result.Judged
		a.add("users", fmt.Sprintf("%s held, with 1 to 3 s between their requests (p95 %s, %s of %s failed)",
			english.Count(held.Users, "user"), tty.Seconds(j.Latency.P95), tty.Grouped(j.Failed),
			english.Count(int(j.OK+j.Failed), "request")))
	}
	if ended != nil {
		verdict := map[bool]string{true: " failed", false: ": no verdict"}[ended.Failed]
		a.add("users", english.Count(ended.Users, "user")+verdict+": "+ended.Why)
	}
	a.add("quick", "not a proof: the loads are short, come from this machine, and differ widely in users. Memory and CPU "+
		"of an address are not known")
	a.add("again", line)
	return a
}
