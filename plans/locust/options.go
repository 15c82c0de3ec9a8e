// Package locust lists the options of Locust that a plan sets itself, and the variables
// that Locust reads for them. It knows nothing of plans and of how Locust is started.
package locust

import (
	"slices"
	"strings"
)

// Option is an option of Locust that a plan sets itself, that would hide what Locust
// reports, or that has no use in a trial.
type Option struct {
	Names    []string
	Variable string
	Valued   bool   // a value follows, or several
	Instead  string // what a plan sets in its place; "" if it is only of no use
}

const (
	page  = "its web UI, which is read"
	log   = "its log, which is read"
	alone = "one process"
)

// Options returns all of them.
func Options() []Option {
	return []Option{
		{[]string{"-f", "--locustfile"}, "LOCUST_LOCUSTFILE", true, "file"},
		{[]string{"-H", "--host"}, "LOCUST_HOST", true, "the service of the stage"},
		{[]string{"-u", "--users"}, "LOCUST_USERS", true, "users"},
		{[]string{"-r", "--spawn-rate"}, "LOCUST_SPAWN_RATE", true, "spawn_rate"},
		{[]string{"-t", "--run-time"}, "LOCUST_RUN_TIME", true, "runtime"},
		{[]string{"-T", "--tags"}, "LOCUST_TAGS", true, "tags"},
		{[]string{"-s", "--stop-timeout"}, "LOCUST_STOP_TIMEOUT", true, "a fixed time of 10 s"},
		{[]string{"--reset-stats"}, "LOCUST_RESET_STATS", false, "the judged window, which begins with a reset"},
		{[]string{"-L", "--loglevel"}, "LOCUST_LOGLEVEL", true, "a fixed level, INFO"},
		{[]string{"--logfile"}, "LOCUST_LOGFILE", true, log},
		{[]string{"--skip-log-setup"}, "LOCUST_SKIP_LOG_SETUP", false, log},
		{[]string{"--headless"}, "LOCUST_HEADLESS", false, page},
		{[]string{"--headful"}, "LOCUST_HEADFUL", false, page},
		{[]string{"--autostart"}, "LOCUST_AUTOSTART", false, page},
		{[]string{"--autoquit"}, "LOCUST_AUTOQUIT", true, page},
		{[]string{"--web-host"}, "LOCUST_WEB_HOST", true, page},
		{[]string{"-P", "--web-port"}, "LOCUST_WEB_PORT", true, page},
		{[]string{"--web-base-path"}, "LOCUST_WEB_BASE_PATH", true, page},
		{[]string{"--web-login"}, "LOCUST_WEB_LOGIN", false, page},
		{[]string{"--master"}, "LOCUST_MODE_MASTER", false, alone},
		{[]string{"--worker"}, "LOCUST_MODE_WORKER", false, alone},
		{[]string{"--processes"}, "LOCUST_PROCESSES", true, alone},
		{[]string{"--master-host"}, "LOCUST_MASTER_NODE_HOST", true, alone},
		{[]string{"--expect-workers"}, "LOCUST_EXPECT_WORKERS", true, alone},

		{[]string{"--only-summary"}, "LOCUST_ONLY_SUMMARY", false, ""},
		{[]string{"--print-stats"}, "LOCUST_PRINT_STATS", false, ""},
		{[]string{"--html"}, "LOCUST_HTML", true, ""},
		{[]string{"--csv"}, "LOCUST_CSV", true, ""},
		{[]string{"--csv-full-history"}, "LOCUST_CSV_FULL_HISTORY", false, ""},
	}
}

// OfWord returns the option that a word of a command is, also with its value as in
// --users=3.
func OfWord(word string) (Option, bool) {
	name, _, _ := strings.Cut(word, "=")
	return find(func(o Option) bool { return slices.Contains(o.Names, name) })
}

// OfVariable returns the option that Locust reads from a variable.
func OfVariable(name string) (Option, bool) {
	return find(func(o Option) bool { return o.Variable == name })
}

func find(is func(Option) bool) (Option, bool) {
	options := Options()
	if i := slices.IndexFunc(options, is); i >= 0 {
		return options[i], true
	}
	return Option{}, false
}
