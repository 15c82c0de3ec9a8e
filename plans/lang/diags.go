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

// diags collects everything that is to be said about a plan.
type diags struct {
	sources map[string][]byte // by the name that ranges carry
	list    []*diag.Diagnostic
	secrets []string         // texts that must not be shown
	bare    map[string][]int // where quantities without quotes begin, by file, rising
}

// newDiags is for a set of sources.
func newDiags(sources map[string][]byte) *diags {
	return &diags{sources: sources, bare: map[string][]int{}}
}

func (f *diags) error(code string, at hcl.Range, summary, help string) *diag.Diagnostic {
	return f.add(diag.Error, code, at, summary, help)
}

func (f *diags) warning(code string, at hcl.Range, summary, help string) *diag.Diagnostic {
	return f.add(diag.Warning, code, at, summary, help)
}

func (f *diags) add(s diag.Severity, code string, at hcl.Range, summary, help string) *diag.Diagnostic {
	d := &diag.Diagnostic{Code: code, Severity: s, Summary: summary, Help: help, SourceRange: f.sourceRange(at, "")}
	f.list = append(f.list, d)
	return d
}

// take adds what was found by others.
func (f *diags) take(list diag.List) {
	for _, d := range list {
		f.list = append(f.list, &d)
	}
}

// related adds a second place to the newest diagnostic.
func (f *diags) related(d *diag.Diagnostic, at hcl.Range, text string) {
	d.Related = append(d.Related, f.sourceRange(at, text))
}

// secret remembers a text that must not be shown.
func (f *diags) secret(text string) {
	if text != "" && !slices.Contains(f.secrets, text) {
		f.secrets = append(f.secrets, text)
	}
}

// violation reports what a conversion found wrong at a place.
func (f *diags) violation(p *violation, at hcl.Range) *diag.Diagnostic {
	return f.error(p.code, at, p.summary, p.help)
}

// sourceRange turns a range of HCL into one of ours, with the line that it starts on.
func (f *diags) sourceRange(r hcl.Range, text string) diag.SourceRange {
	return diag.SourceRange{
		File:    r.Filename,
		Start:   diag.Position(r.Start),
		End:     diag.Position(r.End),
		Snippet: line(f.sources[r.Filename], r.Start.Byte),
		Text:    text,
	}
}

// decl is where a block and all that is in it stand.
func (f *diags) decl(n *node) *plans.Decl {
	at := func(r hcl.Range) diag.SourceRange {
		place := f.sourceRange(r, "")
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
func (f *diags) finish(file string, address func(diag.SourceRange) string) diag.List {
	var all diag.List
	for _, d := range f.list {
		if d.Code != "P0001" && f.overlapsBare(d.File, d.Start.Byte, d.End.Byte) {
			continue
		}
		if d.File == file && d.Block == "" {
			d.Block = address(d.SourceRange)
		}
		all = append(all, *d)
	}
	return all.Finish(file, f.secrets)
}

// violation is what is wrong with one value, wherever it stands.
type violation struct{ code, summary, help string }

func (p *violation) Error() string { return p.summary }

func wrong(code, help, format string, args ...any) *violation {
	return &violation{code, fmt.Sprintf(format, args...), help}
}
