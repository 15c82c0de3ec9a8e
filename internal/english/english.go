// Package english builds parts of sentences for the messages of several
// packages. It knows nothing of what the messages are about.
package english

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// Count returns a number with its noun, with the plural in s: "1 trial", "3
// trials".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Or returns a list of alternatives: "a, b or c".
func Or(words []string) string { return joined(words, " or ") }

// And returns a list: "a, b and c".
func And(words []string) string { return joined(words, " and ") }

func joined(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	end := len(words) - 1
	return strings.Join(words[:end], ", ") + last + words[end]
}

// Near returns the candidate closest to a misspelt word, regardless of case: at
// most a third of the word's letters differ, and at least one may. It returns
// "" if no candidate is that close.
func Near(word string, candidates []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance returns the Levenshtein distance. Two exchanged neighbouring
// letters, the most common slip, count as one.
func distance(a, b string) int {
	for i := 0; i+1 < len(a) && len(a) == len(b); i++ {
		if a[:i]+a[i+1:i+2]+a[i:i+1]+a[i+2:] == b {
			return 1
		}
	}
	return levenshtein.Distance(a, b, nil)
}

// DidYouMean asks for the candidate that Near returns; "" without one.
func DidYouMean(word string, candidates []string) string {
	if near := Near(word, candidates); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}
