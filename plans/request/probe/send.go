package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"plan/internal/printable"
	"plan/internal/wait"
	"plan/plans/request"
)

// postFunc sends a body to a path by POST, and returns its response of any status.
type postFunc func(path, body string) (status int, response []byte, err error)

// logFunc returns the last lines of a log.
type logFunc func(context.Context) []string

// Bounds of what a probe sends and quotes.
const (
	mostLengths = 4     // of rows that are tried
	longestRow  = 2_000 // values
	quotedMost  = 200   // bytes of a response

	mostAttempts = 15 // of a request to a server that has no time yet
	attemptPause = time.Second
	logDelay     = 200 * time.Millisecond
)

// sendOnce sends the request of a source once, with what was invented for it. A body of numbers whose rows are too
// short or too long for the model gets those of a length that the response names, if that is answered. Refused is set
// if the API does not answer the request with a 2xx. Nothing is sent that needs a value which is not known here.
func sendOnce(ctx context.Context, s *request.Source, post postFunc, log logFunc) {
	r := &s.Requests[0]
	if r.Method != "POST" || !s.IsComplete() || !s.Undescribed && (r.Body == nil || r.Body.JSON == nil) {
		return
	}
	body := ""
	if r.Body != nil {
		body = textOf(r.Body.JSON)
	}
	var said string
	before := linesOf(ctx, log)
	if s.Status, said = answer(ctx, r.Path, body, post); s.Status == 0 {
		s.Refused = ""
		return
	}
	logged := newLines(before, linesOf(ctx, log))
	if len(logged) > 0 {
		s.Logged = quoted(logged[len(logged)-1])
	}
	s.Refused = strings.TrimSpace(fmt.Sprintf("status %d %s", s.Status, quoted(said)))
	if s.Guess == "" || r.Body == nil {
		return
	}
	for _, n := range lengthsIn(said + "\n" + strings.Join(logged, "\n")) {
		longer, changed := withRows(r.Body.JSON, n)
		if !changed {
			continue
		}
		if status, _ := answer(ctx, r.Path, textOf(longer), post); status == 0 {
			r.Body.JSON, s.Refused, s.Logged, s.Status = longer, "", "", 0
			s.Guess += fmt.Sprintf("; the API takes rows of %d values", n)
			return
		}
	}
}

// linesOf are the last lines of a log; nil where it is not known. What the API has just written may be a moment on its
// way.
func linesOf(ctx context.Context, log logFunc) []string {
	if log == nil {
		return nil
	}
	wait.For(ctx, logDelay)
	var lines []string
	for _, line := range log(ctx) {
		if line = printable.Text(strings.TrimSpace(strings.ToValidUTF8(line, ""))); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// newLines are the lines behind those that were there before, of which the first may be gone.
func newLines(before, now []string) []string {
	for i := range before {
		if n := len(before) - i; n <= len(now) && slices.Equal(now[:n], before[i:]) {
			return now[n:]
		}
	}
	return now
}

// textOf is a body as JSON. It has no reference to a variable: that of a source is complete.
func textOf(body any) string {
	text, _ := json.Marshal(body) // it was read or made as JSON
	return string(text)
}

// answer sends a body, and returns the status and the text of a response that is not a 2xx; 0 where it is one, or where
// there is none, such as within the time of a probe: that shows under the load. A server that has no time yet, as while
// it loads its model, is asked again.
func answer(ctx context.Context, path, body string, post postFunc) (status int, said string) {
	for range mostAttempts {
		var response []byte
		var err error
		if status, response, err = post(path, body); err != nil || status >= 200 && status < 300 {
			return 0, ""
		}
		said = printable.Text(strings.Join(strings.Fields(strings.ToValidUTF8(string(response), "")), " "))
		if status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
			return status, said
		}
		wait.For(ctx, attemptPause)
	}
	return status, said
}

// quoted is a text that is not too long to show.
func quoted(text string) string {
	if len(text) > quotedMost {
		return strings.ToValidUTF8(text[:quotedMost], "") + " …"
	}
	return text
}

// lengths are the numbers in what a library says of a row of another length than its model takes: "X has 1 features,
// but LogisticRegression is expecting 4 features as input", "Feature shape mismatch, expected: 4, got 1".
var lengths = regexp.MustCompile(`(?i)(?:expect\w*|require\w*|need\w*|must (?:be|have)|should (?:be|have)|training data)\D{0,40}?(\d+)|(\d+)\D{0,20}?(?:features|columns|values|elements)`)

// lengthsIn are the lengths of rows that a refusal names, each once, what is expected first.
func lengthsIn(refusal string) []int {
	var expected, others []int
	for _, found := range lengths.FindAllStringSubmatch(refusal, -1) {
		if n, err := strconv.Atoi(found[1]); err == nil {
			expected = append(expected, n)
		} else if n, err := strconv.Atoi(found[2]); err == nil {
			others = append(others, n)
		}
	}
	var list []int
	for _, n := range append(expected, others...) {
		if n > 0 && n <= longestRow && !slices.Contains(list, n) && len(list) < mostLengths {
			list = append(list, n)
		}
	}
	return list
}

// withRows is a value in which each list of numbers has n of them: its own over and over. changed reports whether there
// is a list of another length.
func withRows(value any, n int) (rows any, changed bool) {
	switch v := value.(type) {
	case map[string]any:
		object := maps.Clone(v)
		for name, x := range v {
			list, other := withRows(x, n)
			object[name], changed = list, changed || other
		}
		return object, changed
	case []any:
		if len(v) > 0 && !slices.ContainsFunc(v, isNoNumber) {
			list := make([]any, n)
			for i := range list {
				list[i] = v[i%len(v)]
			}
			return list, len(v) != n
		}
		list := slices.Clone(v)
		for i, x := range v {
			row, other := withRows(x, n)
			list[i], changed = row, changed || other
		}
		return list, changed
	}
	return value, false
}

func isNoNumber(value any) bool {
	switch value.(type) {
	case int, int64, float64, json.Number:
		return false
	}
	return true
}
