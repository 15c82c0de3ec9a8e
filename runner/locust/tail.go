package locust

import (
	"regexp"
	"strconv"
	"strings"
)

// tailLines is how many lines the end of a log has where it is no traceback.
const tailLines = 8

// locustfileLine matches a line of the locustfile in a traceback.
var locustfileLine = regexp.MustCompile(`File "[^"]*/locustfile\.py", line (\d+)`)

// logTail returns the end of a log. Of a traceback that is the error, and the line
// of the locustfile where it was raised; else the last lines.
func logTail(log []string) string {
	var lines []string
	ignored := false // inside of what Python prints of an exception that it ignores, as while it ends
	for _, line := range log {
		switch {
		case strings.HasPrefix(line, "Exception ignored in"):
			ignored = true
		case ignored && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "Traceback ")):
		case ignored: // the exception itself
			ignored = false
		case strings.TrimSpace(line) != "":
			lines = append(lines, line)
		}
	}
	last := lines[max(0, len(lines)-tailLines):]
	for i := len(last) - 2; i >= 0; i-- {
		if strings.HasPrefix(last[i], " ") { // the traceback, whose error follows
			return strings.Join(last[i+1:], "\n") + atLine(lineOf(strings.Join(lines, "\n")))
		}
	}
	return strings.Join(last, "\n")
}

// lineOf returns the innermost line of the locustfile in a traceback; 0 where it
// has none.
func lineOf(traceback string) int {
	found := locustfileLine.FindAllStringSubmatch(traceback, -1)
	if len(found) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(found[len(found)-1][1]) // digits; too many are no line
	return n
}

// atLine returns a line of the locustfile in parentheses; "" for 0.
func atLine(line int) string {
	if line == 0 {
		return ""
	}
	return " (line " + strconv.Itoa(line) + " of the locustfile)"
}
