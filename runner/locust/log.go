package locust

import (
	"regexp"
	"strings"
)

// event is what a line of Locust's log tells.
type event string

// The events that matter to a load.
const (
	noEvent    event = ""
	eventStarted event = "started" // with its version, where it knows it
	eventFirstUser   event = "begun"   // the first users start
	eventAllUsers event = "spawned" // all users are active
	eventNoCPU    event = "full"    // its process has no CPU to spare
	eventShape   event = "shape"   // the locustfile says by itself how many users there are
)

// logPatterns are lines with what they tell. A name in parentheses is the
// logger's: words of the locustfile must not be taken for Locust's.
var logPatterns = []struct {
	line  *regexp.Regexp
	event event
}{
	{regexp.MustCompile(`/INFO/locust\.main: Starting Locust ?(\S*)`), eventStarted},
	{regexp.MustCompile(`/INFO/locust\.runners: Ramping to \d+ users `), eventFirstUser},
	{regexp.MustCompile(`/INFO/locust\.runners: All users spawned: `), eventAllUsers},
	{regexp.MustCompile(`/WARNING/(?:root|locust\.runners): CPU usage (?:above|was too high)`), eventNoCPU},
	{regexp.MustCompile(`/WARNING/locust\.main: .*(?:contains a shape class|no impact on LoadShapes)`), eventShape},
}

// parseLine tells what a line of the log says; version comes with Started.
func parseLine(line string) (event event, version string) {
	for _, m := range logPatterns {
		if found := m.line.FindStringSubmatch(line); found != nil {
			return m.event, strings.Join(found[1:], "")
		}
	}
	return noEvent, ""
}
