package locust

import (
	"regexp"
	"strings"
)

// event is what a line of Locust's log reports.
type event string

// The events that matter to a load.
const (
	noEvent        event = ""
	eventStarted   event = "started"     // Locust has started; the version comes with it where the log has it
	eventFirstUser event = "begun"       // the first users start
	eventAllUsers  event = "spawned"     // all users are active
	eventNoCPU     event = "full"        // the process has no CPU to spare
	eventShape     event = "shape"       // a LoadTestShape sets the number of users
	eventKilled    event = "killed"      // users that were to stop had not within stopTime
	eventUserEnded event = "ended"       // a user ended by an exception, such as one of on_start
	eventSpawnFail event = "not spawned" // the start of users ended by an exception, such as one of __init__
)

// logPatterns are the lines that report an event. They match the name of the
// logger, so that output of the locustfile is not taken for Locust's.
var logPatterns = []struct {
	line  *regexp.Regexp
	event event
}{
	{regexp.MustCompile(`/INFO/locust\.main: Starting Locust ?(\S*)`), eventStarted},
	{regexp.MustCompile(`/INFO/locust\.runners: Shape test starting`), eventShape},
	{regexp.MustCompile(`/INFO/locust\.runners: Ramping to \d+ users `), eventFirstUser},
	{regexp.MustCompile(`/INFO/locust\.runners: All users spawned: `), eventAllUsers},
	{regexp.MustCompile(`/INFO/locust\.runners: Not all users finished `), eventKilled},
	{regexp.MustCompile(`/WARNING/(?:root|locust\.runners): CPU usage (?:above|was too high)`), eventNoCPU},
	{regexp.MustCompile(`/WARNING/locust\.main: .*(?:contains a shape class|no impact on LoadShapes)`), eventShape},
}

// userEnded is the line that gevent prints below the traceback of a user.
var userEnded = regexp.MustCompile(`<Greenlet .*\brun_user\b.*> failed with \w+$`)

// spawnFailed is that line for what starts the users.
var spawnFailed = regexp.MustCompile(`<Greenlet .*: <lambda>> failed with \w+$`)

// logParser parses the lines of a log in order. It remembers the last error, which
// precedes the line that says what it ended.
type logParser struct {
	said string // the last line that is not indented
	at   string // the last line of the locustfile in a traceback
}

// parse returns the event of a line; text is the version that has started, or the error
// that ended a user or the start of users.
func (l *logParser) parse(line string) (event event, text string) {
	switch {
	case userEnded.MatchString(line):
		return eventUserEnded, l.said + atLine(lineOf(l.at))
	case spawnFailed.MatchString(line):
		return eventSpawnFail, l.said + atLine(lineOf(l.at))
	case strings.HasPrefix(line, "Traceback "):
		l.at = ""
	case locustfileLine.MatchString(line):
		l.at = line
	case line != "" && !strings.HasPrefix(line, " "):
		l.said = line
	}
	return parseLine(line)
}

// parseLine returns the event of a line of the log, noEvent for any other line.
// version is set with eventStarted only.
func parseLine(line string) (event event, version string) {
	for _, m := range logPatterns {
		if found := m.line.FindStringSubmatch(line); found != nil {
			return m.event, strings.Join(found[1:], "")
		}
	}
	return noEvent, ""
}
