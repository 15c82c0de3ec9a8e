package lang

import (
	"strings"
	"testing"
)

// TestDeepTexts reads texts for which the parser, or what walks through its result, calls itself for each bracket, operator or directive.
//
// Right: P0001 before they are parsed. Brackets of comments and strings do not count.
func TestDeepTexts(t *testing.T) {
	long := func(text string) string { return strings.Repeat(text, (250<<10)/len(text)) }
	for name, c := range map[string]struct {
		text string
		deep bool
	}{
		"brackets behind brackets of a comment":  {"# " + strings.Repeat("]", 120_000) + "\nlocals { a = " + strings.Repeat("[", 120_000), true},
		"brackets and comments in turn":          {"locals { a = " + long("[ # ]\n"), true},
		"brackets and strings in turn":           {"locals { a = " + long(`{"}"=`), true},
		"signs and comments in turn":             {"locals { a = " + long("-/**/") + "1 }", true},
		"conditions":                             {"locals { a = " + long("a?b:") + "1 }", true},
		"conditions in conditions":               {"locals { a = " + long("a?") + "1 }", true},
		"sums":                                   {"locals { a = 1" + long("+1") + " }", true},
		"indexes":                                {"locals { a = b" + long("[b]") + " }", true},
		"splats":                                 {"locals { a = b" + long("[*]") + " }", true},
		"splats of attributes":                   {"locals { a = b" + long(".*") + " }", true},
		"directives":                             {`locals { a = "` + long("%{if a}") + `" }`, true},
		"directives behind ends of directives":   {`locals { a = "` + strings.Repeat("%{endif}", 5000) + strings.Repeat("%{if a}", 5000) + `" }`, true},
		"strings in strings":                     {`locals { a = ` + long(`"${`) + ` }`, true},
		"blocks closed by a bracket of no block": {long("a {\n b( }\n"), true},
		"blocks closed behind a name":            {long("a {\n b }\n"), true},
		"brackets of a comment":                  {"# " + strings.Repeat("[", 300) + "\n", false},
		"brackets of a string":                   {`locals { a = "` + strings.Repeat("[", 300) + `" }`, false},
		"brackets side by side":                  {"locals { a = [" + strings.Repeat("[],", 5000) + "] }", false},
		"blocks side by side":                    {strings.Repeat("a \"b\" {\n  c { d = 1 }\n  e = {\n f = 1 }\n # }\n}\na {}\na {\n\n} # x\n", 300), false},
		"signs side by side":                     {"locals { a = [" + strings.Repeat("-1 + 1, ", 5000) + "] }", false},
		"lines of sums":                          {"locals {\n" + strings.Repeat("a = 1 + 1\n", 5000) + "}", false},
		"parts of a string":                      {`locals { a = "` + strings.Repeat("${1+1}%{if true}x%{else}y%{endif}", 5000) + `" }`, false},
		"200 brackets":                           {"locals { a = " + strings.Repeat("[", 199) + strings.Repeat("]", 199) + " }", false},
		"201 brackets":                           {"locals { a = " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + " }", true},
		"1000 operators":                         {"locals { a = 1" + strings.Repeat("+1", 1000) + " }", false},
		"1001 operators":                         {"locals { a = 1" + strings.Repeat("+1", 1001) + " }", true},
		"1001 operators on two levels":           {"locals { a = 1" + strings.Repeat("+1", 500) + "+(1" + strings.Repeat("+1", 500) + ") }", true},
		"1000 operators on two levels":           {"locals { a = 1" + strings.Repeat("+1", 499) + "+(1" + strings.Repeat("+1", 500) + ") }", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := shallow([]byte(c.text)); got == c.deep {
				t.Fatalf("shallow is %v", got)
			}
			if !c.deep {
				return
			}
			if codes, all := loadText(t, c.text); len(codes) != 1 || codes[0] != "P0001" || !strings.Contains(all, "200 nested brackets, or 1000 operators") {
				t.Errorf("%v\n%.500s", codes, all)
			}
		})
	}
}

// TestADeepVariable: the value of a variable is an expression too.
func TestADeepVariable(t *testing.T) {
	text := smallPlan + "variable \"x\" {\n  type = list(string)\n}"
	for value, want := range map[string]string{"[" + strings.Repeat("[", 100_000): "P0212", `["a"]`: ""} {
		_, diags := LoadText("plan.hcl", []byte(text), Options{Vars: []string{"x=" + value}})
		if got := strings.Contains(diags.Error(), "P0212"); got != (want != "") || diags.HasErrors() != got {
			t.Errorf("%.10s: %.500s", value, diags.Error())
		}
	}
}
