package html

import (
	_ "embed"
	"html/template"
	"io"
	"regexp"
	"strings"
	"unicode"

	"plan/report"
	"plan/runner/journal"
)

//go:embed page.html
var pageText string

//go:embed page.css
var style string

//go:embed page.js
var script string

// Write writes the page of a run.
func Write(w io.Writer, run journal.Run) error {
	functions := template.FuncMap{
		"style":  func() template.CSS { return template.CSS(style) },       // ours
		"script": func() template.JS { return template.JS(script) },        // ours
		"svg":    func(s string) template.HTML { return template.HTML(s) }, // package chart escapes its texts
		"mark":   mark,
		"word":   word,
	}
	page, err := template.New("page").Funcs(functions).Parse(pageText)
	if err != nil {
		return err
	}
	var text strings.Builder
	if err := page.Execute(&text, viewOf(run)); err != nil {
		return err
	}
	_, err = io.WriteString(w, printable(text.String()))
	return err
}

// sequence is one that a terminal takes as a command, such as a colour.
var sequence = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]`)

// printable leaves out what HTML does not allow: logs have colours for
// terminals, and bytes that are no text.
func printable(text string) string {
	text = sequence.ReplaceAllString(strings.ToValidUTF8(text, "\ufffd"), "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// mark is the sign of a verdict, beside its word.
func mark(v journal.Verdict) string {
	switch v {
	case journal.Passed:
		return "✓"
	case journal.Failed:
		return "✗"
	default:
		return "?"
	}
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
