package plans

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says what a diagnostic means for the plan.
type Severity string

// The severities: an error stops the plan, a warning is worth a change, a
// note only tells.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Position is a place in a file; lines and columns count from 1, bytes from 0.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Place is a range of a file. Line 0 means that File is no file but a word for
// where the value came from, such as "--var users".
type Place struct {
	File    string   `json:"file"`
	Start   Position `json:"start"`
	End     Position `json:"end"`
	Snippet string   `json:"snippet,omitempty"` // the first line of the range
	Text    string   `json:"text,omitempty"`    // what a related place has to do with it
}

// Diagnostic is one thing to say about a plan.
type Diagnostic struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Summary  string   `json:"summary"`
	Address  string   `json:"address,omitempty"` // what it is about: search.memory.vary.memory
	Place
	Note    string  `json:"note,omitempty"`
	Help    string  `json:"help,omitempty"`
	Related []Place `json:"related,omitempty"`
}

// Diagnostics are in the order of the file, none twice.
type Diagnostics []Diagnostic

// HasErrors says whether one of them stops the plan.
func (d Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(d, func(x Diagnostic) bool { return x.Severity == Error })
}

// Strict turns warnings into errors.
func (d Diagnostics) Strict() Diagnostics {
	strict := slices.Clone(d)
	for i := range strict {
		if strict[i].Severity == Warning {
			strict[i].Severity = Error
		}
	}
	return strict
}

func (d Diagnostics) Error() string {
	lines := make([]string, len(d))
	for i, x := range d {
		lines[i] = x.line()
	}
	return strings.Join(lines, "\n")
}

// line is a diagnostic on one line, as editors read it.
func (d Diagnostic) line() string {
	return fmt.Sprintf("%s: %s: %s [%s]", d.Place.at(), d.Severity, d.Summary, d.Code)
}

// at is a place as editors and terminals make it clickable.
func (p Place) at() string {
	if p.Start.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Start.Line, p.Start.Column)
}

// tidy sorts diagnostics by place, the file named first before all others, and
// drops what is said twice.
func (d Diagnostics) tidy(first string) Diagnostics {
	slices.SortStableFunc(d, func(a, b Diagnostic) int {
		return cmp.Or(
			-cmpBool(a.File == first, b.File == first),
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Start.Byte, b.Start.Byte),
			cmp.Compare(a.Code, b.Code),
		)
	})
	return slices.CompactFunc(d, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Summary == b.Summary && a.Place == b.Place
	})
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
