package request

import (
	"strings"
	"testing"
)

// TestVariablesOfAQuery: what curl encodes is encoded in the plan, and a variable in it
// stays one.
func TestVariablesOfAQuery(t *testing.T) {
	s, err := Read("it", []byte(`curl -G -d n=1 --data-urlencode "q=a $QUERY" --data-urlencode 'r=b c' `+
		`--data-urlencode "t=$TOKEN" "http://x/search?u=$USER"`), Curl)
	if err != nil {
		t.Fatal(err)
	}
	written := string(s.Scenario())
	for _, part := range []string{
		`path  = "/search?u=${var.USER}&n=1&r=b+c"`, `query = { q = "a ${var.QUERY}", t = var.TOKEN }`,
		`variable "QUERY"`, `variable "TOKEN"`, `variable "USER"`,
	} {
		if !strings.Contains(written, part) {
			t.Errorf("%q is not in\n%s", part, written)
		}
	}
}

// TestCurlInAScript: commands inside of others are read; what a shell would not read, or only by running it, is told.
func TestCurlInAScript(t *testing.T) {
	for text, want := range map[string]string{
		"$ for i in 1 2; do true; done":                  "a shell cannot read it: 1:17: `do` can only be used in a loop: correct it, or put it into quotes",
		"until curl http://x/a | jq . > y; do b; done":   "/a; the commands after | are left out: write checks of the response in expect; the command b is left out: only curl sends requests here",
		"f() { curl \"http://x/${A:-b}\"; }; f # $(c)\n": "/b; the command f is left out: only curl sends requests here",
		"curl http://x/$'\\xc3\\xa9' > $(mktemp)":        "/é",
		"curl http://x/$1":                               "/$1",
		"curl http://x/`b`":                              "it contains a command whose output is not known: write the output instead of the command",
		"curl http://x/<id>":                             "a shell cannot read it: 1:18: `>` must be followed by a word: correct it, or put it into quotes",
	} {
		s, err := Read("it", []byte(text), Curl)
		var got []string
		if err != nil {
			_, told, _ := strings.Cut(err.Error(), "curl command lines: ")
			got = append(got, told)
		} else {
			for _, r := range s.Requests {
				got = append(got, r.PathText())
			}
			got = append(got, s.Notes...)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
