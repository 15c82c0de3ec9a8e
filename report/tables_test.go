package report

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"plan/internal/english"
	"plan/internal/tty"
	"plan/runner/journal"
)

// runs are the cases of the golden files.
func runs() map[string]journal.Run {
	cases := map[string]journal.Run{"whole": whole()}

	atMost := memorySearch(loaded(trial("search.memory/1", 4096), 1, 15, 0, 30, 0.02), loaded(trial("search.memory/2", 500), 1, 15, 0, 30, 0.02))
	atMost.Verdict, atMost.AtMost = journal.Passed, true
	atMost.Found, atMost.Recommended = &journal.Point{Memory: mega(500)}, &journal.Point{Memory: mega(600)}
	atMost.Certificate = &journal.Certificate{Passed: "search.memory/2", Failed: []string{}}
	cases["at-most"] = runOf(0, atMost)

	exits := func(id string, memory int64) journal.Trial {
		t := failing(trial(id, memory), journal.Exit, "ended by itself at start (exit 1)")
		t.ExitCode, t.Seconds = to(1), journal.Seconds{Total: 1.2}
		return t
	}
	notMemory := memorySearch(exits("search.memory/1", 500), exits("search.memory/2", 4096))
	notMemory.Verdict, notMemory.LimitIndependent, notMemory.Reason = journal.Failed, true, "not memory: the service ends by itself at any limit"
	cases["not-memory"] = runOf(1, notMemory, skipped())

	nothing := memorySearch(killed(trial("search.memory/1", 3000), 9.5))
	nothing.Verdict, nothing.Reason = journal.Failed, "the host can spare 3G above the guard's 2G: no value above that was tried"
	cases["nothing-found"] = runOf(1, nothing, skipped())

	cpus := journal.Stage{
		Address: "search.cpu", Kind: "search", Service: "service.api", Dimension: "cpus", Grid: []float64{0.25, 0.5, 0.75, 1, 2}, Verdict: journal.Passed,
		Found: &journal.Point{CPUs: to(0.5)}, Recommended: &journal.Point{CPUs: to(0.5)}, Margin: 0.15,
		Certificate: &journal.Certificate{Passed: "search.cpu/2", Failed: []string{"search.cpu/3"}}, Seconds: 95,
		Trials: []journal.Trial{trial("search.cpu/1", 1300), trial("search.cpu/2", 1300), trial("search.cpu/3", 1300)},
	}
	cpus.Trials[0].Set.CPUs = to(2.0)
	late := failing(cpus.Trials[2], journal.NotReady, "not ready within 2m: connection refused; it was throttled in 98 % of its periods, so that it could not start any faster")
	late.Set.CPUs, late.Seconds = to(0.25), journal.Seconds{Total: 120}
	cpus.Trials[2] = late
	cases["cpus"] = runOf(0, cpus)

	retried := least()
	retried.Trials = append(retried.Trials, retried.Trials[1])
	full := loaded(trial("search.memory/4", 4096), 1, 15, 0, 30, 0.02)
	retried.Trials[3] = full
	retried.Trials[2] = failing(retried.Trials[2], journal.Killed, "killed from outside, not by the kernel for memory (exit 137)")
	retried.Trials[2].Verdict = journal.Inconclusive
	retried.Verdict, retried.Found, retried.Recommended, retried.Certificate = journal.Inconclusive, nil, nil, nil
	retried.Reason = "killed from outside, not by the kernel for memory (exit 137)"
	repeat := retried.Trials[2]
	repeat.ID, repeat.Repeats = "search.memory/5", "search.memory/3"
	retried.Trials = append(retried.Trials, repeat)
	cases["inconclusive"] = runOf(5, retried)

	all := held()
	all.Steps, all.Trials, all.AtLeast = all.Steps[:3], all.Trials[:3], to(50)
	all.Certificate.Failed = []string{}
	cases["all-steps"] = runOf(0, all)

	none := held()
	none.Steps, none.AtLeast = []int{250, 500}, to(250)
	none.Trials = none.Trials[3:]
	none.Verdict, none.Held, none.Certificate = journal.Failed, nil, nil
	first := killed(none.Trials[0], 3.4)
	first.ID, first.Load = "ramp.users/1", nil
	none.Trials[0] = first
	cases["none-held"] = runOf(1, none)

	unmet := met()
	unmet.Verdict, unmet.Met = journal.Failed, to(false)
	unmet.Certificate = &journal.Certificate{Failed: []string{"check.steady/1"}}
	unmet.Trials[0] = failing(unmet.Trials[0], journal.Throughput, "throughput 10.3/s under 50.0/s", `assert "small": the answer is "too big"`)
	cases["not-met"] = runOf(1, unmet)

	stopped := least()
	stopped.Trials = stopped.Trials[:2]
	stop := trial("search.memory/3", 1200)
	stop.Verdict, stop.Reason, stop.Why = journal.Aborted, to(journal.User), "interrupted"
	stop.Seconds, stop.Memory = journal.Seconds{Total: 2}, journal.Memory{}
	stopped.Trials = append(stopped.Trials, stop)
	stopped.Verdict, stopped.Reason, stopped.Found, stopped.Recommended, stopped.Certificate = journal.Aborted, "interrupted", nil, nil, nil
	cases["interrupted"] = runOf(130, stopped)

	problem := runOf(3)
	problem.Run.Problem, problem.Run.Help = "preflight.mlflow: http://mlflow:5000/health did not answer as wanted within 20s", "start it on that network, or correct the address in the plan"
	cases["problem"] = problem

	cases["replicas"] = runOf(0, spread(found()), spread(held()))
	cases["disturbed"] = runOf(0, disturbed(found()), disturbed(met()))
	cases["locust"] = runOf(0, byLocust(held()))
	cases["arrivals"] = runOf(1, arrived(), crowded())
	both := held()
	for i := range both.Trials {
		counts := both.Trials[i].Load.ByRequest["predict"]
		both.Trials[i].Load.ByRequest["health"] = counts
	}
	cases["by-request"] = runOf(0, both)
	cases["dependency"] = runOf(5, undecided())

	unfinished := runOf(0, least())
	unfinished.Stages[0].Verdict, unfinished.Stages[0].Found, unfinished.Stages[0].Recommended, unfinished.Stages[0].Certificate = "", nil, nil, nil
	unfinished.Run.Unfinished, unfinished.Outputs = true, nil
	cases["disproved"], cases["disproved-unnoticed"], cases["disproved-all"], cases["more-hurts"] = disprovedRun(), lazy(), exhausted(), islands()
	cases["unfinished"] = unfinished
	return cases
}

func tables(t *testing.T, run journal.Run, o tty.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Tables(&b, run, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTables(t *testing.T) {
	for name, run := range runs() {
		t.Run(name, func(t *testing.T) {
			text := tables(t, run, tty.Options{})
			golden(t, name+".txt", []byte(text))
			for line := range strings.Lines(text) {
				if width := twwidth.Width(strings.TrimSuffix(line, "\n")); width > 120 && strings.ContainsAny(line, "│┌└├") {
					t.Errorf("%d cells wide: %s", width, line)
				}
			}
			if strings.Contains(text, "\x1b") {
				t.Error("colour where none was asked for")
			}
		})
	}
}

func TestColouredTablesSayTheSame(t *testing.T) {
	for name, run := range runs() {
		plain, coloured := tables(t, run, tty.Options{}), tables(t, run, tty.Options{Color: true})
		if !strings.Contains(coloured, "\x1b[") {
			t.Errorf("%s has no colour", name)
		}
		if got := twwidth.Filter().ReplaceAllString(coloured, ""); got != plain {
			t.Errorf("%s differs in more than colour:\n%s", name, got)
		}
	}
	golden(t, "whole-80-color.txt", []byte(tables(t, whole(), tty.Options{Color: true, Width: 80})))
}

func TestTheTableOfTheSeedCase(t *testing.T) {
	want := `search.memory: least memory at which service.api starts and answers
┌─────────────┬────────┬───────────────────────────────────┬───────┬───────┬──────┐
│ MEMORY      │ RESULT │ WHY                               │ READY │ PEAK  │ TOOK │
│ 500M–1100M  │ failed │ inferred from 1200M               │       │       │      │
│ 1200M       │ failed │ out of memory at start (exit 137) │ –     │ 1194M │ 3.1s │
│ 1300M       │ passed │ 15 of 15 requests answered        │ 5.7s  │ 1243M │ 41s  │
│ 1400M       │ passed │ inferred from 1300M               │       │       │      │
│ 1500M       │ passed │ 9 of 9 answered (first look, 15s) │ 5.7s  │ 1243M │ 41s  │
│ 1600M–4000M │ passed │ inferred from 1300M               │       │       │      │
│ 4G          │ passed │ 8 of 8 answered (first look, 15s) │ 5.6s  │ 1243M │ 26s  │
└─────────────┴────────┴───────────────────────────────────┴───────┴───────┴──────┘
1300M is the least: 1300M passed, 1200M failed. Recommended: 1500M (least + 15 %).
`
	if got := tables(t, whole(), tty.Options{}); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
}

// What a service wrote cannot steer a terminal or break a table.
func TestControlCharactersAreTakenOut(t *testing.T) {
	s := found()
	s.Trials[2].Why = "exit\r\n\x1b[31mred\x1b[0m \x07bell\ttab"
	got := tables(t, runOf(0, s), tty.Options{})
	if !strings.Contains(got, "│ exit red bell tab ") {
		t.Errorf("got\n%s", got)
	}
}

func TestLongReasonsAreBroken(t *testing.T) {
	s := found()
	s.Trials[2].Why = strings.Repeat("a long reason in many words ", 10) + strings.Repeat("x", 150) + " 日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語"
	for _, width := range []int{72, 80, 100, 120} {
		for line := range strings.Lines(tables(t, runOf(0, s), tty.Options{Width: width})) {
			if got := twwidth.Width(strings.TrimSuffix(line, "\n")); got > width && strings.ContainsAny(line, "│┌└├") {
				t.Errorf("%d cells wide instead of %d: %s", got, width, line)
			}
		}
	}
}

func TestContradictingTrialsAreShownAsTheyWere(t *testing.T) {
	s := least()
	s.Trials = append(s.Trials, killed(trial("search.memory/4", 1500), 3), loaded(trial("search.memory/5", 1700), 1, 15, 0, 30, 0.02))
	got := tables(t, runOf(0, s), tty.Options{})
	for _, row := range []string{"1300M       │ passed ", "1400M       │ not tried ", "1500M       │ failed ", "1600M       │ not tried ", "1800M–4000M │ passed    │ inferred from 1700M"} {
		if !strings.Contains(got, row) {
			t.Errorf("no row %q in\n%s", row, got)
		}
	}
}

type broken struct{ room int }

func (b *broken) Write(p []byte) (int, error) {
	if b.room -= len(p); b.room < 0 {
		return 0, errors.New("broken pipe")
	}
	return len(p), nil
}

func TestAWriterThatFailsIsTold(t *testing.T) {
	whole := whole()
	for room := 0; room < len(tables(t, whole, tty.Options{})); room += 500 {
		if err := Tables(&broken{room}, whole, tty.Options{}); err == nil || !strings.Contains(err.Error(), "broken pipe") {
			t.Fatalf("%d bytes: %v", room, err)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for want, got := range map[string]string{
		"31 %": tty.Percent(new(0.314)), "–": tty.Percent(nil),
		"0.75": valueText("cpus", 0.75), "1300M": valueText("memory", 1300<<20), "1 user": english.Count(1, "user"), "2 users": english.Count(2, "user"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := fmt.Sprint(pointText(nil), pointText(&journal.Point{})); got != "––" {
		t.Errorf("got %q", got)
	}
}
