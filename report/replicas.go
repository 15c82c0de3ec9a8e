package report

import (
	"fmt"
	"strings"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/plans"
	"plan/runner/journal"
)

// replicas is how many containers the trials of a stage had at most.
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

// subject is the service of a stage, with its replicas.
func subject(s journal.Stage) string {
	if n := replicas(s); n > 1 {
		return fmt.Sprintf("%s with %d replicas", s.Service, n)
	}
	return s.Service
}

// forEach says what a limit is of, where there are several replicas.
func forEach(s journal.Stage) string {
	if n := replicas(s); n > 1 {
		return fmt.Sprintf(" for each of %d replicas", n)
	}
	return ""
}

var instanceHeader = []string{"TRIAL", "REPLICA", "NAME", "REQUESTS", "PEAK", "CPU(of limit)", "EXIT"}

// instanceTable has the figures of each container; no rows where each trial
// had only one.
func instanceTable(s journal.Stage) tty.Table {
	t := tty.Table{Header: instanceHeader, Flow: -1, Spare: []string{"NAME"}}
	for _, trial := range s.Trials {
		if len(trial.Instances) < 2 {
			continue
		}
		for n, instance := range trial.Instances {
			t.Rows = append(t.Rows, instanceRow(heading(s, trial, n), n+1, instance))
		}
	}
	return t
}

// idle tells of replicas that got no request under a load.
func idle(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials {
		var none []string
		for n, i := range t.Instances {
			if i.Requests != nil && *i.Requests == 0 {
				none = append(none, fmt.Sprint(n+1))
			}
		}
		if t.Load != nil && t.Load.Requests > 0 && len(none) > 0 {
			lines = append(lines, fmt.Sprintf("%s: no request went to replica %s: the trial proves nothing of %s", who(s, t), strings.Join(none, ", "), pronoun(len(none))))
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

// heading names the trial in the first of its rows.
func heading(s journal.Stage, t journal.Trial, row int) string {
	if row > 0 {
		return ""
	}
	return who(s, t)
}

func instanceRow(trial string, number int, i journal.Instance) []string {
	return []string{
		trial, fmt.Sprint(number), tty.Clean(i.Name), tty.Number(i.Requests), tty.Bytes(i.Memory.Peak), tty.Percent(i.CPU.Share), exitText(i),
	}
}

// exitText is how a container ended.
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

// who names a trial of a stage: its users, or what is searched, else its id.
func who(s journal.Stage, t journal.Trial) string {
	switch {
	case s.Kind == plans.Search:
		return trialValue(s, t)
	case t.Users != nil:
		return sizeWords(t)
	}
	return t.ID
}
