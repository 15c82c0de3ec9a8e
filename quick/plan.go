package quick

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"plan/internal/english"
	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans/request"
)

// The ends of what is tried, unless the machine has less.
const (
	leastMemory = 64 * units.MiB
	mostMemory  = 8 * units.GiB
)

// The users of a ramp that finds them itself. With fewer than the fewest, p95 would need
// a load of more than a minute.
const (
	fewestUsers = 5
	mostUsers   = 10_000
)

// steps are the numbers of users of loads that do not grow, which Locust sends.
func steps() []int { return []int{10, 20, 50, 100, 200, 500, 1000, 2000, 5000, mostUsers} }

// Threshold is a bound that users must keep, as plans write it.
type Threshold struct{ Metric, Limit string }

// Thresholds reads METRIC=LIMIT, as p95=500ms, over the usual ones.
func Thresholds(texts []string) ([]Threshold, error) {
	list := []Threshold{{"p95", "500ms"}, {"error_rate", "1%"}}
	var names []string
	for _, m := range metrics.Bounded() {
		if m.Better != metrics.Higher { // few users cannot reach a lower bound
			names = append(names, m.Name)
		}
	}
	for _, text := range texts {
		metric, limit, is := strings.Cut(text, "=")
		if !is || limit == "" || !slices.Contains(names, metric) {
			return nil, fmt.Errorf("--threshold %q is not a bound: write p95=500ms; the metrics are %s", text,
				english.Or(names))
		}
		list = slices.DeleteFunc(list, func(t Threshold) bool { return t.Metric == metric })
		list = append(list, Threshold{metric, limit})
	}
	return list, nil
}

// LoadBounds returns the bounds of a load without a plan: p95 in seconds, and the
// share of requests that may fail.
func LoadBounds(list []Threshold) (p95, errorRate float64, err error) {
	for _, t := range list {
		switch t.Metric {
		case "p95":
			d, err := units.ParseDuration(t.Limit)
			if err != nil || d <= 0 {
				return 0, 0, fmt.Errorf("--threshold p95=%s is not a duration: write p95=500ms", t.Limit)
			}
			p95 = d.Seconds()
		case "error_rate":
			if errorRate, err = units.ParseShare(t.Limit); err != nil {
				return 0, 0, fmt.Errorf("--threshold error_rate=%s is not a share: write error_rate=1%%", t.Limit)
			}
		default:
			return 0, 0, fmt.Errorf("--threshold %s has no effect on an address: write p95 or error_rate", t.Metric)
		}
	}
	return p95, errorRate, nil
}

// Sizing is what the stages of a plan depend on.
type Sizing struct {
	Service    string        // name of its block
	Limited    bool          // its block has a limit of CPU
	Ready      string        // path that it answers once it is ready; "": not known
	Started    time.Duration // until it was ready without limits; 0: not known
	Memory     units.Bytes   // of the machine; 0: not known
	Driver     []string      // lines of the block of Locust; nil: the scenario is played
	Thresholds []Threshold
}

// to is the most memory that is tried: what the guard of a run leaves of the machine.
func (s Sizing) to() units.Bytes {
	if s.Memory == 0 {
		return mostMemory
	}
	free := s.Memory - max(512*units.MiB, s.Memory/10)
	return max(leastMemory, min(mostMemory, free/units.MiB*units.MiB))
}

// within is how long a trial waits until it is ready: five times as long as it took without limits. One that
// reads its own files again and again, since it has too little memory, takes far longer.
func (s Sizing) within() time.Duration {
	const least = 15 * time.Second
	return max(least, (5*s.Started + time.Second - 1).Truncate(time.Second))
}

// Stages writes the search for the least memory, and the ramp of users at it.
func (s Sizing) Stages() []byte {
	var b strings.Builder
	cpus := ""
	if !s.Limited {
		cpus = "cpus = 1\n"
	}
	fmt.Fprintf(&b, `# The least memory at which it starts and responds. For a search in full, lengthen runtime
# and remove margin: the recommended value is then 15 %% above the least, and is tried too.
# Remove leak_horizon in both stages too: growth then takes a load of 5 minutes.
search "memory" {
service = service.%[1]s
margin = "0%%"
leak_horizon = "1s" # growth is only reported

vary "memory" {
from = %[2]q
to = %[3]q
step = "5%%" # of the value below, rounded up to 1M
}
`, s.Service, leastMemory.Exact(), s.to().Exact())
	if cpus != "" {
		fmt.Fprintf(&b, "\nset {\n%s}\n", cpus)
	}
	timeout := Timeout(s.Thresholds) // a load is longer
	s.load(&b, "users = 10 # each has its own connection", `spawn_rate = "10/s"`,
		fmt.Sprintf("runtime = %q", units.Duration(max(5*time.Second, timeout+time.Second))))
	fmt.Fprintf(&b, `}

# The most users that keep the thresholds with 15 %% more memory: with the least itself, a
# little more load than that of the search runs out of memory. %s
ramp "users" {
service = service.%s
%sleak_horizon = "1s"

set {
memory = "${ceil(search.memory.found.memory_bytes * 1.15 / 1048576)}M"
%s}
`, s.full(), s.Service, s.users(), cpus)
	if s.Driver == nil {
		s.load(&b, fmt.Sprintf("runtime = %q # users start in its first half; longer where few have too few "+
			"responses for p95", units.Duration(max(10*time.Second, timeout+6*time.Second))))
	} else {
		s.load(&b, `spawn_rate = "5000/s"`,
			fmt.Sprintf("runtime = %q", units.Duration(max(20*time.Second, timeout+16*time.Second))))
	}
	b.WriteString("\nthreshold {\n")
	for _, t := range s.Thresholds {
		fmt.Fprintf(&b, "%s = %q\n", t.Metric, t.Limit)
	}
	b.WriteString("}\n}\n")
	return hclwrite.Format([]byte(b.String()))
}

// users are the lines of a ramp that say how many users it tries. A load of Locust does
// not grow, so that it has steps.
func (s Sizing) users() string {
	if s.Driver != nil {
		return fmt.Sprintf("users = %s\n", strings.ReplaceAll(fmt.Sprint(steps()), " ", ", "))
	}
	return fmt.Sprintf("users = \"auto\"\nfrom = %d\nto = %d\nstep = \"5%%\" # of the users that pass, rounded up to 1\n",
		fewestUsers, mostUsers)
}

// full says how the ramp becomes one in full.
func (s Sizing) full() string {
	if s.Driver != nil {
		return "For a ramp in full, write the steps\n# near the answer and a runtime of a minute."
	}
	return "For a ramp in full, remove step,\n# which makes it 2 %, and write a runtime of a minute."
}

// load writes the load of a stage.
func (s Sizing) load(b *strings.Builder, lines ...string) {
	b.WriteString("\nload {\n")
	if s.Driver == nil {
		fmt.Fprintf(b, "scenario = scenario.%s\n", request.ScenarioName)
	}
	for _, line := range lines {
		if line != "" {
			b.WriteString(line + "\n")
		}
	}
	if s.Driver != nil {
		fmt.Fprintf(b, "\ndriver \"locust\" {\n%s\n}\n", strings.Join(s.Driver, "\n"))
	}
	b.WriteString("}\n")
}

// signature begins the last line of a plan that quick wrote.
const signature = "# plan quick overwrites this file until it is edited: "

// Sign adds a line that shows whether a plan has been edited.
func Sign(text []byte) []byte {
	return fmt.Appendf(text, "\n%s%x\n", signature, crc32.ChecksumIEEE(text))
}

// Signed reports whether a plan is as quick wrote it.
func Signed(text []byte) bool {
	i := bytes.LastIndex(text, []byte("\n"+signature))
	return i >= 0 && bytes.Equal(text, Sign(slices.Clone(text[:i])))
}

// ImagePlan writes the plan of an image that serves on a port.
func ImagePlan(image string, port int, requests *request.Source, s Sizing) []byte {
	s.Service = "api"
	var lines []string
	if s.Ready != "" {
		lines = append(lines, fmt.Sprintf("path = %q", s.Ready))
	}
	if s.Started > 0 {
		lines = append(lines, fmt.Sprintf("within = \"%ds\" # without limits it took %s", int(s.within().Seconds()),
			units.Duration(s.Started)))
	}
	ready := ""
	if lines != nil {
		ready = "\nready {\n" + strings.Join(lines, "\n") + "\n}\n"
	}
	return hclwrite.Format(fmt.Appendf(nil, `# Written by plan quick for the image %[1]s: how little memory it needs, and how many
# users it then holds. The loads are short. Edit it, and run it with plan run.

service "api" {
image = %[1]q
expose = ["%[2]d"]
%[3]s}

%[4]s
%[5]s`, image, port, ready, requests.Scenario(), s.Stages()))
}
