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
