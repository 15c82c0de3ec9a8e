package show

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"plan/internal/units"
	"plan/plans"
)

func serviceRows(s plans.Service) [][2]string {
	shm := ""
	if s.ShmSize != 0 {
		shm = s.ShmSize.String()
	}
	return [][2]string{
		{"image", s.Image},
		{"command", commandText(s)},
		{"entrypoint", quotedWords(s.Entrypoint)},
		{"working dir", s.WorkingDir},
		{"environment", environmentText(s.Environment)},
		{"user", s.User},
		{"volumes", volumesText(s.Volumes)},
		{"tmpfs", tmpfsText(s.Tmpfs)},
		{"/dev/shm", shm},
		{"ulimits", ulimitsText(s.Ulimits)},
		{"gpus", gpusText(s.GPUs)},
		{"depends on", strings.Join(s.DependsOn, ", ")},
		{"networks", cmp.Or(strings.Join(s.Networks, ", "), "one for the run, then removed")},
		{"aliases", strings.Join(s.Aliases, ", ")},
		{"extra hosts", environmentText(s.ExtraHosts)},
		{"expose", numbers(s.Expose)},
		{"ports", portsText(s.Ports)},
		{"restart", s.Restart},
		{"limits", cmp.Or(strings.Join(containerTexts(s.Limits), ", "), "none")},
		{"replicas", replicasText(s.Limits)},
		{"ready", readyText(s.Ready)},
	}
}

func commandText(s plans.Service) string {
	switch {
	case s.Command != nil:
		return quotedWords(s.Command)
	case s.Entrypoint != nil:
		return "none: the image's own goes with its entrypoint"
	}
	return "the image's own"
}

func quotedWords(command []string) string {
	quoted := make([]string, len(command))
	for i, word := range command {
		quoted[i] = word
		if word == "" || strings.ContainsAny(word, " \t\"'") {
			quoted[i] = strconv.Quote(word)
		}
	}
	return strings.Join(quoted, " ")
}

func environmentText(environment map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		list = append(list, name+"="+environment[name])
	}
	return strings.Join(list, " ")
}

func numbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

func portsText(ports []plans.Port) string {
	var list []string
	for _, p := range ports {
		host := "a random port"
		if p.Host != 0 {
			host = strconv.Itoa(p.Host)
		}
		if p.Address != "" {
			host = p.Address + ":" + host
		}
		list = append(list, fmt.Sprintf("%d on %s of the host", p.Container, host))
	}
	return strings.Join(list, ", ")
}

func volumesText(volumes []plans.Volume) string {
	var list []string
	for _, v := range volumes {
		text := "volume " + v.Source
		if v.Bind {
			text = v.Source
		}
		text += " at " + v.Target
		if v.ReadOnly {
			text += ", read-only"
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

func tmpfsText(list []plans.Tmpfs) string {
	var texts []string
	for _, t := range list {
		texts = append(texts, strings.TrimSuffix(t.Target+" ("+t.Options+")", " ()"))
	}
	return strings.Join(texts, ", ")
}

func ulimitsText(list []plans.Ulimit) string {
	var texts []string
	for _, u := range list {
		text := fmt.Sprintf("%s=%d", u.Name, u.Soft)
		if u.Hard != u.Soft {
			text += fmt.Sprintf(":%d", u.Hard)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

func gpusText(count int) string {
	switch count {
	case 0:
		return ""
	case plans.AllGPUs:
		return "all"
	}
	return strconv.Itoa(count)
}

func readyText(r plans.Ready) string {
	what := "as soon as it runs"
	switch {
	case r.Path != "":
		what = fmt.Sprintf("once GET %s answers %s", r.Path, statusText(r.Status))
		if r.Port != 0 {
			what = fmt.Sprintf("once GET %s on port %d answers %s", r.Path, r.Port, statusText(r.Status))
		}
	case r.Log != "":
		what = "once a line of its log matches " + r.Log
		if r.Count > 1 {
			what = fmt.Sprintf("once %d lines of its log match %s", r.Count, r.Log)
		}
	case r.Ended:
		what = "once it has ended with exit code 0"
	case len(r.Command) > 0:
		what = "once its command ends with 0: " + quotedWords(r.Command)
	case r.TCP != 0:
		what = fmt.Sprintf("once port %d answers, or takes connections where it speaks no HTTP", r.TCP)
	}
	if r.Timeout != 0 {
		what += ", each attempt within " + units.Duration(r.Timeout)
	}
	if r.Health {
		what = "once its image's healthcheck says so; without one, " + what
	}
	return what + ", within " + units.Duration(r.Within)
}
