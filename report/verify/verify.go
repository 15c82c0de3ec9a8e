package verify

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Result is what a check of a journal found.
type Result struct {
	Run      string
	Trials   int       // that were decided again
	Answers  int       // of stages
	Findings []Finding // in the order of the journal
}

// Finding is something in a journal that does not hold.
type Finding struct {
	Where string // the ID of a trial, the address of a stage, "run", or a line such as "line 5"
	What  string // for people
}

// Check checks a journal. The error says why it cannot be read, or is of a version
// that did not write what is needed. Damaged lines are findings.
func Check(journal io.Reader) (Result, error) {
	r, err := read(journal)
	if err != nil {
		return Result{}, err
	}
	if err := r.complete(); err != nil {
		return Result{}, err
	}
	result := Result{Run: r.id, Findings: r.damaged}
	add := func(where string, what ...string) {
		for _, w := range what {
			if w != "" {
				result.Findings = append(result.Findings, Finding{where, w})
			}
		}
	}
	for _, s := range r.stages {
		for i, t := range s.trials {
			if want := fmt.Sprintf("%s/%d", s.Address, i+1); t.ID != want {
				add(s.Address, fmt.Sprintf("%s is missing: its trial %d is %s", want, i+1, t.ID))
				break
			}
		}
		for _, t := range s.trials {
			result.Trials++
			if t.Load != nil && t.Evidence != nil {
				add(t.ID, t.counters()...)
			}
			add(t.ID, t.grows()...)
			add(t.ID, t.kills(), t.contradiction(s))
			if t.Verdict == failed && t.Reason != nil && *t.Reason == killed {
				add(t.ID, s.killedTwice(t))
			}
			if _, on := s.axes().cellOf(&t.Set); s.Kind == "search" && !on {
				add(t.ID, "it ran at a value that is not on the grid of its search")
			}
		}
		if s.Verdict != "" {
			result.Answers++
		}
		add(s.Address, s.answer(&r)...)
	}
	add("run", r.exitCode())
	return result, nil
}

// complete returns an error where the journal lacks what verdicts depend on: earlier
// versions did not write it.
func (r *record) complete() error {
	for _, s := range r.stages {
		if s.HasThreshold && len(s.Thresholds) == 0 {
			return fmt.Errorf("%s has no thresholds: %s", s.Address, unchecked)
		}
		for _, t := range s.trials {
			if t.Load == nil || t.Evidence == nil {
				continue
			}
			if s.LeakHorizon == 0 || t.Load.Driver == ownDriver && t.Load.Began.IsZero() {
				return fmt.Errorf("%s lacks the beginning of its load: %s", t.ID, unchecked)
			}
		}
	}
	return nil
}

const unchecked = "the run is of a version that did not write all that a verdict depends on, and cannot be checked"

// kills returns how the number of kills of a trial differs from that of its
// containers and their witnesses.
func (t *trial) kills() string {
	if t.OOMKills == nil || t.Evidence == nil {
		return ""
	}
	var sum int64
	for _, in := range t.Instances {
		if in.OOMKills != nil {
			sum += *in.OOMKills
		}
	}
	switch {
	case *t.OOMKills != sum:
		return fmt.Sprintf("it has %d kills for memory, but its containers have %d", *t.OOMKills, sum)
	case sum == 0 && len(t.Evidence.Witnesses) > 0:
		return fmt.Sprintf("it has no kill for memory, but %d witnesses of one", len(t.Evidence.Witnesses))
	}
	return ""
}

// exitCode returns how the exit code of a run differs from that of its stages: that
// of the worst one. A run that could not go on has another one.
func (r *record) exitCode() string {
	if r.end == nil || r.end.Problem != "" {
		return ""
	}
	ranks := []int{0, 1, 5, 3, 4, 130} // each outranks those before it
	worst := 0
	for _, s := range r.stages {
		code := 1
		switch s.Verdict {
		case passed:
			code = 0
		case inconclusive, invalid:
			code = 5
		case aborted:
			code = map[string]int{"guard": 4, "budget": 4, "engine": 3, "user": 130}[s.AbortedBy]
		}
		if slices.Index(ranks, code) > slices.Index(ranks, worst) {
			worst = code
		}
	}
	if r.end.ExitCode == worst || r.end.ExitCode == 130 {
		return ""
	}
	return fmt.Sprintf("its exit code is %d, but by its stages it is %d", r.end.ExitCode, worst)
}

// Text returns the result for people, a line for each finding.
func (r Result) Text() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s\n", f.Where, f.What)
	}
	holds := "every verdict and every answer holds"
	if len(r.Findings) > 0 {
		holds = "findings: " + fmt.Sprint(len(r.Findings))
	}
	fmt.Fprintf(&b, "run %s: trials decided again: %d, answers checked: %d; %s\n", r.Run, r.Trials, r.Answers, holds)
	return b.String()
}
