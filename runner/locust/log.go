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
	eventStarted   event = "started" // Locust has started; the version comes with it where the log has it
	eventFirstUser event = "begun"   // the first users start
	eventAllUsers  event = "spawned" // all users are active
	eventNoCPU     event = "full"    // the process has no CPU to spare
	eventShape     event = "shape"   // the locustfile sets the number of users
)

// logPatterns are the lines that report an event. They match the name of the
// logger, so that output of the locustfile is not taken for Locust's.
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
