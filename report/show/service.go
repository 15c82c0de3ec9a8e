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
	command := "the image's own"
	switch {
	case s.Command != nil:
		command = quotedWords(s.Command)
	case s.Entrypoint != nil:
		command = "none: the image's own goes with its entrypoint"
	}
	gpus := ""
	switch s.GPUs {
	case 0:
	case plans.AllGPUs:
		gpus = "all"
	default:
		gpus = strconv.Itoa(s.GPUs)
	}
	volumes := joined(s.Volumes, "; ", func(v plans.Volume) string {
		text := "volume " + v.Source
		if v.Bind {
			text = v.Source
		}
		text += " at " + v.Target
		if v.ReadOnly {
			text += ", read-only"
		}
		return text
	})
	ulimits := joined(s.Ulimits, ", ", func(u plans.Ulimit) string {
		if u.Hard != u.Soft {
			return fmt.Sprintf("%s=%d:%d", u.Name, u.Soft, u.Hard)
		}
		return fmt.Sprintf("%s=%d", u.Name, u.Soft)
	})
	ports := joined(s.Ports, ", ", func(p plans.Port) string {
		host := "a random port"
		if p.Host != 0 {
			host = strconv.Itoa(p.Host)
		}
		if p.Address != "" {
			host = p.Address + ":" + host
		}
		return fmt.Sprintf("%d on %s of the host", p.Container, host)
	})
	helpers, start := "", "" // start is the CPU limit until it is ready, where that is not its own
	if s.RestartHelpers {
		helpers = "started again before each trial"
	}
	if s.StartCPUs != 0 {
		start = plans.CPUs.Text(int64(s.StartCPUs)) + " until it is ready"
	}
	return [][2]string{
		{"image", s.Image},
		{"command", command},
		{"entrypoint", quotedWords(s.Entrypoint)},
		{"working dir", s.WorkingDir},
		{"environment", environmentText(s.Environment)},
		{"env file", joined(s.EnvFiles, "; ", func(f plans.EnvFile) string { // without the values of its variables
			names := slices.Sorted(maps.Keys(f.Values))
			return strings.TrimSuffix(fmt.Sprintf("%s (%s)", f.Path, strings.Join(names, ", ")), " ()")
		})},
		{"user", s.User},
		{"volumes", volumes},
		{"tmpfs", joined(s.Tmpfs, ", ", func(t plans.Tmpfs) string {
			return strings.TrimSuffix(t.Target+" ("+t.Options+")", " ()")
		})},
		{"/dev/shm", shm},
		{"ulimits", ulimits},
		{"gpus", gpus},
		{"depends on", strings.Join(s.DependsOn, ", ")},
		{"helpers", helpers},
		{"networks", cmp.Or(strings.Join(s.Networks, ", "), "one for the run, then removed")},
		{"aliases", strings.Join(s.Aliases, ", ")},
		{"extra hosts", environmentText(s.ExtraHosts)},
		{"expose", numbers(s.Expose)},
		{"ports", ports},
		{"restart", s.Restart},
		{"limits", cmp.Or(strings.Join(containerTexts(s.Limits), ", "), "none")},
		{"start limit", start},
		{"replicas", replicasText(s.Limits)},
		{"ready", Readiness(s.Ready)},
	}
}

// joined joins the texts of a list's values.
func joined[T any](list []T, separator string, text func(T) string) string {
	texts := make([]string, len(list))
	for i, value := range list {
		texts[i] = text(value)
	}
	return strings.Join(texts, separator)
}

func quotedWords(command []string) string {
	return joined(command, " ", func(word string) string {
		if word == "" || strings.ContainsAny(word, " \t\"'") {
			return strconv.Quote(word)
		}
		return word
	})
}

func environmentText(environment map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		list = append(list, name+"="+environment[name])
	}
	return strings.Join(list, " ")
}

func numbers(list []int) string {
	return joined(list, ", ", strconv.Itoa)
}

// Readiness says when a service counts as ready.
func Readiness(r plans.Ready) string {
	what := "as soon as it runs"
	switch {
	case r.Path != "":
		what = fmt.Sprintf("when GET %s responds with %s", r.Path, statusText(r.Status))
		if r.Port != 0 {
			what = fmt.Sprintf("when GET %s on port %d responds with %s", r.Path, r.Port, statusText(r.Status))
		}
	case r.Log != "":
		what = "when a line of its log matches " + r.Log
		if r.Count > 1 {
			what = fmt.Sprintf("when %d lines of its log match %s", r.Count, r.Log)
		}
	case r.Ended:
		what = "when it has ended with exit code 0"
	case len(r.Command) > 0:
		what = "when this command exits with 0: " + quotedWords(r.Command)
	case r.TCP != 0:
		what = fmt.Sprintf("when port %d responds, or accepts connections without HTTP", r.TCP)
	}
	if r.Timeout != 0 {
		what += ", each attempt within " + units.Duration(r.Timeout)
	}
	if r.Health {
		what = "when its image's healthcheck passes; without one, " + what
	}
	return what + ", within " + units.Duration(r.Within)
}
