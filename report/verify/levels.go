package verify

import (
	"fmt"
	"slices"
)

// level is a least value at which the service does a part of what a search demands.
type level struct {
	Name            string
	Found           settings
	Reached, Missed string
	Undecided       int
}

// levels are those that trials may show, in order; what the search itself demands is none.
func (s *stage) levels() []string {
	switch {
	case s.LimitIndependent:
		return nil
	case s.HasLoad:
		return []string{"starts", "responds"}
	case s.HasScenario:
		return []string{"starts"}
	}
	return nil
}

// progress is how many levels the service reached in a trial.
func (t *trial) progress() int {
	responded := t.Load != nil && t.Load.OK > 0 || t.Evidence != nil && len(t.Evidence.First) > 0
	switch {
	case t.Verdict == passed, t.Phase != "start" && t.Phase != "first_request" && responded:
		return 2
	case t.Phase == "start":
		return 0
	}
	return 1
}

// leveled checks the levels of a search: each names the trial with the most that did not
// reach it, and the one with the least above that which did, below the answer. Earlier
// versions wrote none.
func (s *stage) leveled() []string {
	if len(s.Levels) == 0 {
		return nil
	}
	var want []level
	for i, name := range s.levels() {
		if l, shown := s.level(i + 1); shown {
			l.Name = name
			want = append(want, l)
		}
	}
	same := slices.EqualFunc(s.Levels, want, func(a, b level) bool {
		return a.Name == b.Name && a.Reached == b.Reached && a.Missed == b.Missed && a.Undecided == b.Undecided &&
			s.axes().at(&a.Found, &b.Found)
	})
	if same {
		return nil
	}
	return []string{fmt.Sprintf("its levels are %s, and by its trials %s", levelTexts(s.Levels), levelTexts(want))}
}

func levelTexts(all []level) []string {
	texts := []string{}
	for _, l := range all {
		texts = append(texts, fmt.Sprintf("%s: %s, not %s, %d undecided", l.Name, l.Reached, l.Missed, l.Undecided))
	}
	return texts
}

// level returns what the trials show of a progress. It is false where they show nothing.
func (s *stage) level(progress int) (l level, shown bool) {
	line := s.line()
	top, below := s.lineTop()
	if line < 0 || top == nil {
		return level{}, false
	}
	low, high := -1, below // indexes on the line
	for _, t := range s.decisive() {
		c, _ := s.axes().cellOf(&t.Set)
		if t.progress() < progress && s.aside(c, top, line) && c[line] < below && c[line] > low {
			low, l.Missed = c[line], t.ID
		}
	}
	for _, t := range s.decisive() {
		c, _ := s.axes().cellOf(&t.Set)
		if t.progress() >= progress && s.aside(top, c, line) && c[line] > low && c[line] < high {
			high, l.Reached, l.Found = c[line], t.ID, t.Set
		}
	}
	l.Undecided = high - low - 1
	return l, low >= 0 && high < below
}

// line returns the axis on which levels lie: the memory, else the first that has an order; -1
// where there is none.
func (s *stage) line() int {
	if i := slices.IndexFunc(s.axes(), func(a axis) bool { return a.Dimension == "memory" }); i >= 0 {
		return i
	}
	return slices.IndexFunc(s.axes(), axis.ordered)
}

// lineTop returns the cell below which levels lie, and the index on the line that they are
// below: the pass of the proof, else past the last failure with none above it.
func (s *stage) lineTop() (top cell, below int) {
	line := s.line()
	if line < 0 {
		return nil, 0
	}
	if s.Certificate != nil {
		if i := s.find(s.Certificate.Passed); i >= 0 {
			if c, on := s.axes().cellOf(&s.trials[i].Set); on {
				return c, c[line]
			}
		}
		return nil, 0
	}
	for _, t := range s.own() {
		c, on := s.axes().cellOf(&t.Set)
		if on && t.Verdict == failed && (top == nil || covers(s.axes().vector(c), s.axes().vector(top))) {
			top = c
		}
	}
	if top == nil {
		return nil, 0
	}
	return top, top[line] + 1
}

// aside reports whether a cell has at least as much as another one on all axes but the line.
func (s *stage) aside(a, b cell, line int) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	a[line], b[line] = 0, 0
	return covers(s.axes().vector(a), s.axes().vector(b))
}

// decisive returns the trials of a search that show what is enough or too little. One does
// not that had too little memory for files that others were charged for.
func (s *stage) decisive() []*trial {
	memory := axis{Dimension: "memory"}
	varies := slices.ContainsFunc(s.axes(), func(a axis) bool { return a.Dimension == memory.Dimension })
	return slices.DeleteFunc(slices.Clone(s.own()), func(t *trial) bool {
		value, is := memory.of(&t.Set).(float64)
		_, on := s.axes().cellOf(&t.Set)
		return !on || !t.counts() || varies && is && t.need(value) > value
	})
}
