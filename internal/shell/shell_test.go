package shell

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func fill(part string) (string, error) { return "<" + part + ">", nil }

func TestCommandsOfAShell(t *testing.T) {
	for text, want := range map[string][]Command{
		"curl a  b":                               {{Words: []string{"curl", "a", "b"}}},
		"curl 'a b' \"c $D\" e\\ f":               {{Words: []string{"curl", "a b", "c <$D>", "e f"}}},
		"a \\\n b\nc":                             {{Words: []string{"a", "b"}}, {Words: []string{"c"}}},
		"a # b\n# c\nd#e":                         {{Words: []string{"a"}}, {Words: []string{"d#e"}}},
		"a | jq . > x\nb && c; d || e":            {{[]string{"a"}, "|", false}, {Words: []string{"jq", "."}}, {[]string{"b"}, "&&", false}, {Words: []string{"c"}}, {[]string{"d"}, "||", false}, {Words: []string{"e"}}},
		"$ a $'x\\n\\'y\\u00e9' ''":               {{Words: []string{"$", "a", "x\n'yé", ""}}},
		"a ${B:-c}/${D} \"\\$E \\\" \\n\" `f; g`": {{Words: []string{"a", "<${B:-c}>/<${D}>", "$E \" \\n", "<`f; g`>"}}},
		"a\r\nb":                       {{Words: []string{"a"}}, {Words: []string{"b"}}},
		"A=1 B=\"$C\" d; export E=f G": {{Words: []string{"A=1", "B=<$C>", "d"}}, {Words: []string{"export", "E=f", "G"}}},
		"until a; do b; done; ! c | d": {{[]string{"a"}, "", true}, {[]string{"b"}, "", true}, {[]string{"c"}, "|", true}, {[]string{"d"}, "", true}},
		"f() { a; }; (b) <<E\nx\nE":    {{[]string{"a"}, "", true}, {[]string{"b"}, "", true}},
	} {
		got, err := Commands(text, fill)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"a 'b", `a "b`, "a $'b", "a (b)", "a; ; b"} {
		if got, err := Commands(text, fill); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestErrorsOfAPart(t *testing.T) {
	refused := errors.New("refused")
	for _, text := range []string{"a $(b)", "a \"$(b)\"", "a \"`b`\"", "a $b; c"} {
		if _, err := Commands(text, func(string) (string, error) { return "", refused }); !errors.Is(err, refused) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReadable(t *testing.T) {
	for text, want := range map[string][]Command{
		"a 'b c":               {{Words: []string{"a", "b c"}}},
		"a \"b $C d":           {{Words: []string{"a", "b <$C> d"}}},
		"a $'b\\tc":            {{Words: []string{"a", "b\tc"}}},
		"a <<E\nit's":          {{Words: []string{"a"}}},
		"a \r\nb 'c\r\nd'; e)": {{Words: []string{"a"}}, {Words: []string{"b", "c\nd"}}, {Words: []string{"e"}}},
		"if a; then b":         {{[]string{"a"}, "", true}, {[]string{"b"}, "", true}},
		"a; done; b 'c":        {{Words: []string{"a"}}},
		") a":                  nil,
	} {
		if diff := cmp.Diff(want, Readable(text, fill)); diff != "" {
			t.Errorf("%q:\n%s", text, diff)
		}
	}
}

// FuzzReadable reads any text without a panic.
func FuzzReadable(f *testing.F) {
	for _, text := range []string{"a \"$(b", "if a; then b", "a <<E\nb", "a ${b", "a $((1", "A=(b c) d", "a=b[1]=\"${c", "export a=$'b"} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) { Readable(text, fill) })
}
