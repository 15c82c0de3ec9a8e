package docker

import (
	"fmt"
	"strings"
)

// containerName is plan-RUN-PART-PART with nothing in it that Docker refuses.
func containerName(run string, parts ...string) string {
	return "plan-" + run + "-" + slug(strings.Join(parts, "-"))
}

func numbered(name string, n int) string {
	if n < 2 {
		return name
	}
	return fmt.Sprintf("%s-%d", name, n)
}

// longestSlug keeps a name usable as a host name's label beside its prefix.
const longestSlug = 40

// slug keeps letters, digits, dots and single hyphens; what is too long loses
// its middle.
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
