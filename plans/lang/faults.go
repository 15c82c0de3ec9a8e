package lang

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"plan/plans"
	"plan/plans/diag"
)

// faults collects everything that is to be said about a plan.
type faults struct {
	sources map[string][]byte // by the name that ranges carry
	list    []*diag.Diagnostic
	secrets []string         // texts that must not be shown
	bare    map[string][]int // where quantities without quotes begin, by file, rising
}

// newFaults is for a set of sources.
func newFaults(sources map[string][]byte) *faults {
	return &faults{sources: sources, bare: map[string][]int{}}
}

func (f *faults) error(code string, at hcl.Range, summary, help string) *diag.Diagnostic {
	return f.add(diag.Error, code, at, summary, help)
}

func (f *faults) warning(code string, at hcl.Range, summary, help string) *diag.Diagnostic {
	return f.add(diag.Warning, code, at, summary, help)
}

func (f *faults) add(s diag.Severity, code string, at hcl.Range, summary, help string) *diag.Diagnostic {
	d := &diag.Diagnostic{Code: code, Severity: s, Summary: summary, Help: help, SourceRange: f.place(at, "")}
	f.list = append(f.list, d)
	return d
}

// take adds what was found by others.
func (f *faults) take(list diag.List) {
	for _, d := range list {
		f.list = append(f.list, &d)
	}
}

// related adds a second place to the newest diagnostic.
func (f *faults) related(d *diag.Diagnostic, at hcl.Range, text string) {
	d.Related = append(d.Related, f.place(at, text))
}

// secret remembers a text that must not be shown.
func (f *faults) secret(text string) {
	if text != "" && !slices.Contains(f.secrets, text) {
		f.secrets = append(f.secrets, text)
	}
}

// problem reports what a conversion found wrong at a place.
func (f *faults) problem(p *problem, at hcl.Range) *diag.Diagnostic {
	return f.error(p.code, at, p.summary, p.help)
}

// place turns a range of HCL into one of ours, with the line that it starts on.
func (f *faults) place(r hcl.Range, text string) diag.SourceRange {
	return diag.SourceRange{
		File:    r.Filename,
		Start:   diag.Position(r.Start),
		End:     diag.Position(r.End),
		Snippet: line(f.sources[r.Filename], r.Start.Byte),
		Text:    text,
	}
}

// decl is where a block and all that is in it stand.
func (f *faults) decl(n *node) *plans.Decl {
	at := func(r hcl.Range) diag.SourceRange {
		place := f.place(r, "")
		place.Block = n.address
		return place
	}
	d := plans.NewDecl(n.block.name, n.label, at(n.header))
	for name, a := range n.attrs {
		d.Declare(name, at(a.NameRange), at(a.Expr.Range()))
	}
	for _, c := range n.nodes {
		d.Nest(f.decl(c))
	}
	return d
}

// line is the line of a source around a byte.
func line(source []byte, at int) string {
	if at > len(source) || len(source) == 0 {
		return ""
	}
	from := bytes.LastIndexByte(source[:at], '\n') + 1
	to := bytes.IndexByte(source[at:], '\n')
	if to < 0 {
		to = len(source) - at
	}
	return strings.ToValidUTF8(strings.TrimRight(string(source[from:at+to]), "\r"), "\uFFFD")
}

// finish gives all diagnostics as they are written, without those that follow
// from another one.
func (f *faults) finish(file string, address func(diag.SourceRange) string) diag.List {
	var all diag.List
	for _, d := range f.list {
		if f.followed(d) {
			continue
		}
		if d.File == file && d.Block == "" {
			d.Block = address(d.SourceRange)
		}
		all = append(all, *d)
	}
	return all.Finish(file, f.secrets)
}

// problem is what is wrong with one value, wherever it stands.
type problem struct{ code, summary, help string }

func (p *problem) Error() string { return p.summary }

func wrong(code, help, format string, args ...any) *problem {
	return &problem{code, fmt.Sprintf(format, args...), help}
}
