package locust

import (
	"regexp"
	"slices"
	"strings"
)

var (
	class     = regexp.MustCompile(`(?m)^class[ \t]+(\w+)[ \t]*\(([^)]*)\)`)
	abstract  = regexp.MustCompile(`(?m)^[ \t]+abstract[ \t]*=[ \t]*True\b`)
	nextBlock = regexp.MustCompile(`(?m)^\S`)
	importAll = regexp.MustCompile(`(?m)^from[ \t]+\S+[ \t]+import[ \t]*\*`)
	word      = regexp.MustCompile(`\w+`)
)

// Shape returns the name of the class that sets the number of users of a locustfile, a
// LoadTestShape: one of the file, or one that it imports from the modules beside it. It is
// "" where none is found; one that code defines on a condition is not.
func Shape(locustfile []byte, modules ...[]byte) string {
	known := map[string]bool{"LoadTestShape": true}
	var beside []string
	for _, module := range modules {
		beside = append(beside, shapesOf(string(module), known)...)
	}
	if own := shapesOf(string(locustfile), known); len(own) > 0 {
		return own[0]
	}
	names := word.FindAllString(string(locustfile), -1)
	for _, name := range beside {
		if slices.Contains(names, name) || importAll.Match(locustfile) {
			return name
		}
	}
	return ""
}

// shapesOf are the classes of a Python text that have one of the known classes as a base
// and are not abstract. All such classes become known.
func shapesOf(text string, known map[string]bool) []string {
	var list []string
	for _, at := range class.FindAllStringSubmatchIndex(text, -1) {
		name, body := text[at[2]:at[3]], text[at[1]:]
		if !slices.ContainsFunc(strings.Split(text[at[4]:at[5]], ","), func(base string) bool {
			parts := strings.Split(strings.TrimSpace(base), ".")
			return known[parts[len(parts)-1]]
		}) {
			continue
		}
		known[name] = true
		if next := nextBlock.FindStringIndex(strings.TrimPrefix(body, ":")); next != nil {
			body = body[:next[0]]
		}
		if !abstract.MatchString(body) {
			list = append(list, name)
		}
	}
	return list
}
