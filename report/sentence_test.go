package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"plan/internal/tty"
	"plan/internal/units"
	"plan/plans"
	"plan/report/fixture"
	"plan/runner/journal"
)

// stopped is a ramp whose step after the first did not end with a verdict on
// the service.
func stopped(verdict journal.Verdict, reason journal.Reason, why string) journal.Stage {
	s := fixture.Held()
	s.Held, s.Certificate = new(10), &journal.Certificate{Passed: "ramp.users/1", Failed: []string{}}
	s.Trials = s.Trials[:2]
	s.Trials[1].Verdict, s.Trials[1].Reason, s.Trials[1].Why = verdict, &reason, why
	return s
}

func TestSentences(t *testing.T) {
	repeated := stopped(journal.Inconclusive, journal.Killed, "killed from outside")
	again := fixture.Loaded(fixture.Trial("ramp.users/3", 1300), 50, 3700, 0, 150, 0.02)
	again.Repeats = "ramp.users/2"
	repeated.Trials, repeated.Steps, repeated.Held = append(repeated.Trials, again), []int{10, 50}, new(50)

	interruptedBetween := fixture.Held()
	interruptedBetween.Trials, interruptedBetween.Held = interruptedBetween.Trials[:1], new(10)
	interruptedBetween.Certificate = &journal.Certificate{Passed: "ramp.users/1"}
	interruptedBetween.Verdict, interruptedBetween.Reason = journal.Aborted, "interrupted."

	nothingHeld := stopped(journal.Aborted, journal.GuardStop, "host memory under 2G")
	nothingHeld.Held, nothingHeld.Trials, nothingHeld.Verdict, nothingHeld.Reason = nil, nothingHeld.Trials[1:], journal.Aborted, "host memory under 2G"

	tooFew := fixture.Held()
	tooFew.AtLeast, tooFew.Verdict = new(1000), journal.Failed

	lostCheck := fixture.Met()
	lostCheck.Met, lostCheck.Certificate, lostCheck.Verdict, lostCheck.Reason = nil, nil, journal.Invalid, "the driver could not open 3 sockets"

	emptyGrid := fixture.MemorySearch()
	emptyGrid.Verdict, emptyGrid.Reason = journal.Aborted, "the host can spare 300M above the guard's 2G: no value above that was tried"

	noCPU := journal.Stage{Kind: "search", Dimension: "cpus", LimitIndependent: true, Verdict: journal.Failed, Address: "search.cpu"}
	failedEmpty := fixture.MemorySearch()
	failedEmpty.Verdict = journal.Failed

	// samples makes the first step of a ramp one with too few of them.
	samples := func(s journal.Stage) journal.Stage {
		s.Trials[0].Verdict, s.Trials[0].Reason, s.Trials[0].Why = journal.Inconclusive, new(journal.Samples), "p95 cannot be determined"
		return s
	}
	fewSamples, fewThenHeld, fewThenNone := samples(fixture.Held()), samples(fixture.Held()), samples(fixture.Held())
	killed := &fewSamples.Trials[len(fewSamples.Trials)-1]
	killed.Verdict, killed.Reason, killed.Why, killed.Phase = journal.Failed, new(journal.OOMLoad), "out of memory under load", journal.PhaseLoad
	n := len(fewThenHeld.Trials) - 1
	fewThenHeld.Trials, fewThenHeld.Steps, fewThenHeld.Certificate.Failed = fewThenHeld.Trials[:n], fewThenHeld.Steps[:n], []string{}
	fewThenNone.Trials, fewThenNone.Held, fewThenNone.Certificate, fewThenNone.Verdict = append(fewThenNone.Trials[:1:1], fewThenNone.Trials[n]), nil, nil, journal.Failed

	leaks := func(verdict journal.Verdict, why string) journal.Stage {
		s := fixture.MemorySearch(fixture.Loaded(fixture.Trial("search.memory/1", 4096), 1, 15, 0, 30, 0.02),
			fixture.Failing(fixture.Loaded(fixture.Trial("search.memory/2", 1300), 1, 15, 0, 30, 0.02), journal.Leak, "anonymous memory grows"))
		s.Verdict, s.Reason = verdict, why
		return s
	}
	topLeaks, unended := leaks(journal.Failed, ""), leaks("", "")
	topLeaks.Trials = topLeaks.Trials[1:]
	killedLater := func(first journal.Reason) journal.Stage {
		s := leaks(journal.Failed, "")
		s.Trials[0].Verdict, s.Trials[0].Reason = journal.Inconclusive, &first
		s.Trials[1] = fixture.Failing(fixture.Trial("search.memory/2", 4096), journal.OOMLoad, "out of memory under load")
		s.Trials[1].Repeats = "search.memory/1"
		return s
	}
	beyond := leaks(journal.Failed, "it needs more than 4G: other containers were charged for 94M of its files")
	beyond.Corrected = 94 << 20

	for name, c := range map[string]struct {
		stage            journal.Stage
		sentence, answer string
	}{
		"the highest value leaks":                                      {topLeaks, "Nothing found: even 1300M failed, anonymous memory grows.", "none: the need grows"},
		"the highest value is killed in the longer load":               {killedLater(journal.Leak), "even 4G failed, out of memory under load (repeats search.memory/1).", "none: the need grows"},
		"the highest value is killed, after a disturbance":             {killedLater(journal.Disturbed), "even 4G failed, out of memory under load (repeats search.memory/1).", "none"},
		"interrupted, a lower value leaks":                             {leaks(journal.Aborted, "interrupted"), "Known so far: 1300M failed, 4G passed.", "aborted"},
		"without an end, a lower value leaks":                          {unended, "Known so far: 1300M failed, 4G passed.", "unfinished"},
		"a lower value leaks, and the correction is beyond the search": {beyond, "it needs more than 4G", "none"},
		"a first step with too few samples": {fewSamples,
			"100 users held: 100 passed, 250 failed: out of memory under load. Memory binds at 250 users.", "100 users"},
		"a first step with too few samples, and none failed": {fewThenHeld, "At least 100 users held: the last step passed.", "at least 100 users"},
		"a first step with too few samples, and none passed": {fewThenNone,
			"The first step with enough samples, 250 users, failed: error rate 10.1 % over 1 %, 1344 × timeout.", "none"},
		"a step killed from outside": {stopped(journal.Inconclusive, journal.Killed, "killed from outside"),
			"At least 10 users held: 10 passed, 50 is inconclusive: killed from outside.", "at least 10 users"},
		"a step that passed when repeated": {repeated, "At least 50 users held: the last step passed.", "at least 50 users"},
		"interrupted between two steps":    {interruptedBetween, "At least 10 users held. No answer. The stage was stopped: interrupted.", "at least 10 users"},
		"the guard before any answer":      {nothingHeld, "No answer. The stage was stopped: host memory under 2G.", "aborted"},
		"fewer than demanded":              {tooFew, "The minimum of 1000 is not met.", "100 users (too few)"},
		"a check without a verdict":        {lostCheck, "No answer. The measurement is invalid: the driver could not open 3 sockets.", "invalid"},
		"nothing fits on the host":         {emptyGrid, "No answer. The stage was stopped: the host can spare 300M above the guard's 2G: no value above that was tried.", "aborted"},
		"ends by itself at any CPU limit":  {noCPU, "The CPU limit is not the cause: the service exits at every limit tried.", "not CPU"},
		"failed without a trial":           {failedEmpty, "No answer.", "none"},
	} {
		if got := Sentence(c.stage); !strings.Contains(got, c.sentence) {
			t.Errorf("%s: %s", name, got)
		}
		if got := answerText(c.stage); got != c.answer {
			t.Errorf("%s: the summary says %q, want %q", name, got, c.answer)
		}
	}
}

func TestLessCommonTexts(t *testing.T) {
	for want, got := range map[string]string{
		"–":         tty.Percent(journal.CPU{Periods: new(int64(0)), ThrottledPeriods: new(int64(0))}.ThrottledShare()),
		"A clause.": sentence("a clause."),
		"":          sentence(" "),
		"1 user":    LimitsText(journal.Trial{Users: new(1)}),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A journal that ends anywhere, or that lacks a trial, is still printed.
func TestWhatIsMissingDoesNotBreakTables(t *testing.T) {
	for name, run := range fixture.Runs() {
		for _, change := range []func(*journal.Stage){
			func(s *journal.Stage) { s.Trials = nil },
			func(s *journal.Stage) { s.Certificate = nil },
			func(s *journal.Stage) { s.Grid, s.Steps = nil, nil },
			func(s *journal.Stage) { s.Kind, s.Dimension = "", "" },
			func(s *journal.Stage) {
				for i := range s.Trials {
					s.Trials[i] = journal.Trial{ID: s.Trials[i].ID, Verdict: s.Trials[i].Verdict}
				}
			},
		} {
			changed := run
			changed.Stages = append([]journal.Stage(nil), run.Stages...)
			for i := range changed.Stages {
				change(&changed.Stages[i])
			}
			if text := tables(t, changed, tty.Options{}); !strings.Contains(text, "run 20260301-120000-a1b2") {
				t.Errorf("%s:\n%s", name, text)
			}
		}
	}
}

// TestTheTitleOfACheckWithoutALoad speaks of no load.
func TestTheTitleOfACheckWithoutALoad(t *testing.T) {
	q := Question{Address: "check.up", Kind: plans.Check, Service: "service.api"}
	if got, want := q.Title(), "check.up: whether service.api starts"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What others were charged for is said wherever the answer is.
func TestACorrectedAnswerSaysByHowMuch(t *testing.T) {
	s := fixture.Found()
	s.Found, s.Recommended = &journal.Point{Memory: fixture.Mega(1400)}, &journal.Point{Memory: fixture.Mega(1700)}
	s.Corrected = *fixture.Mega(94) - 1000
	const proof = "1300M passed, 1200M failed, corrected by 94M for cached files"
	if got, want := searchSentence(s), "1400M is the least: "+proof+". Recommended: 1700M (least + 15 %)."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.SharedWith = []string{"db", "mlflow"}
	const shared = proof + " (shared with db, mlflow)"
	if got, want := searchSentence(s), "1400M is the least: "+shared+". Recommended: 1700M (least + 15 %)."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := tables(t, fixture.RunOf(0, s), tty.Options{Width: 200}); strings.Count(got, shared) != 2 {
		t.Errorf("the table of all stages does not say it:\n%s", got)
	}
	s.AtMost, s.Certificate.Failed = true, nil
	if got, want := searchSentence(s), "The least is at most 1400M: 1300M passed, corrected by 94M for cached files (shared with db, mlflow). The search has no lower value."; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	s.AtMost, s.Undecided = false, 2
	if got, want := searchSentence(s), "1400M is not proven to be the least: 1300M passed, corrected by 94M for cached files (shared with db, mlflow), and 2 values below it are not decided."; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	s.Undecided = 0
	s.AtMost, s.Found, s.Recommended, s.Verdict, s.Reason = false, nil, nil, journal.Failed, "it needs more than 4G: other containers were charged for 94M of its files"
	if got, want := searchSentence(s), "No answer: it needs more than 4G: other containers were charged for 94M of its files. Known so far"; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The values of the trial that passed are said, and how the answer follows from them.
func TestACorrectedCombinationSaysByHowMuch(t *testing.T) {
	s := fixture.Cheapest()
	s.Found.Memory, s.Corrected, s.SharedWith = fixture.Mega(1400), *fixture.Mega(94)-1000, []string{"db"}
	const passed = "2 × 0.5 CPU × 1300M passed, corrected by 94M for cached files (shared with db)"
	for name, c := range map[string]struct {
		change func(*journal.Stage)
		want   string
	}{
		"proven":    {func(*journal.Stage) {}, "2 × 0.5 CPU × 1400M is the cheapest: " + passed + ", and these 3 failures cover"},
		"at most":   {func(s *journal.Stage) { s.AtMost = true }, "2 × 0.5 CPU × 1400M is the cheapest: " + passed + ". The search has no better combination."},
		"undecided": {func(s *journal.Stage) { s.Undecided = 1 }, "2 × 0.5 CPU × 1400M is the cheapest so far: " + passed + ". This is not proven: 1 combination"},
		"beyond the search": {func(s *journal.Stage) {
			s.Verdict, s.Found, s.Reason = journal.Failed, nil, "it needs more than 1G: other containers were charged for 94M of its files"
		}, "No answer: it needs more than 1G: other containers"},
	} {
		one := s
		c.change(&one)
		if got := searchSentence(one); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// passedBeside is a check that passed at a limit while others were charged for 100M
// of the files that it maps: it needs 220M.
func passedBeside(limit int64) journal.Stage {
	s := fixture.Met()
	one := &s.Trials[0].Instances[0]
	s.Trials[0].Set.Memory, one.Limits.Memory = fixture.Mega(limit), units.Bytes(limit)*units.MiB
	one.Memory.Peak, one.Files = fixture.Mega(120), &journal.Files{Mapped: fixture.Mega(20), Resident: fixture.Mega(120)}
	return s
}

func TestAPassOnFilesOfOthersIsRemarked(t *testing.T) {
	const line = "check.steady/1: alone it needs 220M, and its limit is 219M: other containers were charged for 100M of the files that it maps"
	failed, search := passedBeside(150), passedBeside(150)
	failed.Trials[0].Verdict = journal.Failed
	search.Kind, search.Dimension = plans.Search, plans.Memory
	for name, c := range map[string]struct {
		stage journal.Stage
		want  []string
	}{
		"it needs more":         {passedBeside(219), []string{strings.Replace(line, "check.steady/1", TrialName(fixture.Met(), fixture.Met().Trials[0]), 1)}},
		"its limit is enough":   {passedBeside(220), nil},
		"it failed":             {failed, nil},
		"a search is corrected": {search, nil},
	} {
		if got := fileRemarks(c.stage); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := tables(t, fixture.RunOf(0, passedBeside(150)), tty.Options{Width: 200}); !strings.Contains(got, "alone it needs 220M") {
		t.Errorf("%s", got)
	}
}

func TestFilesOfUnknownSizeAreSaid(t *testing.T) {
	warm := func(s journal.Stage, files *journal.Files, why string) journal.Stage {
		s.Trials = slices.Clone(s.Trials)
		for i := range s.Trials {
			s.Trials[i].Instances = []journal.Instance{{Files: files}}
			s.Trials[i].NotEvicted = why
		}
		return s
	}
	const answer, line = " (not corrected for cached files: their size is not known)", "it may need more memory: other containers may be charged"
	known := &journal.Files{Mapped: new(int64(5)), Resident: new(int64(5))}
	for name, c := range map[string]struct {
		files *journal.Files
		why   string
		said  bool
	}{
		"no figures":            {nil, "no root", true},
		"mapped is not known":   {&journal.Files{Resident: known.Resident}, "no root", true},
		"resident is not known": {&journal.Files{Mapped: known.Mapped}, "no root", true},
		"both are known":        {known, "no root", false},
		"all were evicted":      {nil, "", false},
	} {
		undecided := fixture.Found()
		undecided.Undecided = 2
		for _, s := range []journal.Stage{fixture.Found(), undecided, fixture.Cheapest()} {
			if got := searchSentence(warm(s, c.files, c.why)); strings.Contains(got, answer) != c.said {
				t.Errorf("%s: %q", name, got)
			}
		}
		if got := strings.Join(fileRemarks(warm(fixture.Held(), c.files, c.why)), "\n"); strings.Count(got, line) != map[bool]int{true: 1}[c.said] {
			t.Errorf("%s: %q", name, got)
		}
	}
	undecided := warm(fixture.Found(), nil, "no root")
	undecided.Undecided = 2
	if got, want := searchSentence(undecided), "1300M passed"+answer+", and is not proven to be the least: 2 values below it are not decided."; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	undecided.Certificate = nil // of a journal that is damaged
	if got, want := searchSentence(undecided), "1300M passed, and is not proven to be the least: 2 values"; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := fileRemarks(warm(fixture.Found(), nil, "no root")); got != nil {
		t.Errorf("a search of memory says it in its answer: %q", got)
	}
}

// The price is that of all limits of the trial that proves the answer, also of those that
// are not searched.
func TestThePriceOfAnAnswer(t *testing.T) {
	s := fixture.Cheapest() // its trials have 0.5 CPU
	s.Price = &journal.Price{CPUs: 3, Memory: 1.0 / 1300 * 1024}
	s.Found.CPUs, s.Trials[1].Set.CPUs = nil, nil
	if hour, known := Price(s); !known || math.Abs(hour-5) > 1e-9 {
		t.Errorf("2 × 0.5 CPU × 1300M cost %v, %v", hour, known)
	}
	s.Found.CPUs = new(1.0)
	if hour, known := Price(s); !known || math.Abs(hour-8) > 1e-9 {
		t.Errorf("2 × 1 CPU × 1300M cost %v, %v", hour, known)
	}
	s.Certificate.Passed = "search.resources/9"
	if hour, known := Price(s); known {
		t.Errorf("without its trial it costs %v", hour)
	}
}
