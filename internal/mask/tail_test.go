package mask

import (
	"io"
	"strings"
	"testing"
)

// TestATailIsCutAfterItsSecrets are masked, so that no cut shows a part of one.
func TestATailIsCutAfterItsSecrets(t *testing.T) {
	const secret = "T0k3nSuperSecretValue"
	tail := New([]string{secret}).Tail()
	for _, part := range []string{strings.Repeat("a", 5000), secret[:7], secret[7:], strings.Repeat("b", longestTail-5)} {
		if _, err := io.WriteString(tail, part); err != nil {
			t.Fatal(err)
		}
	}
	if got := tail.String(); got != "aa***"+strings.Repeat("b", longestTail-5) {
		t.Errorf("the tail has %d bytes: %.20q", len(got), got)
	}
}
