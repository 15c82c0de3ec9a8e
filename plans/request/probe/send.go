package probe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plan/internal/printable"
	"plan/plans/request"
)

// Bounds of what a probe sends and quotes.
const (
	mostLengths = 4     // of rows that are tried
	longestRow  = 2_000 // values
	quotedMost  = 200   // bytes of a response
)

// sendOnce sends the request of a source once, with what was invented for it. A body of numbers whose rows are too
// short or too long for the model gets those of a length that the response names, if that is answered. Refused is set
// if the API does not answer the request with a 2xx. Nothing is sent that needs a value which is not known here.
func sendOnce(s *request.Source, post func(path, body string) (int, []byte, error)) {
	r := &s.Requests[0]
	if r.Method != "POST" || r.Body == nil || r.Body.JSON == nil || !s.IsComplete() {
		return
	}
	answered := func(value any) (refusal string) {
		body, err := json.Marshal(value)
		if err != nil || bytes.Contains(body, []byte("${")) {
			return ""
		}
		status, response, err := post(r.Path, string(body))
		if err != nil || status >= 200 && status < 300 { // an error, such as no response in time, shows under the load
			return ""
		}
		text := printable.Text(strings.Join(strings.Fields(strings.ToValidUTF8(string(response), "")), " "))
		if len(text) > quotedMost {
			text = strings.ToValidUTF8(text[:quotedMost], "") + " …"
		}
		return strings.TrimSpace(fmt.Sprintf("status %d %s", status, text))
	}
	s.Refused = answered(r.Body.JSON)
	if s.Refused == "" || s.Guess == "" {
		return
	}
	for _, n := range lengthsIn(s.Refused) {
		longer, changed := withRows(r.Body.JSON, n)
		if changed && answered(longer) == "" {
			r.Body.JSON, s.Refused = longer, ""
			s.Guess += fmt.Sprintf("; the API takes rows of %d values", n)
			return
		}
	}
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
