package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/runner"
	"plan/runner/journal"
)

// Tables prints a run for people: a table and a sentence for each stage, a summary
// of the run, its outputs, and the problem that ended it.
func Tables(w io.Writer, run journal.Run, o tty.Options) error {
	p := &printer{tty.Printer{Writer: w, Options: o}}
	for _, s := range run.Stages {
		p.stage(s, run)
	}
	p.summary(run)
	p.images(run.Images)
	p.outputs(run.Outputs)
	p.problem(run.Run)
	return p.Err
}

// printer prints the parts of a run.
type printer struct{ tty.Printer }

// table prints a table with its verdicts in color.
func (p *printer) table(t tty.Table) {
	for _, row := range t.Rows {
		for i, cell := range row {
			row[i] = paint(cell, journal.Verdict(cell), p.Options.Color)
		}
	}
	p.Table(t)
}

// paint returns a text in the color of a verdict.
func paint(text string, verdict journal.Verdict, color bool) string {
	var c tty.Color
	switch verdict {
	case journal.Passed:
		c = tty.Green
	case journal.Failed:
		c = tty.Red
	case journal.Inconclusive, journal.Invalid, journal.Aborted, journal.Skipped:
		c = tty.Yellow
	}
	return tty.Paint(text, c, color)
}

func (p *printer) stage(whole journal.Stage, run journal.Run) {
	s := whole.Counted()
	p.Heading(questionOf(s).Title())
	if len(s.Trials) > 0 {
		p.stageTable(s)
	}
	for _, line := range slices.Concat(setAsideLines(whole), logLines(s)) {
		p.Line("%s", line)
	}
	p.Line("%s", paint(Sentence(s), s.Verdict, p.Options.Color))
	if t, is := run.Disproof(s); is { // the run ended before the search could continue
		p.Line("%s", paint(disproofLine(s, t), journal.Failed, p.Options.Color))
	}
	p.Line("")
}

// setAsideLines returns a line for each trial that used a disproved answer.
func setAsideLines(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials[:len(s.Trials)-len(s.Counted().Trials)] {
		lines = append(lines, fmt.Sprintf("Set aside, since it used an answer that is disproved: %s at %s: %s: %s", t.ID,
			limitsText(t), t.Verdict, reasonText(t)))
	}
	return lines
}

func (p *printer) stageTable(s journal.Stage) {
	if s.Kind == plans.Search {
		p.table(searchTable(s))
	} else {
		p.table(loadTable(s))
	}
	if each := instanceTable(s); len(each.Rows) > 0 {
		p.Line("Above, the memory used is that of all replicas together. Each of them:")
		p.table(each)
	}
	if each := requestTable(s); len(each.Rows) > 0 {
		p.Line("By request, over the whole load:")
		p.table(each)
	}
	for _, remark := range remarks(s) {
		p.Line("%s", remark)
	}
}

// Question is what a stage is to find out.
type Question struct {
	Address      string
	Service      string // with its replicas
	Kind         plans.Kind
	Dimension    plans.Dimension // of a search
	HasLoad      bool
	HasThreshold bool
	Load         string // of a check with a load
}

// questionOf returns the question of a stage.
func questionOf(s journal.Stage) Question {
	return Question{
		Address: s.Address, Service: serviceWithReplicas(s), Kind: s.Kind, Dimension: s.Dimension,
		HasLoad: s.HasLoad, HasThreshold: s.HasThreshold, Load: loadWords(s),
	}
}

// Title returns the question as the title of a stage.
func (q Question) Title() string {
	switch {
	case q.Kind == plans.Search:
		does := "starts"
		switch {
		case q.HasThreshold:
			does = "holds its threshold"
		case q.HasLoad:
			does = "starts and answers"
		}
		return fmt.Sprintf("%s: least %s at which %s %s", q.Address, q.Dimension.Noun(), q.Service, does)
	case q.Kind == plans.Ramp:
		return fmt.Sprintf("%s: most users that %s holds", q.Address, q.Service)
	case !q.HasLoad:
		return fmt.Sprintf("%s: whether %s starts", q.Address, q.Service)
	}
	return fmt.Sprintf("%s: whether %s holds %s", q.Address, q.Service, q.Load)
}

// Sentence returns the answer of a stage in words.
func Sentence(s journal.Stage) string {
	s = s.Counted()
	switch s.Kind {
	case plans.Search:
		return searchSentence(s)
	case plans.Ramp:
		return rampAnswer(s) + atLeastText(s)
	}
	return checkSentence(s)
}

// logShown is how many lines of a log are printed.
const logShown = 10

// logLines returns the end of a log where a stage has no answer: of the last trial
// whose service ended by itself or was never ready.
func logLines(s journal.Stage) []string {
	if s.Verdict == journal.Passed {
		return nil
	}
	for _, t := range slices.Backward(s.Trials) {
		told := t.Evidence != nil && len(t.Evidence.Log) > 0
		if t.Reason == nil || !told ||
			!slices.Contains([]journal.Reason{journal.Exit, journal.NotReady, journal.EngineLost}, *t.Reason) {
			continue
		}
		lines := []string{fmt.Sprintf("The last lines of the log of %s:", t.ID)}
		for _, line := range t.Evidence.Log[max(0, len(t.Evidence.Log)-logShown):] {
			lines = append(lines, "  | "+tty.Clean(line))
		}
		return lines
	}
	return nil
}

// summary prints the table of all stages.
func (p *printer) summary(run journal.Run) {
	p.Heading(fmt.Sprintf("%s: run %s", run.Plan.Name, run.Run.ID))
	if len(run.Stages) == 0 {
		return
	}
	trials := 0
	for _, s := range run.Stages {
		trials += len(s.Trials)
	}
	p.table(summaryTable(run))
	p.Line("%s in %s.", english.Count(trials, "trial"), tty.Seconds(&run.Run.Seconds))
}

// summaryTable returns the table of a run, with a row for each stage.
func summaryTable(run journal.Run) tty.Table {
	t := tty.Table{Header: []string{"STAGE", "ANSWER", "PROOF", "TRIALS", "TIME"}, Flow: 2}
	for _, s := range run.Stages {
		counted := s.Counted()
		said := answerText(counted)
		if _, is := run.Disproof(s); is {
			said += " (disproved)"
		}
		t.Rows = append(t.Rows,
			[]string{s.Address, said, summaryProof(counted), fmt.Sprint(len(s.Trials)), tty.Seconds(&s.Seconds)})
	}
	return t
}

// answerText returns the answer of a stage in a few words.
func answerText(s journal.Stage) string {
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
	case s.Kind == plans.Search && tty.OrZero(highestFailed(s).Reason) == journal.Leak:
		return "none: the need grows"
	case s.Verdict == journal.Failed:
		return "none"
	case s.Verdict == "":
		return "unfinished"
	}
	return string(s.Verdict)
}

// foundText returns what a search found, "3 × 1300M" with three replicas.
func foundText(s journal.Stage) string {
	if n := replicas(s); n > 1 {
		return fmt.Sprintf("%d × %s", n, pointText(s.Found))
	}
	return pointText(s.Found)
}

func heldText(s journal.Stage) string {
	text := english.Count(*s.Held, "user")
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
		return reasonText(s.Trials[len(s.Trials)-1])
	case s.LimitIndependent && len(s.Trials) > 1:
		return fmt.Sprintf("ends by itself at %s and at %s", trialValue(s, s.Trials[0]), trialValue(s, s.Trials[1]))
	case s.FailedBy == journal.Disproved && len(s.Disproved) > 0:
		d := s.Disproved[len(s.Disproved)-1]
		return fmt.Sprintf("%s failed (%s)", pointText(&d.At), d.Trial)
	case s.Certificate != nil:
		return proofText(s)
	case s.Verdict == journal.Failed && len(s.Trials) > 0:
		last := s.Trials[len(s.Trials)-1]
		if s.Kind == plans.Search {
			last = highestFailed(s)
		}
		return trialValue(s, last) + " failed"
	}
	return tty.Clean(s.Reason)
}

func (p *printer) images(images []journal.Image) {
	for _, i := range images {
		if i.Pushed && i.Digest != nil {
			p.Line("Pushed %s: %s", i.Name, *i.Digest)
		}
	}
}

func (p *printer) outputs(values map[string]any) {
	if len(values) == 0 {
		return
	}
	p.Line("")
	p.Heading("Outputs")
	width := 0
	for name := range values {
		width = max(width, len(name))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p.Line("  %-*s = %s", width, name, outputText(values[name]))
	}
}

// problem prints what ended the run, and the remedy.
func (p *printer) problem(h journal.Header) {
	for i, line := range problemLines(h) {
		if i == 0 {
			p.Line("")
			if h.Problem != "" {
				line = paint(line, journal.Failed, p.Options.Color)
			}
		}
		p.Line("%s", line)
	}
}

// problemLines returns what ended the run, and the remedy; nil where nothing did.
func problemLines(h journal.Header) []string {
	switch {
	case h.Unfinished:
		return []string{"The journal has no end: the run was killed, or it still goes on. " +
			"If it was killed, this removes what it left: plan clean " + h.ID}
	case h.Problem != "":
		lines := []string{"The run could not go on: " + strings.TrimSuffix(tty.Clean(h.Problem), ".") + "."}
		if h.Help != "" {
			lines = append(lines, "What to do: "+strings.TrimSuffix(tty.Clean(h.Help), ".")+".")
		}
		return lines
	case h.ExitCode == runner.ExitInterrupted:
		return []string{
			"Interrupted after " + units.Duration(units.Seconds(h.Seconds)) + ": what was done until then stands above.",
		}
	}
	return nil
}

// outputText returns a value as JSON; a dash where it is unknown.
func outputText(v any) string {
	if v == nil {
		return tty.Unknown
	}
	text, err := compactJSON(v)
	if err != nil {
		return err.Error()
	}
	return text
}
