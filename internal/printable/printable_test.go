package printable

import "testing"

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"a line\n\tand ünïcode 🗝":         "a line\n\tand ünïcode 🗝",
		"\x1b[2J\x1b]0;pwn\x07":           "\uFFFD[2J\uFFFD]0;pwn\uFFFD",
		"a\rb\x00c\x7fd\u009be":           "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe",
		"admin\u202Etxt.exe\u2066x\u200f": "admin\uFFFDtxt.exe\uFFFDx\uFFFD",
		"one\u2028two":                    "one\uFFFDtwo",
		"\x1b[31;1mred\x1b[0m \x1b[m\u009b38:5:9mplain": "red plain",
		"\x1b[31\x1b[K\x1bm":                            "\uFFFD[31\uFFFD[K\uFFFDm",
		"\x1b[\x1b[0m31m":                               "\uFFFD[31m", // what is left does not become a sequence
	} {
		if got := Text(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

// TestSameLength: positions in a text stay right.
func TestSameLength(t *testing.T) {
	if got := SameLength("a\x1b[31mb\u202ec\n"); got != "a\uFFFD[31mb\uFFFDc\n" {
		t.Errorf("it gives %q", got)
	}
}

func TestForeign(t *testing.T) {
	for text, want := range map[string]rune{"/path?q=ü": 0, "a\tb": '\t', "a\nb": '\n', "a\x1bb": 0x1b, "x\u202e": 0x202e} {
		if got, found := Foreign(text); got != want || found != (want != 0) {
			t.Errorf("%q gives %U, %v", text, got, found)
		}
	}
}
