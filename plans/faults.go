package plans

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// faults collects everything that is to be said about a plan.
type faults struct {
	sources map[string][]byte // by the name that ranges carry
	list    []*Diagnostic
	secrets []string         // texts that must not be shown
	bare    map[string][]int // where quantities without quotes begin, by file, rising
}

// newFaults is for a set of sources.
func newFaults(sources map[string][]byte) *faults {
	return &faults{sources: sources, bare: map[string][]int{}}
}

func (f *faults) error(code string, at hcl.Range, summary, help string) *Diagnostic {
	return f.add(Error, code, at, summary, help)
}

func (f *faults) warning(code string, at hcl.Range, summary, help string) *Diagnostic {
	return f.add(Warning, code, at, summary, help)
}

func (f *faults) note(code string, at hcl.Range, summary, help string) *Diagnostic {
	return f.add(Note, code, at, summary, help)
}

func (f *faults) add(s Severity, code string, at hcl.Range, summary, help string) *Diagnostic {
	d := &Diagnostic{Code: code, Severity: s, Summary: summary, Help: help, Place: f.place(at, "")}
	f.list = append(f.list, d)
	return d
}

// related adds a second place to the newest diagnostic.
func (f *faults) related(d *Diagnostic, at hcl.Range, text string) {
	d.Related = append(d.Related, f.place(at, text))
}

// secret remembers a text that must not be shown.
func (f *faults) secret(text string) {
	if text != "" && !slices.Contains(f.secrets, text) {
		f.secrets = append(f.secrets, text)
	}
}

// problem reports what a conversion found wrong at a place.
func (f *faults) problem(p *problem, at hcl.Range) *Diagnostic {
	return f.error(p.code, at, p.summary, p.help)
}

// place turns a range of HCL into one of ours, with the line that it starts on.
func (f *faults) place(r hcl.Range, text string) Place {
	return Place{
		File:    r.Filename,
		Start:   Position(r.Start),
		End:     Position(r.End),
		Snippet: line(f.sources[r.Filename], r.Start.Byte),
		Text:    text,
	}
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

// finish gives all diagnostics, sorted, addressed and without secrets. The
// file's own lines stay as they are: whoever reads them has the file.
func (f *faults) finish(file string, address func(Place) string) Diagnostics {
	all := make(Diagnostics, 0, len(f.list))
	for _, d := range f.list {
		if f.followed(d) {
			continue
		}
		if d.File == file && d.Address == "" {
			d.Address = address(d.Place)
		}
		all = append(all, f.masked(*d, file))
	}
	return all.tidy(file)
}

func (f *faults) masked(d Diagnostic, file string) Diagnostic {
	d.Summary, d.Note, d.Help = f.mask(d.Summary), f.mask(d.Note), f.mask(d.Help)
	d.Place = f.maskedPlace(d.Place, file)
	d.Related = slices.Clone(d.Related)
	for i, r := range d.Related {
		d.Related[i] = f.maskedPlace(r, file)
	}
	return d
}

func (f *faults) maskedPlace(p Place, file string) Place {
	p.Text = f.mask(p.Text)
	if p.File != file {
		p.Snippet = f.mask(p.Snippet)
	}
	return p
}

// mask takes secrets out of a text, the longest first.
func (f *faults) mask(text string) string {
	if len(f.secrets) == 0 {
		return text
	}
	secrets := slices.Clone(f.secrets)
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, secret := range secrets {
		pairs = append(pairs, secret, "(sensitive)")
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// problem is what is wrong with one value, wherever it stands.
type problem struct{ code, summary, help string }

func (p *problem) Error() string { return p.summary }

func wrong(code, help, format string, args ...any) *problem {
	return &problem{code, fmt.Sprintf(format, args...), help}
}
