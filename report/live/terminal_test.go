package live

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"plan/containers"
	"plan/internal/golden"
	"plan/internal/units"
	"plan/plans"
	"plan/report"
	"plan/runner"
	"plan/runner/journal"
)

// replayed shows on a terminal of 100 columns what a recorded run showed in the middle of
// its last trial.
func replayed(t *testing.T, run journal.Run) string {
	var b bytes.Buffer
	var shown string
	synctest.Test(t, func(t *testing.T) {
		l := New(&b, Options{Terminal: true, Color: true, Width: func() int { return 100 }})
		begin := run
		begin.Stages = nil
		l.Begin(begin)
		left := 12 * time.Minute
		for _, s := range run.Stages {
			for i, trial := range s.Trials {
				left -= 70 * time.Second
				l.Status(runner.Status{Stage: s.Address, Trial: trial.ID, Limits: strings.Join(trial.Settings().Texts(), ", "), Doing: "load of " + report.SizeWords(trial) + " for 20s", Left: left})
				if s.Kind != plans.Ramp || i < len(s.Trials)-1 {
					time.Sleep(units.Seconds(trial.Seconds.Total))
					l.Trial(trial, false)
					continue
				}
				e := trial.Evidence
				for second := 8; second < 12; second++ { // of the samples
					sample := runner.Sample{Limits: trial.Settings().Limits, Host: e.Host[second]}
					for _, w := range e.Containers {
						if w.Role == containers.Subject {
							sample.Replicas = append(sample.Replicas, w.Usage[second])
						} else {
							sample.Others = append(sample.Others, containers.Reading{Name: w.Name, Role: w.Role, Usage: w.Usage[second]})
						}
					}
					l.Sample(sample)
					l.Window(e.Series[second])
					time.Sleep(time.Second)
				}
				l.line.Lock()
				shown = screen(b.String()) // before it is cleared
				l.line.Unlock()
				l.Close()
				return
			}
			l.Stage(s, false)
		}
	})
	return shown
}

var colors = regexp.MustCompile(`\x1b\[(\d*)m([^\x1b]*)`)

// picture draws the text of a terminal as SVG.
func picture(text string, columns int) string {
	const cell, row, pad = 8, 19, 14
	lines := strings.Split(text, "\n")
	escaped := func(s string) string {
		var b strings.Builder
		xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	var b strings.Builder
	width, height := columns*cell+2*pad, len(lines)*row+2*pad
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" role="img" font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&b, `<title>A terminal while a plan runs</title><rect width="%d" height="%d" rx="6" fill="#1b1f24"/>`+"\n", width, height)
	for i, line := range lines {
		column := 0
		for _, part := range colors.FindAllStringSubmatch("\x1b[m"+line, -1) {
			fill := map[string]string{"31": "#ff8a5c", "32": "#35c69b", "33": "#d9c64a"}[part[1]]
			if fill == "" {
				fill = "#e6e6e6"
			}
			cells := twwidth.Width(part[2])
			if strings.TrimSpace(part[2]) != "" {
				fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s" textLength="%d" xml:space="preserve">%s</text>`+"\n", pad+column*cell, pad+i*row+14, fill, cells*cell, escaped(part[2]))
			}
			column += cells
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// TestTheTerminalOfTheReadme makes the picture at the head of the README.
func TestTheTerminalOfTheReadme(t *testing.T) {
	run, err := journal.Read("../html/testdata/demo.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	text := replayed(t, run)
	for _, want := range []string{"search.memory: ", "1300M is the least", "trials  ", "10 users ✓", "load    ", "memory  █", "CPU     █", "machine CPU", "about "} {
		if !strings.Contains(text, want) {
			t.Errorf("the terminal does not show %q:\n%s", want, text)
		}
	}
	golden.Compare(t, "../../docs/pictures/terminal.svg", []byte(picture(text, 100)))
}
