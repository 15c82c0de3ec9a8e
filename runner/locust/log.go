package locust

import (
	"regexp"
	"strings"
)

// Event is what a line of Locust's log tells.
type Event string

// The events that matter to a load.
const (
	None    Event = ""
	Started Event = "started" // with its version, where it knows it
	Begun   Event = "begun"   // the first users start
	Spawned Event = "spawned" // all users are active
	Full    Event = "full"    // its process has no CPU to spare
	Shape   Event = "shape"   // the locustfile says by itself how many users there are
)

// milestones are lines with what they tell. A name in parentheses is the
// logger's: words of the locustfile must not be taken for Locust's.
var milestones = []struct {
	line  *regexp.Regexp
	event Event
}{
	{regexp.MustCompile(`/INFO/locust\.main: Starting Locust ?(\S*)`), Started},
	{regexp.MustCompile(`/INFO/locust\.runners: Ramping to \d+ users `), Begun},
	{regexp.MustCompile(`/INFO/locust\.runners: All users spawned: `), Spawned},
	{regexp.MustCompile(`/WARNING/(?:root|locust\.runners): CPU usage (?:above|was too high)`), Full},
	{regexp.MustCompile(`/WARNING/locust\.main: .*(?:contains a shape class|no impact on LoadShapes)`), Shape},
}

// Read tells what a line of the log says; version comes with Started.
func Read(line string) (event Event, version string) {
	for _, m := range milestones {
		if found := m.line.FindStringSubmatch(line); found != nil {
			return m.event, strings.Join(found[1:], "")
		}
	}
	return None, ""
}
