package peers

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// lastLine returns the last line that is not empty.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// decode parses JSON into v. The error names what the text is.
func decode(text, what string, v any) error {
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("%s is not to be read: %w", what, err)
	}
	return nil
}

// readJSON parses the output of this package's scripts.
func readJSON(out string) (reported Reported, err error) {
	return reported, decode(lastLine(out), "the script's last line", &reported)
}

func readPlan(out string) (Reported, error) {
	var load struct {
		Failed  *int64   `json:"failed"`
		Dropped *int64   `json:"dropped"`
		Latency Reported `json:"latency_ok"`
	}
	if err := decode(lastLine(out), "the last line", &load); err != nil {
		return Reported{}, err
	}
	if load.Failed == nil {
		return Reported{}, errors.New("the last line is no load: it has no count of failed requests")
	}
	reported := load.Latency
	reported.Errors, reported.Dropped = load.Failed, load.Dropped
	return reported, nil
}

func readVegeta(out string) (Reported, error) {
	var report struct {
		Requests  int64            `json:"requests"`
		Statuses  map[string]int64 `json:"status_codes"`
		Latencies struct {
			P50 int64 `json:"50th"`
			P99 int64 `json:"99th"`
			Max int64 `json:"max"`
		} `json:"latencies"`
	}
	if err := decode(out, "the report", &report); err != nil {
		return Reported{}, err
	}
	seconds := func(nanoseconds int64) *float64 { return new(float64(nanoseconds) / 1e9) }
	l := report.Latencies
	return Reported{P50: seconds(l.P50), P99: seconds(l.P99), Max: seconds(l.Max),
		Errors: new(report.Requests - report.Statuses["200"])}, nil
}

func readFortio(out string) (Reported, error) {
	var result struct {
		Codes    map[string]int64 `json:"RetCodes"`
		Duration struct {
			Count       int64
			Max         float64
			Percentiles []struct{ Percentile, Value float64 }
		} `json:"DurationHistogram"`
	}
	if err := decode(out, "the result", &result); err != nil {
		return Reported{}, err
	}
	d := result.Duration
	reported := Reported{Max: &d.Max, Errors: new(d.Count - result.Codes["200"])}
	for _, p := range d.Percentiles {
		switch p.Percentile {
		case 50:
			reported.P50 = &p.Value
		case 99:
			reported.P99 = &p.Value
		case 99.9:
			reported.P999 = &p.Value
		}
	}
	return reported, nil
}

var (
	abAt      = regexp.MustCompile(`(?m)^ +(50|99|100)% +(\d+)`)
	abFailed  = regexp.MustCompile(`(?m)^Failed requests: +(\d+)`)
	abStatus  = regexp.MustCompile(`(?m)^Non-2xx responses: +(\d+)`)
	heyAt     = regexp.MustCompile(`(?m)^ +(50|99)%+ in ([\d.]+) secs`)
	heyMax    = regexp.MustCompile(`(?m)^ +Slowest:\s+([\d.]+) secs`)
	heyStatus = regexp.MustCompile(`(?m)^ +\[(\d{3})\]\s+(\d+) responses`)
	heyFailed = regexp.MustCompile(`(?m)^ +\[(\d+)\]\s+\S`)
)

func readAB(out string) (Reported, error) {
	failed := abFailed.FindStringSubmatch(out)
	if failed == nil {
		return Reported{}, errors.New("no line of failed requests: ab did not end well")
	}
	var reported Reported
	for _, m := range abAt.FindAllStringSubmatch(out, -1) {
		*map[string]**float64{"50": &reported.P50, "99": &reported.P99, "100": &reported.Max}[m[1]] = number(m[2], 1e-3)
	}
	reported.Errors = new(sum([][]string{failed}) + sum(abStatus.FindAllStringSubmatch(out, -1)))
	return reported, nil
}

func readHey(out string) (Reported, error) {
	slowest := heyMax.FindStringSubmatch(out)
	if slowest == nil {
		return Reported{}, errors.New("no line of the slowest request: hey did not end well")
	}
	reported := Reported{Max: number(slowest[1], 1)}
	for _, m := range heyAt.FindAllStringSubmatch(out, -1) {
		*map[string]**float64{"50": &reported.P50, "99": &reported.P99}[m[1]] = number(m[2], 1)
	}
	answers, failures, _ := strings.Cut(out, "Error distribution:")
	errs := sum(heyFailed.FindAllStringSubmatch(failures, -1))
	for _, m := range heyStatus.FindAllStringSubmatch(answers, -1) {
		if m[1] != "200" {
			errs += sum([][]string{m[1:]})
		}
	}
	reported.Errors = &errs
	return reported, nil
}

// sum adds up the first groups of matches.
func sum(matches [][]string) (total int64) {
	for _, m := range matches {
		n, _ := strconv.ParseInt(m[1], 10, 64) // the match has digits only
		total += n
	}
	return total
}
