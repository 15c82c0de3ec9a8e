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
		most = max(most, trialReplicas(t))
	}
	return most
}

func trialReplicas(t journal.Trial) int {
	if t.Set.Replicas == nil {
		return 1
	}
	return *t.Set.Replicas
}

// serviceWithReplicas returns the service of a stage with its replicas.
func serviceWithReplicas(s journal.Stage) string {
	if n := replicas(s); n > 1 {
		return fmt.Sprintf("%s with %d replicas", s.Service, n)
	}
	return s.Service
}

// forEach returns " for each of N replicas"; "" for one container.
func forEach(s journal.Stage) string {
	if n := replicas(s); n > 1 {
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
			t.Rows = append(t.Rows, instanceRow(rowName(s, trial, n), n+1, instance))
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
		if t.Load != nil && t.Load.Requests > 0 && len(none) > 0 {
			lines = append(lines, fmt.Sprintf("%s: no request went to replica %s: the trial proves nothing of %s",
				trialName(s, t), strings.Join(none, ", "), pronoun(len(none))))
		}
	}
	return lines
}

func pronoun(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// rowName returns the name of the trial for its first row, else "".
func rowName(s journal.Stage, t journal.Trial, row int) string {
	if row > 0 {
		return ""
	}
	return trialName(s, t)
}

func instanceRow(trial string, number int, i journal.Instance) []string {
	return []string{
		trial, fmt.Sprint(number), tty.Clean(i.Name), tty.Number(i.Requests), tty.Bytes(i.Memory.Peak),
		tty.Percent(i.CPU.Share), exitText(i),
	}
}

// exitText returns how a container ended.
func exitText(i journal.Instance) string {
	text := "running"
	if i.ExitCode != nil {
		text = fmt.Sprint(*i.ExitCode)
	}
	if i.OOMKills != nil && *i.OOMKills > 0 {
		text += ", " + english.Count(int(*i.OOMKills), "OOM kill")
	}
	return text
}

// trialName returns the name of a trial of a stage: its load, or the value of a search,
// else its id.
func trialName(s journal.Stage, t journal.Trial) string {
	switch {
	case s.Kind == plans.Search:
		return trialValue(s, t)
	case t.Users != nil:
		return sizeWords(t)
	}
	return t.ID
}
