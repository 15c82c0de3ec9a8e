package compose

import (
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// part of a text: literal, or a variable with what Compose puts in its place.
type part struct {
	literal  string
	variable string
	fallback string    // where the variable is not set
	empty    bool      // an empty value counts as not set
	optional bool      // it may be empty: ${NAME:-}
	demanded bool      // it must be given
	secret   *variable // of the plan, in the place of a secret that stood in the text
}

// template is a text of a Compose file with its variables.
type template []part

var reference = regexp.MustCompile(`\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?])([^${}]*))?\})`)

// parse reads the variables of a text. It is not fit for those with a nested
// fallback, or with one for when the variable is set.
func parse(raw string) (t template, fit bool) {
	at, fit := 0, true
	plain := func(text string) {
		t, fit = t.literal(text), fit && !strings.Contains(text, "$")
	}
	for _, m := range reference.FindAllStringSubmatchIndex(raw, -1) {
		plain(raw[at:m[0]])
		at = m[1]
		group := func(i int) string { return raw[max(m[2*i], 0):max(m[2*i+1], 0)] }
		operator := group(3)
		switch name := group(1) + group(2); {
		case name == "":
			t = t.literal("$")
		case strings.HasSuffix(operator, "?"):
			t = append(t, part{variable: name, demanded: true, empty: operator == ":?"})
		default:
			t = append(t, part{variable: name, fallback: group(4), empty: operator == ":-",
				optional: operator != "" && group(4) == ""})
		}
	}
	plain(raw[at:])
	return t, fit
}

func (t template) literal(text string) template {
	if text == "" {
		return t
	}
	if n := len(t); n > 0 && t[n-1].variable == "" && t[n-1].secret == nil {
		t[n-1].literal += text
		return t
	}
	return append(t, part{literal: text})
}

// cut is the template with a part in place of each occurrence of a value in its literals.
func (t template) cut(value string, with part) template {
	var list template
	for _, p := range t {
		if p.variable != "" || p.secret != nil {
			list = append(list, p)
			continue
		}
		for i, text := range strings.Split(p.literal, value) {
			if i > 0 {
				list = append(list, with)
			}
			list = list.literal(text)
		}
	}
	return list
}

// names are the variables of the text.
func (t template) names() []string {
	var list []string
	for _, p := range t {
		if p.variable != "" {
			list = append(list, p.variable)
		}
	}
	return list
}

// bare is the text without what is put in for its variables.
func (t template) bare() string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.literal)
	}
	return b.String()
}

// only is the variable that is the whole text.
func (t template) only() (part, bool) {
	if len(t) == 1 && t[0].variable != "" {
		return t[0], true
	}
	return part{}, false
}

// quote writes a text as HCL has it.
func quote(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}
