package docker

import (
	"fmt"
	"strings"
)

func numbered(name string, n int) string {
	if n < 2 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, n)
}

// longestSlug keeps a name with its prefix short enough for a DNS label.
const longestSlug = 40

// slug returns a text of letters, digits, dots and single hyphens. The middle of a
// long text is cut out.
func slug(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.'
	})
	s := strings.Trim(strings.Join(words, "-"), ".-")
	if len(s) > longestSlug {
		s = s[:longestSlug/2] + "-" + s[len(s)-longestSlug/2+1:]
	}
	return s
}
