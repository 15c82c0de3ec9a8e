package quick

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plan/engine"
	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans/request"
)

// LoadArgs are the arguments of `plan load` for users of an API that runs at a base URL,
// such as http://localhost:8000. The request is the first one that is known; an error
// where it needs a value that only a plan can have, or a body that a command line cannot.
func LoadArgs(base string, s *request.Source, users int) ([]string, error) {
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
	return append(args, "--timeout", cmp.Or(r.Timeout, requestTimeout), "--users", fmt.Sprint(users),
		"--think-time", "1s-3s", "--warm-up", "2s", "--runtime", "7s"), nil
}

// Measure is the load of one step at an address.
type Measure struct {
	Users   int
	Result  engine.Result
	Stopped string // why it was stopped before its end; "": it was not
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

// Ended returns why the steps end with this one; "" where they go on. The step failed, or
// it has no verdict, since the driver was at its limit.
func (m Measure) Ended(p95, errors float64) (why string, failed bool) {
	j := m.Result.Judged
	rate := 0.0
	if j.OK+j.Failed > 0 {
		rate = float64(j.Failed) / float64(j.OK+j.Failed)
	}
	switch {
	case m.Stopped != "":
		return m.Stopped, true
	case len(m.Result.Saturated) > 0:
		return "the driver was at its limit: " + m.Result.Saturated[0].Text, false
	case m.Result.Total.OK == 0:
		return "no response was OK", true
	case rate > errors:
		return fmt.Sprintf("%s of the requests failed, over %s", units.Percent(rate), units.Percent(errors)), true
	case j.Latency.P95 != nil && *j.Latency.P95 > p95:
		return fmt.Sprintf("p95 %s over %s", tty.Seconds(j.Latency.P95), tty.Seconds(&p95)), true
	case m.Result.Hung:
		return "it stopped responding", true
	}
	return "", false
}

// OfLoads returns the answer for an address, from the steps that ran. why and failed are
// those of the last one; "" where all held.
func OfLoads(base string, steps []Measure, why string, failed bool, line string) Answer {
	var a Answer
	var held *Measure
	for i := range steps {
		if why == "" || i < len(steps)-1 {
			held = &steps[i]
		}
	}
	if held == nil {
		a.Sentence = fmt.Sprintf("%s: no answer for %s.", base, english.Count(steps[len(steps)-1].Users, "user"))
	} else {
		atLeast := map[bool]string{true: "at least "}[!failed]
		a.Sentence = fmt.Sprintf("%s holds %s%s.", base, atLeast, english.Count(held.Users, "user"))
		j := held.Result.Judged
		a.add("users", fmt.Sprintf("%s held, with 1 to 3 s between their requests (p95 %s, %s of %s failed)",
			english.Count(held.Users, "user"), tty.Seconds(j.Latency.P95), tty.Grouped(j.Failed),
			english.Count(int(j.OK+j.Failed), "request")))
	}
	if why != "" {
		verdict := map[bool]string{true: " failed", false: ": no verdict"}[failed]
		a.add("users", english.Count(steps[len(steps)-1].Users, "user")+verdict+": "+why)
	}
	a.add("quick",
		"short loads of users alone, from this machine: not a proof. Memory and CPU are not known of an address")
	a.add("again", line)
	return a
}
