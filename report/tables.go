package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"plan/internal/units"
	"plan/plans"
	"plan/runner"
	"plan/runner/journal"
)

// Tables prints a run for people: a table and a sentence for each stage, one
// summary of the run, its outputs, and what went wrong if it could not go on.
func Tables(w io.Writer, run journal.Run, o Options) error {
	p := &printer{w: w, o: o}
	for _, s := range run.Stages {
		p.stage(s, run)
	}
	p.summary(run)
	p.images(run.Images)
	p.outputs(run.Outputs)
	p.problem(run.Run)
	return p.err
}

// printer remembers the first error of its writer.
type printer struct {
	w   io.Writer
	o   Options
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) table(t table) {
	if p.err == nil {
		p.err = t.print(p.w, p.o)
	}
}

// heading prints a title, in bold where there is colour.
func (p *printer) heading(text string) {
	if p.o.Color {
		text = bold + text + reset
	}
	p.line("%s", text)
}

func (p *printer) stage(whole journal.Stage, run journal.Run) {
	s := whole.Counted()
	p.heading(title(s))
	if len(s.Trials) > 0 {
		p.stageTable(s)
	}
	for _, line := range slices.Concat(setAside(whole), lastWords(s)) {
		p.line("%s", line)
	}
	p.line("%s", paint(Sentence(s), s.Verdict, p.o.Color))
	if t, is := run.Disproof(s); is { // the run ended before the search went on, or the command was one that did not
		p.line("%s", paint(fmt.Sprintf("That is disproved: %s at %s: %s.", t.ID, trialValue(s, t), why(t)), journal.Failed, p.o.Color))
	}
	p.line("")
}

// setAside has a line for each trial that ran at an answer that was disproved.
func setAside(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials[:len(s.Trials)-len(s.Counted().Trials)] {
		lines = append(lines, fmt.Sprintf("Set aside, since it used an answer that is disproved: %s at %s: %s: %s", t.ID, limitsText(t), t.Verdict, why(t)))
	}
	return lines
}

func (p *printer) stageTable(s journal.Stage) {
	if s.Kind == plans.Search {
		p.table(searchTable(s))
	} else {
		p.table(loadTable(s))
	}
	if each := instanceTable(s); len(each.rows) > 0 {
		p.line("Above, the memory used is that of all replicas together. Each of them:")
		p.table(each)
	}
	if each := requestTable(s); len(each.rows) > 0 {
		p.line("By request, over the whole load:")
		p.table(each)
	}
	for _, remark := range remarks(s) {
		p.line("%s", remark)
	}
}

func title(s journal.Stage) string {
	if s.Kind == plans.Search {
		return searchTitle(s)
	}
	return loadTitle(s)
}

// Sentence is the answer of a stage in words.
func Sentence(s journal.Stage) string {
	s = s.Counted()
	switch s.Kind {
	case plans.Search:
		return searchSentence(s)
	case plans.Ramp:
		return rampSentence(s)
	}
	return checkSentence(s)
}

// logShown is how many of the last lines of a log are printed.
const logShown = 10

// lastWords are, where a stage has no answer, the last lines of the log of the
// last trial that its log may explain: one that ended by itself, or was never
// ready.
func lastWords(s journal.Stage) []string {
	if s.Verdict == journal.Passed {
		return nil
	}
	for _, t := range slices.Backward(s.Trials) {
		told := t.Evidence != nil && len(t.Evidence.Log) > 0
		if t.Reason == nil || !told || !slices.Contains([]journal.Reason{journal.Exit, journal.NotReady, journal.EngineLost}, *t.Reason) {
			continue
		}
		lines := []string{fmt.Sprintf("The last lines of the log of %s:", t.ID)}
		for _, line := range t.Evidence.Log[max(0, len(t.Evidence.Log)-logShown):] {
			lines = append(lines, "  | "+clean(line))
		}
		return lines
	}
	return nil
}

// summary is the one table of the run.
func (p *printer) summary(run journal.Run) {
	p.heading(fmt.Sprintf("%s: run %s", run.Plan.Name, run.Run.ID))
	if len(run.Stages) == 0 {
		return
	}
	t := table{header: []string{"STAGE", "ANSWER", "PROOF", "TRIALS", "TIME"}, flow: 2}
	trials := 0
	for _, s := range run.Stages {
		trials += len(s.Trials)
		counted := s.Counted()
		said := answer(counted)
		if _, is := run.Disproof(s); is {
			said += " (disproved)"
		}
		t.rows = append(t.rows, []string{s.Address, said, summaryProof(counted), fmt.Sprint(len(s.Trials)), secondsText(&s.Seconds)})
	}
	p.table(t)
	p.line("%s in %s.", count(trials, "trial"), secondsText(&run.Run.Seconds))
}

// answer is a stage's in a word or two.
func answer(s journal.Stage) string {
	switch {
	case s.LimitIndependent:
		return "not " + s.Dimension.Noun()
	case s.FailedBy == journal.Disproved:
		return "none: disproved"
	case s.AtMost:
		return "at most " + foundText(s)
	case s.Found != nil:
		return foundText(s)
	case s.Held != nil:
		return heldText(s)
	case s.Met != nil && *s.Met:
		return "met"
	case s.Met != nil:
		return "not met"
	case s.Kind == plans.Search && leaked(highestFailed(s)):
		return "none: the need grows"
	case s.Verdict == journal.Failed:
		return "none"
	case s.Verdict == "":
		return "unfinished"
	}
	return string(s.Verdict)
}

// foundText is what a search found, "3 × 1300M" with three replicas.
func foundText(s journal.Stage) string {
	if n := replicas(s); n > 1 {
		return fmt.Sprintf("%d × %s", n, pointText(s.Found))
	}
	return pointText(s.Found)
}

func heldText(s journal.Stage) string {
	text := count(*s.Held, "user")
	if s.Certificate == nil || len(s.Certificate.Failed) == 0 {
		text = "at least " + text
	}
	if s.Verdict == journal.Failed {
		text += " (too few)"
	}
	return text
}

func summaryProof(s journal.Stage) string {
	switch {
	case s.Kind == plans.Check && s.Met != nil && len(s.Trials) > 0:
		return why(s.Trials[len(s.Trials)-1])
	case s.LimitIndependent && len(s.Trials) > 1:
		return fmt.Sprintf("ends by itself at %s and at %s", trialValue(s, s.Trials[0]), trialValue(s, s.Trials[1]))
	case s.FailedBy == journal.Disproved && len(s.Disproved) > 0:
		d := s.Disproved[len(s.Disproved)-1]
		return fmt.Sprintf("%s failed (%s)", pointText(&d.At), d.Trial)
	case s.Certificate != nil:
		return proof(s)
	case s.Verdict == journal.Failed && len(s.Trials) > 0:
		last := s.Trials[len(s.Trials)-1]
		if s.Kind == plans.Search {
			last = highestFailed(s)
		}
		return trialValue(s, last) + " failed"
	}
	return clean(s.Reason)
}

func (p *printer) images(images []journal.Image) {
	for _, i := range images {
		if i.Pushed && i.Digest != nil {
			p.line("Pushed %s: %s", i.Name, *i.Digest)
		}
	}
}

func (p *printer) outputs(values map[string]any) {
	if len(values) == 0 {
		return
	}
	p.line("")
	p.heading("Outputs")
	width := 0
	for name := range values {
		width = max(width, len(name))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p.line("  %-*s = %s", width, name, outputText(values[name]))
	}
}

// problem says why the run could not go on, and what to do.
func (p *printer) problem(h journal.Header) {
	switch {
	case h.Unfinished:
		p.line("\nThe journal has no end: the run was killed, or it still goes on. If it was killed, this removes what it left: plan clean %s", h.ID)
	case h.Problem != "":
		p.line("\n%s", paint("The run could not go on: "+strings.TrimSuffix(clean(h.Problem), ".")+".", journal.Failed, p.o.Color))
		if h.Help != "" {
			p.line("What to do: %s.", strings.TrimSuffix(clean(h.Help), "."))
		}
	case h.ExitCode == runner.ExitInterrupted:
		p.line("\nInterrupted after %s: what was done until then stands above.", units.Duration(units.Seconds(h.Seconds)))
	}
}

// outputText prints a value as JSON, unknown as a dash.
func outputText(v any) string {
	if v == nil {
		return unknown
	}
	text, err := compactJSON(v)
	if err != nil {
		return err.Error()
	}
	return text
}
