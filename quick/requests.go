package quick

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"plan/internal/metrics"
	"plan/internal/units"
	"plan/plans/request"
)

// Prediction is the request that options give; all of them empty: none.
type Prediction struct {
	Path, JSON string // with JSON alone the path is that of what the API says
	Curl       string
	Timeout    time.Duration // of a request that does not say its own
}

// Complete reports whether the options are a whole request.
func (p Prediction) Complete() bool { return p.Path != "" || p.Curl != "" }

// leastTimeout is how long a response is waited for where no threshold allows more.
const leastTimeout = 4 * time.Second

// Timeout is how long a response is waited for: twice what a threshold allows, so that a slow one is seen.
func Timeout(thresholds []Threshold) time.Duration {
	longest := leastTimeout
	for _, t := range thresholds {
		if metrics.Named(t.Metric).Unit == metrics.Seconds {
			limit, _ := units.ParseDuration(t.Limit) // what is wrong with it the plan says
			longest = max(longest, 2*limit)
		}
	}
	return longest
}

// Requests returns what users ask: what the options say, over what the API says about
// itself, which may be nil. It is nil where that is not known.
func (p Prediction) Requests(found *request.Source) (*request.Source, error) {
	s := found
	switch {
	case p.Curl != "" && (p.Path != "" || p.JSON != ""):
		return nil, errors.New("--curl has the path and the body: leave --path and --json out")
	case p.Curl != "":
		text := p.Curl
		if !request.IsCurl(text) {
			text = "curl " + text
		}
		var err error
		if s, err = request.Read("--curl", []byte(text), request.Curl); err != nil {
			return nil, err
		}
	case p.Path != "":
		if !strings.HasPrefix(p.Path, "/") {
			return nil, fmt.Errorf("--path %q is not a path: write --path /predict", p.Path)
		}
		s = &request.Source{From: "--path", Requests: []request.Request{{Name: "predict", Method: "GET", Path: p.Path}}}
	}
	if s == nil {
		return nil, nil
	}
	if p.JSON != "" {
		var body any
		decoder := json.NewDecoder(bytes.NewReader([]byte(p.JSON)))
		decoder.UseNumber()
		if err := decoder.Decode(&body); err != nil {
			return nil, fmt.Errorf("--json is not JSON: %w", err)
		}
		if body == nil {
			return nil, errors.New("--json is null: write the body that the API takes")
		}
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return nil, errors.New("--json is more than one value of JSON")
		}
		r := &s.Requests[0]
		r.Method, r.Body, s.Guess, s.Refused, s.Requests = "POST", &request.Body{JSON: body}, "", "", s.Requests[:1]
	}
	s.ThinkTime = request.ThinkTime
	for i := range s.Requests {
		if s.Requests[i].Timeout == "" {
			s.Requests[i].Timeout = units.Duration(max(leastTimeout, p.Timeout))
		}
	}
	return s, nil
}

// Line is a request in a few words: "POST /predict", with why it is a guess.
func Line(s *request.Source) string {
	var texts []string
	for _, r := range s.Requests {
		texts = append(texts, r.Method+" "+r.PathText())
	}
	text := strings.Join(texts, ", ")
	if s.From != "" {
		text += ", from " + s.From
	}
	if s.Guess != "" {
		text += " (a guess: " + s.Guess + "; --json replaces it)"
	}
	return text
}
