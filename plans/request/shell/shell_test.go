package shell

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func reference(name string) string { return "\x00" + name + "\x00" }

func TestCommandsOfAShell(t *testing.T) {
	for text, want := range map[string][]Command{
		"curl a  b":                        {{Words: []string{"curl", "a", "b"}}},
		"curl 'a b' \"c $D\" e\\ f":        {{Words: []string{"curl", "a b", "c \x00D\x00", "e f"}, Variables: []string{"D"}}},
		"a \\\n b\nc":                      {{Words: []string{"a", "b"}}, {Words: []string{"c"}}},
		"a # b\n# c\nd#e":                  {{Words: []string{"a"}}, {Words: []string{"d#e"}}},
		"a | jq . > x\nb && c; d":          {{Words: []string{"a"}, Ended: ">"}, {Words: []string{"b"}}, {Words: []string{"c"}}, {Words: []string{"d"}}},
		"$ a $'x\\n\\'y\\u00e9' ''":        {{Words: []string{"a", "x\n'yé", ""}}},
		"a ${B:-c}/${D} \"\\$E \\\" \\n\"": {{Words: []string{"a", "c/\x00D\x00", "$E \" \\n"}, Variables: []string{"D"}}},
		"a\r\nb":                           {{Words: []string{"a"}}, {Words: []string{"b"}}},
	} {
		got, err := Commands(text, reference)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"a 'b", `a "b`, "a $'b", "a $(b)", "a \"$(b)\"", "a \"`b`\""} {
		if got, err := Commands(text, reference); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}
