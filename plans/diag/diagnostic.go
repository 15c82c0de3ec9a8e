package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plan/internal/english"
	"plan/internal/mask"
	"plan/internal/printable"
)

// Severity says what a diagnostic means for the plan.
type Severity string

// The severities: an error stops the plan, a warning is worth a change, a
// note informs.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Position is a point in a file; lines and columns count from 1, bytes from 0.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// SourceRange is a range of a file. Line 0 means that File is no file but a word for
// where the value came from, such as "--var users".
type SourceRange struct {
	File    string   `json:"file"`
	Start   Position `json:"start"`
	End     Position `json:"end"`
	Snippet string   `json:"snippet,omitempty"` // the first line of the range
	Text    string   `json:"text,omitempty"`    // what a related range has to do with it
	Block   string   `json:"-"`                 // address of the innermost block around it
}

// Diagnostic is one thing to say about a plan.
type Diagnostic struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Summary  string   `json:"summary"`
	Address  string   `json:"address,omitempty"` // what it is about: search.memory.vary.memory; Finish sets it
	SourceRange
	Note    string        `json:"note,omitempty"`
	Help    string        `json:"help,omitempty"`
	Related []SourceRange `json:"related,omitempty"`
}

// New returns a diagnostic of what stands at a range.
func New(s Severity, code string, at SourceRange, summary, help string) Diagnostic {
	return Diagnostic{Code: code, Severity: s, Summary: summary, Help: help, SourceRange: at}
}

// NewError returns an error of what stands at a range.
func NewError(code string, at SourceRange, summary, help string) Diagnostic {
	return New(Error, code, at, summary, help)
}

// NewWarning returns a warning of what stands at a range.
func NewWarning(code string, at SourceRange, summary, help string) Diagnostic {
	return New(Warning, code, at, summary, help)
}

// NewNote returns a note of what stands at a range.
func NewNote(code string, at SourceRange, summary, help string) Diagnostic {
	return New(Note, code, at, summary, help)
}

// Relate returns the diagnostic with another range, and what that has to do with
// it.
func (d Diagnostic) Relate(at SourceRange, text string) Diagnostic {
	at.Text = text
	d.Related = append(slices.Clone(d.Related), at)
	return d
}

// List is in the order of the file, none twice.
type List []Diagnostic

// HasErrors reports whether one of them stops the plan.
func (d List) HasErrors() bool {
	return slices.ContainsFunc(d, func(x Diagnostic) bool { return x.Severity == Error })
}

// Strict turns warnings into errors.
func (d List) Strict() List {
	strict := slices.Clone(d)
	for i := range strict {
		if strict[i].Severity == Warning {
			strict[i].Severity = Error
		}
	}
	return strict
}

func (d List) Error() string {
	lines := make([]string, len(d))
	for i, x := range d {
		lines[i] = x.line()
	}
	return strings.Join(lines, "\n")
}

// line is a diagnostic on one line, as editors read it.
func (d Diagnostic) line() string {
	return fmt.Sprintf("%s: %s: %s [%s]", d.SourceRange.at(), d.Severity, d.Summary, d.Code)
}

// at is a range as editors and terminals make it clickable.
func (p SourceRange) at() string {
	if p.Start.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Start.Line, p.Start.Column)
}

// Finish returns the diagnostics as they are written: each with the address of
// its block, none twice, sorted by range, those of the file first. No secret is
// left in them, save in lines of the file itself: whoever reads them has it.
func (d List) Finish(file string, secrets []string) List {
	all := make(List, 0, len(d))
	hidden := mask.New(secrets)
	hide := func(text string) string { return printable.Text(hidden.TextWith(text, "(sensitive)")) }
	for _, x := range d {
		x.Address = cmp.Or(x.Address, x.Block)
		x.Summary, x.Note, x.Help = hide(x.Summary), hide(x.Note), hide(x.Help)
		x.SourceRange = x.SourceRange.masked(hide, file)
		x.Related = slices.Clone(x.Related)
		for i, r := range x.Related {
			x.Related[i] = r.masked(hide, file)
		}
		all = append(all, x)
	}
	slices.SortStableFunc(all, func(a, b Diagnostic) int {
		elsewhere := func(x Diagnostic) int {
			if x.File == file {
				return 0
			}
			return 1
		}
		return cmp.Or(
			cmp.Compare(elsewhere(a), elsewhere(b)),
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Start.Byte, b.Start.Byte),
			cmp.Compare(a.Code, b.Code),
		)
	})
	return slices.CompactFunc(all, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Summary == b.Summary && a.SourceRange == b.SourceRange
	})
}

func (p SourceRange) masked(hide func(string) string, file string) SourceRange {
	p.Text = hide(p.Text)
	if p.File == file {
		p.Snippet = printable.SameLength(p.Snippet) // columns of the range stay right
	} else {
		p.Snippet = hide(p.Snippet)
	}
	return p
}

// DidYouMean asks for the nearest candidate, or lists them all.
func DidYouMean(word string, candidates []string) string {
	help := english.DidYouMean(word, candidates)
	if help != "" || len(candidates) == 0 {
		return help
	}
	return "possible words: " + strings.Join(candidates, ", ")
}
