package html

import (
	_ "embed"
	"html/template"
	"io"
	"strings"

	"plan/internal/printable"
	"plan/report"
	"plan/runner/compare"
	"plan/runner/journal"
)

//go:embed page.html
var pageText string

//go:embed page.css
var style string

//go:embed page.js
var script string

//go:embed compare.html
var compareText string

// Write writes the page of a run.
func Write(w io.Writer, run journal.Run) error { return writePage(w, pageText, viewOf(run)) }

// WriteComparison writes the page of a comparison.
func WriteComparison(w io.Writer, c compare.Comparison) error {
	return writePage(w, compareText, comparisonOf(c))
}

// writePage fills a template, which may use the parts of page.html.
func writePage(w io.Writer, text string, view any) error {
	functions := template.FuncMap{
		"style":  func() template.CSS { return template.CSS(style) },       // ours
		"script": func() template.JS { return template.JS(script) },        // ours
		"svg":    func(s string) template.HTML { return template.HTML(s) }, // package chart escapes its texts
		"mark":   report.Sign,
		"word":   word,
	}
	parts, err := template.New("parts").Funcs(functions).Parse(pageText)
	if err != nil {
		return err
	}
	page, err := parts.New("page").Parse(text)
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := page.Execute(&b, view); err != nil {
		return err
	}
	_, err = io.WriteString(w, printable.Text(b.String()))
	return err
}

// word is the class of a cell that has a verdict.
func word(cell string) string {
	for _, v := range journal.Verdicts {
		if cell == string(v) {
			return cell
		}
	}
	return ""
}

// table is one of the page.
type table = report.NamedTable
