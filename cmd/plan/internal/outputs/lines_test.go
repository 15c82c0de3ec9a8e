package outputs

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"plan/runner"
	"plan/runner/journal"
)

// journalFunc is a journal that is a function.
type journalFunc func(journal.Line) (journal.Line, error)

func (f journalFunc) Append(line journal.Line) (journal.Line, error) { return f(line) }
func (journalFunc) Keep(int) error                                   { return nil }

type closedOutput struct{ writes int }

func (c *closedOutput) Write([]byte) (int, error) {
	c.writes++
	return 0, errors.New("closed")
}

func TestLinesGoToTheJournalFirst(t *testing.T) {
	masked := journalFunc(func(l journal.Line) (journal.Line, error) {
		l.Image = &journal.Image{Name: "***"}
		return l, nil
	})
	var out bytes.Buffer
	w := &Lines{Journal: masked, Out: &out}
	if _, err := w.Append(journal.Line{Type: journal.ImageLine, Image: &journal.Image{Name: "secret"}}); err != nil || w.Err() != nil || w.Code() != runner.ExitMet {
		t.Fatal(err, w.Err())
	}
	if got := out.String(); !strings.Contains(got, "***") || strings.Contains(got, "secret") || strings.Count(got, "\n") != 1 {
		t.Errorf("%q", got)
	}

	out.Reset()
	w.Journal = journalFunc(func(l journal.Line) (journal.Line, error) { return l, errors.New("the disk is full") })
	if _, err := w.Append(journal.Line{Type: journal.ImageLine}); err == nil || out.Len() > 0 {
		t.Errorf("a line that the journal does not have: %v, %q", err, out.String())
	}

	// An output that is closed does not end the run, and is not tried again.
	closed := &closedOutput{}
	w = &Lines{Journal: masked, Out: closed}
	for range 2 {
		if _, err := w.Append(journal.Line{Type: journal.ImageLine}); err != nil {
			t.Error(err)
		}
	}
	if w.Err() == nil || w.Code() != runner.ExitEnvironment || closed.writes != 1 {
		t.Errorf("%v after %d writes", w.Err(), closed.writes)
	}
	if _, err := (&Lines{Journal: masked}).Append(journal.Line{Type: journal.ImageLine}); err != nil {
		t.Error(err)
	}
}
