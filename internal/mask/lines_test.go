package mask

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

// wrapped cuts a text into lines, as base64 and openssl do.
func wrapped(text string, columns int, end string) string {
	var lines []string
	for part := range slices.Chunk([]byte(text), columns) {
		lines = append(lines, string(part))
	}
	return strings.Join(lines, end)
}

const longSecret = "T0k3nSuperSecretValueAbcdefgh0123456789XYZ-and-more-of-it-0123456789-abcdefghijklmnopqrstuv"

// TestWrappedSecretsInLines: a secret whose writing fills several lines of a log is replaced in all of them.
func TestWrappedSecretsInLines(t *testing.T) {
	m := New([]string{longSecret})
	b64, inHex := base64.RawStdEncoding.EncodeToString([]byte(longSecret)), hex.EncodeToString([]byte(longSecret))
	for name, written := range map[string]string{
		"base64":                    wrapped(b64, 76, "\n"),
		"base64 of a terminal":      wrapped(b64, 64, "\r\n"),
		"hex":                       wrapped(inHex, 60, "\n"),
		"hex of a terminal":         wrapped(inHex, 32, "\r\n"),
		"quoted-printable":          wrapped(longSecret, 40, "=\n"),
		"quoted-printable of mails": wrapped(longSecret, 40, "=\r\n"),
	} {
		if got := m.Lines("before\r\n"+written+"\nafter\n", 10, 100); !slices.Equal(got, []string{"before", Stars, "after"}) {
			t.Errorf("%s: %q", name, got)
		}
		// Of a log of which the last two lines were asked for, with those that Ask adds.
		all := strings.Split("before\n"+written+"\nafter", "\n")
		asked := strings.Join(all[max(0, len(all)-m.Ask(2)):], "\n")
		if got := m.Lines(asked, 2, 100); !slices.Equal(got, []string{Stars, "after"}) {
			t.Errorf("%s, the last two lines: %q", name, got)
		}
	}
}

func TestLines(t *testing.T) {
	for text, want := range map[string][]string{
		"":                  nil,
		"\r\n\n":            nil,
		"a":                 {"a"},
		"a\nb\r\n\nc\n":     {"b", "", "c"},
		"12345\n123456\n":   {"12345", "12345…"},
		"hunter22 is it\n":  {"*** i…"},
		"x hunter22\n":      {"x ***"},
		"123ä\n1234ä\n1\n2": {"1234…", "1", "2"},
	} {
		if got := New([]string{"hunter22"}).Lines(text, 3, 5); !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
	if (*Mask)(nil).Ask(5) != 5 {
		t.Error("without secrets more lines are asked for")
	}
}
