package formats

import (
	"cmp"
	"encoding/xml"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"plan/internal/metrics"
	"plan/internal/tty"
	"plan/plans"
	"plan/report"
	"plan/runner/journal"
)

// The elements of JUnit's XML, as Jenkins, GitLab and pytest use them.
type (
	junitSuites struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suite   junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"` // seconds
		Timestamp  string          `xml:"timestamp,attr"`
		Hostname   string          `xml:"hostname,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitCase struct {
		Class      string          `xml:"classname,attr"`
		Name       string          `xml:"name,attr"`
		Time       string          `xml:"time,attr"` // seconds
		Properties []junitProperty `xml:"properties>property"`
		Failure    *junitProblem   `xml:"failure"`
		Error      *junitProblem   `xml:"error"`
		Skipped    *junitProblem   `xml:"skipped"`
		Output     string          `xml:"system-out,omitempty"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// junitReport writes a run as JUnit's XML: each stage is a test case. A trial that
// fails on the way to an answer is no failed test.
func junitReport(w io.Writer, run journal.Run) error {
	properties := []junitProperty{
		{"run", run.Run.ID}, {"plan.file", run.Plan.File}, {"plan.sha256", run.Plan.SHA256}, {"version", run.Run.Version},
		{"host.cpus", numberCell(&run.Run.Host.CPUs)}, {"host.memory", numberCell(&run.Run.Host.Memory)},
		{"host.kernel", run.Run.Host.Kernel}, {"engine", run.Run.Host.Engine},
	}
	for _, i := range run.Images {
		if i.Digest != nil {
			properties = append(properties, junitProperty{i.Address + ".digest", *i.Digest})
		}
	}
	suite := junitSuite{
		Name: cmp.Or(run.Plan.Name, "plan"), Time: numberCell(&run.Run.Seconds),
		Timestamp:  run.Run.Started.UTC().Format(time.RFC3339),
		Hostname:   run.Run.Host.Name,
		Properties: slices.DeleteFunc(properties, func(p junitProperty) bool { return p.Value == "" }),
	}
	for _, s := range run.Stages {
		suite.Cases = append(suite.Cases, junitStage(suite.Name, s, run))
	}
	if lines := report.Problem(run); len(lines) > 0 {
		problem := junitProblem{Message: lines[0], Type: "run"}
		for _, line := range lines[1:] {
			problem.Text += line + "\n"
		}
		suite.Cases = append(suite.Cases, junitCase{Class: suite.Name, Name: "run", Time: "0", Error: &problem})
	}
	for _, c := range suite.Cases {
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
	}
	suite.Tests = len(suite.Cases)
	text, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	return err
}

// junitStage returns the test case of a stage: a failure is an answer that is not
// what the plan asks for, an error is no answer.
func junitStage(class string, s journal.Stage, run journal.Run) junitCase {
	part := report.PartOf(s, run)
	c := junitCase{Class: class, Name: s.Address, Time: numberCell(&s.Seconds), Properties: junitFigures(s),
		Output: part.Title + "\n" + part.Sentence + "\n"}
	problem := &junitProblem{Message: part.Sentence, Type: cmp.Or(string(s.Verdict), "unfinished")}
	for _, line := range slices.Concat(part.Reasons, part.Doubts, part.Log) {
		problem.Text += tty.Clean(line) + "\n"
	}
	switch {
	case part.Disproof != "":
		problem.Message, problem.Type = part.Disproof, string(journal.Disproved)
		c.Failure = problem
	case s.Verdict == journal.Passed:
	case s.Verdict == journal.Failed:
		c.Failure = problem
	case s.Verdict == journal.Skipped:
		c.Skipped = &junitProblem{Message: part.Sentence}
	default:
		c.Error = problem
	}
	return c
}

// junitFigures returns the answer of a stage, and every metric of the trial that
// proves it, as plain numbers; what is unknown is left out.
func junitFigures(s journal.Stage) []junitProperty {
	var all []junitProperty
	add := func(name, value string) {
		if value != "" {
			all = append(all, junitProperty{name, value})
		}
	}
	point := func(name string, p *journal.Point) {
		if p == nil {
			return
		}
		values := journal.Settings(*p).Values()
		for _, d := range plans.Searchable() {
			if v := values.Get(d); v != 0 {
				number := d.Number(v)
				add(name+"."+string(d), numberCell(&number))
			}
		}
		for _, setting := range slices.Sorted(maps.Keys(p.Vary)) {
			add(name+"."+setting, settingCell(p.Vary[setting]))
		}
	}
	point("found", s.Found)
	point("recommended", s.Recommended)
	if hour, known := report.Price(s); known {
		add("price.month", numberCell(new(hour*report.HoursOfMonth)))
	}
	add("held.users", numberCell(s.Held))
	if s.Met != nil {
		add("met", strconv.FormatBool(*s.Met))
	}
	if s.Certificate == nil {
		return all
	}
	for _, t := range s.Trials {
		if t.ID == s.Certificate.Passed {
			add("trial", t.ID)
			add("arrival_rate", numberCell(t.Arrivals))
			for _, m := range metrics.All() {
				add(m.Name, numberCell(t.Value(m)))
			}
		}
	}
	return all
}
