package report

import (
	"fmt"
	"strings"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// replicas returns the most containers of one trial of a stage.
func replicas(s journal.Stage) int {
	most := 1
	for _, t := range s.Trials {
		most = max(most, tty.OrZero(t.Set.Replicas))
	}
	return most
}

// forEach returns " for each of N replicas"; "" for one container.
func forEach(s journal.Stage) string {
	if n := replicas(s); n > 1 && !s.Varies(plans.Replicas) {
		return fmt.Sprintf(" for each of %d replicas", n)
	}
	return ""
}

var instanceHeader = []string{"TRIAL", "REPLICA", "NAME", "REQUESTS", "PEAK", "CPU(of limit)", "EXIT"}

// instanceTable returns the figures of each container; no rows where each trial had
// one container.
func instanceTable(s journal.Stage) tty.Table {
	t := tty.Table{Header: instanceHeader, Flow: -1, Spare: []string{"NAME"}}
	for _, trial := range s.Trials {
		if len(trial.Instances) < 2 {
			continue
		}
		for n, instance := range trial.Instances {
			ended := "running"
			if instance.ExitCode != nil {
				ended = fmt.Sprint(*instance.ExitCode)
			}
			if instance.OOMKills != nil && *instance.OOMKills > 0 {
				ended += ", " + english.Count(int(*instance.OOMKills), "OOM kill")
			}
			t.Rows = append(t.Rows, []string{
				rowName(s, trial, n), fmt.Sprint(n + 1), tty.Clean(instance.Name), tty.Number(instance.Requests),
				tty.Bytes(instance.Memory.Peak), tty.Percent(instance.CPU.Share), ended,
			})
		}
	}
	return t
}

// idleReplicas returns a line for each trial with replicas that got no request.
func idleReplicas(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		var none []string
		for n, i := range t.Instances {
			if i.Requests != nil && *i.Requests == 0 {
				none = append(none, fmt.Sprint(n+1))
			}
		}
		if t.Load == nil || t.Load.Requests == 0 || len(none) == 0 {
			continue
		}
		them := "them"
		if len(none) == 1 {
			them = "it"
		}
		lines = append(lines, fmt.Sprintf("%s: replica %s got no request, so the trial proves nothing about %s",
			TrialName(s, t), strings.Join(none, ", "), them))
	}
	return lines
}

// rowName returns the name of the trial for its first row, else "".
func rowName(s journal.Stage, t journal.Trial, row int) string {
	if row > 0 {
		return ""
	}
	return TrialName(s, t)
}

// TrialName returns the name of a trial of a stage: its load, or the value of a search,
// else its id.
func TrialName(s journal.Stage, t journal.Trial) string {
	switch {
	case s.Kind == plans.Search:
		return trialValue(s, t)
	case t.Users != nil:
		return SizeWords(t)
	}
	return t.ID
}
