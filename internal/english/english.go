// Package english has the parts of sentences that messages of several packages
// are made of. It knows nothing of what the messages are about.
package english

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// Count is a number with its noun, whose plural ends in s: "1 trial",
// "3 trials".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Or lists words: "a, b or c".
func Or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// Near is the candidate that a misspelt word most likely means: within a third
// of its length, at least one letter, in upper or lower case. "" if none is
// that near.
func Near(word string, candidates []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the letters to change. Two letters in each other's place, the
// commonest slip, count as one.
func distance(a, b string) int {
	for i := 0; i+1 < len(a) && len(a) == len(b); i++ {
		if a[:i]+a[i+1:i+2]+a[i:i+1]+a[i+2:] == b {
			return 1
		}
	}
	return levenshtein.Distance(a, b, nil)
}

// DidYouMean asks for the candidate that is Near; "" if none is.
func DidYouMean(word string, candidates []string) string {
	if near := Near(word, candidates); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}
