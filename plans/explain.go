package plans

import (
	_ "embed"
	"strings"
)

// codesText explains every code: one section each, in the order of the codes.
//
//go:embed codes.md
var codesText string

// explanation is one section of codesText.
type explanation struct{ code, title, text string }

func explanations() []explanation {
	var list []explanation
	for section := range strings.SplitSeq("\n"+codesText, "\n## ") {
		head, text, _ := strings.Cut(section, "\n")
		code, title, ok := strings.Cut(head, " ")
		if ok && strings.HasPrefix(code, "P") {
			list = append(list, explanation{code, title, strings.TrimSpace(text)})
		}
	}
	return list
}

// Codes lists the codes of all diagnostics, rising.
func Codes() []string {
	var codes []string
	for _, x := range explanations() {
		codes = append(codes, x.code)
	}
	return codes
}

// Explain says what a code means, why it matters and what is right.
func Explain(code string) (string, bool) {
	for _, x := range explanations() {
		if strings.EqualFold(x.code, code) {
			if x.code == "P0210" {
				x.text += "\n\nFunctions: " + strings.Join(functionNames(), ", ")
			}
			return x.code + " " + x.title + "\n\n" + x.text, true
		}
	}
	return "", false
}
