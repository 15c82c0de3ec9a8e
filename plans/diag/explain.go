package diag

import (
	_ "embed"
	"strings"
)

// codesText explains every code: one section each, in the order of the codes.
//
//go:embed codes.md
var codesText string

// Explanation is what there is to know of a code.
type Explanation struct{ Code, Title, Text string }

// Explanations lists all codes, rising.
func Explanations() []Explanation {
	var list []Explanation
	for section := range strings.SplitSeq("\n"+codesText, "\n## ") {
		head, text, _ := strings.Cut(section, "\n")
		code, title, ok := strings.Cut(head, " ")
		if ok && strings.HasPrefix(code, "P") {
			list = append(list, Explanation{code, title, strings.TrimSpace(text)})
		}
	}
	return list
}

// Codes lists the codes of all diagnostics, rising.
func Codes() []string {
	var codes []string
	for _, x := range Explanations() {
		codes = append(codes, x.Code)
	}
	return codes
}

// Explain says what a code means, why it matters and what is right.
func Explain(code string) (string, bool) {
	for _, x := range Explanations() {
		if strings.EqualFold(x.Code, code) {
			return x.Code + " " + x.Title + "\n\n" + x.Text, true
		}
	}
	return "", false
}
