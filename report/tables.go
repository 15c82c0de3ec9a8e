package report

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/exchange"
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
	title, trials := fmt.Sprintf("%s: run %s", run.Plan.Name, run.Run.ID), 0
	for _, whole := range run.Stages {
		trials += len(whole.Trials)
	}
	if len(run.Stages) > 0 {
		title += fmt.Sprintf(": %s in %s", english.Count(trials, "trial"), tty.Seconds(&run.Run.Seconds))
	}
	p.Heading(title)
	if len(run.Stages) > 0 {
		p.table(summaryTable(run))
	}
	p.images(run.Images)
	if helpers := HelpersTable(run); len(helpers.Rows) > 0 {
		p.Line("")
		p.Heading(helpers.Name)
		p.Table(tty.Table{Header: helpers.Header, Rows: helpers.Rows, Flow: -1})
	}
	p.outputs(run.Outputs)
	for i, line := range Problem(run) {
		if i == 0 {
			p.Line("")
			if run.Run.Problem != "" {
				line = Paint(line, journal.Failed, p.Options.Color)
			}
		}
		p.Line("%s", line)
	}
	return p.Err
}

// summaryTable returns the table of a run, with a row for each stage, and for each level of
// a search.
func summaryTable(run journal.Run) tty.Table {
	t := tty.Table{Header: []string{"STAGE", "ANSWER", "PROOF", "TRIALS", "TIME"}, Flow: 2}
	for _, whole := range run.Stages {
		s := whole.Counted()
		answer := answerText(s)
		if _, is := run.Disproof(whole); is {
			answer += " (disproved)"
		}
		proof := tty.Clean(s.Reason)
		switch n := len(s.Trials); {
		case s.Kind == plans.Check && s.Met != nil && n > 0:
			proof = Reason(s.Trials[n-1])
		case s.LimitIndependent && n > 1:
			proof = fmt.Sprintf("exits at %s and at %s", trialValue(s, s.Trials[0]), trialValue(s, s.Trials[1]))
		case s.FailedBy == journal.Disproved && len(s.Disproved) > 0:
			d := s.Disproved[len(s.Disproved)-1]
			proof = fmt.Sprintf("%s failed (%s)", pointText(&d.At), d.Trial)
		case s.Certificate != nil:
			proof = proofText(s)
		case s.Verdict == journal.Failed && n > 0 && s.Kind == plans.Search:
			proof = trialValue(s, s.HighestFailed()) + " failed"
		case s.Verdict == journal.Failed && n > 0:
			proof = trialValue(s, s.Trials[n-1]) + " failed"
		}
		t.Rows = append(t.Rows,
			[]string{s.Address, answer, proof, fmt.Sprint(len(whole.Trials)), tty.Seconds(&whole.Seconds)})
		t.Rows = append(t.Rows, levelRows(s)...)
	}
	return t
}

// printer prints the parts of a run.
type printer struct{ tty.Printer }

// table prints a table with its verdicts in color.
func (p *printer) table(t tty.Table) {
	for _, row := range t.Rows {
		for i, cell := range row {
			row[i] = Paint(cell, journal.Verdict(cell), p.Options.Color)
		}
	}
	p.Table(t)
}

// Sign returns the character of a verdict, one cell wide.
func Sign(v journal.Verdict) string {
	switch v {
	case journal.Passed:
		return "✓"
	case journal.Failed:
		return "✗"
	default:
		return "?"
	}
}

// Paint returns a text in the color of a verdict.
func Paint(text string, verdict journal.Verdict, color bool) string {
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

// questionOf returns the question of a stage.
func questionOf(s journal.Stage) Question {
	service, load := s.Service, "one load"
	if n := replicas(s); n > 1 && !s.Varies(plans.Replicas) {
		service = fmt.Sprintf("%s with %d replicas", s.Service, n)
	}
	if hasArrivals(s) || len(s.Trials) > 0 && s.Trials[0].Staged {
		load = SizeWords(s.Trials[0])
	}
	return Question{
		Address: s.Address, Service: service, Kind: s.Kind, Noun: s.Noun(),
		HasLoad: s.HasLoad, Asks: s.HasScenario, HasThreshold: s.HasThreshold, Load: load,
	}
}

// logShown is how many lines of a log are printed.
const logShown = 10

// setAsideLines returns a line for each trial that used a disproved answer.
func setAsideLines(s journal.Stage) []string {
	var lines []string
	for _, t := range s.Trials[:len(s.Trials)-len(s.Counted().Trials)] {
		lines = append(lines, fmt.Sprintf("%s does not count, because it used a disproved answer: %s at %s: %s",
			t.ID, t.Verdict, LimitsText(t), Reason(t)))
	}
	return lines
}

// logLines returns, of a stage without an answer, the end of the log of the last
// trial whose service ended by itself, was never ready, or failed requests with a 5xx.
func logLines(s journal.Stage) []string {
	for _, t := range slices.Backward(s.Trials) {
		logged := t.Evidence != nil && len(t.Evidence.Log) > 0
		if s.Verdict == journal.Passed || t.Reason == nil || !logged ||
			!slices.Contains([]journal.Reason{journal.Exit, journal.NotReady, journal.EngineLost}, *t.Reason) &&
				(*t.Reason != journal.Errors || !failedInside(*t.Evidence)) {
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

// failedInside reports whether a service responded with a 5xx: its log usually has the cause.
func failedInside(e journal.Evidence) bool {
	_, loaded := e.Examples[exchange.HTTP5xx]
	return loaded || slices.ContainsFunc(slices.Collect(maps.Values(e.First)), func(o exchange.Outcome) bool {
		return o.Class == exchange.HTTP5xx
	})
}

func (p *printer) stage(whole journal.Stage, run journal.Run) {
	s := whole.Counted()
	p.Heading(questionOf(s).Title())
	if len(s.Trials) > 0 {
		if s.Kind == plans.Search {
			p.table(searchTable(s))
		} else {
			p.table(loadTable(s))
		}
		if each := instanceTable(s); len(each.Rows) > 0 {
			p.Line("The memory used above is the sum of all replicas. Each replica:")
			p.table(each)
		}
		if each := requestTable(s); len(each.Rows) > 0 {
			p.Line("By request, over the whole load:")
			p.table(each)
		}
		if s.Kind != plans.Search { // whose table has a column for reasons
			answer := Sentence(s)
			for _, reason := range reasonRemarks(s) {
				_, why, _ := strings.Cut(reason, ": "+string(journal.Failed)+": ")
				if why == "" || !strings.Contains(answer, ": "+why+".") { // the answer below has it
					p.Line("%s", reason)
				}
			}
		}
		for _, doubt := range doubts(s) {
			p.Line("%s", doubt)
		}
	}
	for _, line := range slices.Concat(setAsideLines(whole), logLines(s)) {
		p.Line("%s", line)
	}
	part := PartOf(whole, run)
	p.Line("%s", Paint(Sentence(s), part.Verdict, p.Options.Color))
	if part.Disproof != "" {
		p.Line("%s", Paint(part.Disproof, part.Verdict, p.Options.Color))
	}
	p.Line("")
}

// Question is what a stage is to find out.
type Question struct {
	Address      string
	Service      string // with its replicas
	Kind         plans.Kind
	Noun         string // what a search varies
	HasLoad      bool
	Asks         bool // a scenario without a load
	HasThreshold bool
	Load         string // of a check with a load
}

// Title returns the question as the title of a stage.
func (q Question) Title() string {
	switch {
	case q.Kind == plans.Search:
		does := "starts"
		switch {
		case q.HasThreshold:
			does = "holds its threshold"
		case q.HasLoad || q.Asks:
			does = "starts and responds"
		}
		return fmt.Sprintf("%s: least %s at which %s %s", q.Address, q.Noun, q.Service, does)
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
	text := answerSentence(s)
	if t, is := doubtedPass(s); is && s.Kind != plans.Check { // whose reason says it
		text += fmt.Sprintf(" It is not known whether a worker was killed for memory in %s, which passed.", t.ID)
	}
	return text
}

// answerSentence returns the answer as a sentence, without what is not known of its proof.
func answerSentence(s journal.Stage) string {
	if s.Kind == plans.Search {
		return searchSentence(s)
	}
	if s.Kind != plans.Ramp {
		if s.Met == nil || len(s.Trials) == 0 {
			return noAnswer(s)
		}
		last, with := s.Trials[len(s.Trials)-1], ""
		if last.Arrivals != nil || last.Staged {
			with = " with " + SizeWords(last)
		}
		if *s.Met {
			return fmt.Sprintf("Met%s: %s.", with, Reason(last))
		}
		return fmt.Sprintf("Not met%s: %s.", with, Reason(last)) + memoryBinds(last)
	}
	held := english.Count(tty.OrZero(s.Held), "user")
	var text string
	switch stopped, did := firstFailedStep(s); {
	case s.Auto != nil:
		text = autoSentence(s)
	case s.Held == nil && did && (s.Verdict == journal.Failed || s.Verdict == journal.Passed):
		first := "The first step"
		if *stopped.Users != tty.OrZero(s.Trials[0].Users) {
			first += " with enough samples"
		}
		text = fmt.Sprintf("%s, %s, failed: %s.", first, english.Count(*stopped.Users, "user"), Reason(stopped)) +
			memoryBinds(stopped)
	case s.Held == nil:
		text = noAnswer(s)
	case !did && len(untriedSteps(s)) == 0:
		text = fmt.Sprintf("At least %s held: the last step passed.", held)
	case !did:
		text = fmt.Sprintf("At least %s held. ", held) + noAnswer(s)
	case stopped.Verdict == journal.Failed:
		text = fmt.Sprintf("%s held: %d passed, %d failed: %s.", held, *s.Held, *stopped.Users, Reason(stopped)) +
			memoryBinds(stopped)
	default:
		text = fmt.Sprintf("At least %s held: %d passed, %d is %s: %s.", held, *s.Held, *stopped.Users, stopped.Verdict,
			Reason(stopped))
	}
	switch {
	case s.AtLeast == nil || s.Verdict == journal.Skipped:
		return text
	case s.Held != nil && *s.Held >= *s.AtLeast:
		return text + fmt.Sprintf(" The minimum of %d is met.", *s.AtLeast)
	case s.Auto != nil && s.Held != nil && s.Verdict != journal.Failed:
		return text + fmt.Sprintf(" It is not known whether the minimum of %d is met.", *s.AtLeast)
	}
	return text + fmt.Sprintf(" The minimum of %d is not met.", *s.AtLeast)
}

// answerText returns the answer of a stage in a few words.
func answerText(s journal.Stage) string {
	if _, is := doubtedPass(s); is {
		return plainAnswer(s) + " (" + unknownKills + ")"
	}
	return plainAnswer(s)
}

// plainAnswer returns the answer without what is not known of its proof.
func plainAnswer(s journal.Stage) string {
	switch {
	case s.LimitIndependent:
		return "not " + s.Noun()
	case s.FailedBy == journal.Disproved:
		return "none: disproved"
	case s.AtMost:
		return "at most " + eachText(s, s.Found)
	case s.Found != nil && s.Undecided > 0:
		return eachText(s, s.Found) + " (not proven)"
	case s.Found != nil:
		return eachText(s, s.Found)
	case s.Held != nil:
		text := english.Count(*s.Held, "user")
		if s.Certificate == nil || len(s.Certificate.Failed) == 0 {
			text = "at least " + text
		}
		if s.Verdict == journal.Failed {
			text += " (too few)"
		}
		return text
	case s.Met != nil && *s.Met:
		return "met"
	case s.Met != nil:
		return "not met"
	case s.Kind == plans.Search && s.Verdict == journal.Failed && s.Corrected == 0 && needGrows(s):
		return "none: the need grows"
	case s.Verdict == journal.Failed:
		return "none"
	case s.Verdict == "":
		return "unfinished"
	}
	return string(s.Verdict)
}

// needGrows reports whether the highest value of a search failed by growth: by a leak, or out of memory in the longer
// load by which a trial was repeated.
func needGrows(s journal.Stage) bool {
	last := s.HighestFailed()
	repeated := slices.IndexFunc(s.Trials, func(t journal.Trial) bool { return t.ID == last.Repeats })
	switch {
	case tty.OrZero(last.Reason) == journal.Leak:
		return true
	case repeated < 0 || last.Reason == nil || !last.Reason.Explain().OOM:
		return false
	}
	return tty.OrZero(s.Trials[repeated].Reason) == journal.Leak
}

// eachText returns a value of a search, "3 × 1300M" with three replicas.
func eachText(s journal.Stage, p *journal.Point) string {
	if n := replicas(s); n > 1 && !s.Varies(plans.Replicas) {
		return fmt.Sprintf("%d × %s", n, pointText(p))
	}
	return pointText(p)
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
		p.Line("  %-*s = %s", width, name, OutputText(values[name]))
	}
}

// OutputText returns an output as JSON; a dash where it is unknown.
func OutputText(v any) string {
	if v == nil {
		return tty.Unknown
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Problem returns what ended a run early, and the remedy; nil where nothing did.
func Problem(run journal.Run) []string {
	h := run.Run
	switch {
	case h.Unfinished:
		return []string{
			"The journal has no end: the run was killed, or still runs. " +
				"If it was killed, remove its leftovers: " + h.CleanCommand(),
			"Resume the run: " + run.ResumeCommand(),
		}
	case h.Problem != "":
		lines := []string{"The run could not continue: " + strings.TrimSuffix(tty.Clean(h.Problem), ".") + "."}
		if h.Help != "" {
			lines = append(lines, "What to do: "+strings.TrimSuffix(tty.Clean(h.Help), ".")+".")
		}
		if h.Resumable() {
			lines = append(lines, "Resume the run: "+run.ResumeCommand())
		}
		return lines
	case h.EngineLost:
		return []string{
			"The engine no longer responded. The results until then are above.",
			"Resume the run: " + run.ResumeCommand(),
		}
	case h.ExitCode == runner.ExitInterrupted:
		return []string{
			"Interrupted after " + units.Duration(units.Seconds(h.Seconds)) + ". The results until then are above.",
			"Resume the run: " + run.ResumeCommand(),
		}
	}
	return nil
}
