package loadurl

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"plan/engine"
	"plan/internal/units"
)

// addFlag adds a flag whose value parse reads. usage has the default.
func addFlag[T any](f *pflag.FlagSet, to *T, name, usage string, parse func(string) (T, error)) {
	f.Func(name, usage, func(text string) (err error) {
		*to, err = parse(text)
		return err
	})
}

// addListFlag adds such a flag that may be repeated.
func addListFlag[T any](f *pflag.FlagSet, to *[]T, name, usage string, parse func(string) (T, error)) {
	f.Func(name, usage, func(text string) error {
		one, err := parse(text)
		*to = append(*to, one)
		return err
	})
}

// wholeValue parses a whole number.
func wholeValue[T int | uint64](text string) (T, error) {
	var n T
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil || fmt.Sprint(n) != text {
		return 0, errors.New("write a whole number such as 100")
	}
	return n, nil
}

func durationValue(text string) (time.Duration, error) {
	d, err := units.ParseDuration(text)
	switch {
	case errors.Is(err, units.ErrNoUnit):
		return 0, fmt.Errorf("%w: write %ss if you mean seconds", err, strings.TrimSpace(text))
	case errors.Is(err, units.ErrUnknownUnit):
		return 0, fmt.Errorf("%w: take ms, s, m or h, as in 150s or 2m30s", err)
	case err != nil:
		return 0, fmt.Errorf("%w: write a duration such as 30s", err)
	}
	return d, nil
}

// positiveDuration parses a duration above 0.
func positiveDuration(text string) (time.Duration, error) {
	d, err := durationValue(text)
	if err == nil && d == 0 {
		err = errors.New("this must be above 0: write a duration such as 30s")
	}
	return d, err
}

func rateValue(text string) (float64, error) {
	rate, err := units.ParseRate(text)
	switch {
	case errors.Is(err, units.ErrNoUnit):
		return 0, fmt.Errorf("%w: write %s/s if you mean per second", err, strings.TrimSpace(text))
	case errors.Is(err, units.ErrUnknownUnit):
		return 0, fmt.Errorf("%w: take /s, /m or /h, as in 50/s", err)
	case err != nil:
		return 0, fmt.Errorf("%w: write a rate above 0 such as 50/s", err)
	}
	return rate, nil
}

// exponential is the prefix of an exponential think time.
const exponential = "exponential:"

// thinkValue parses "2s", "1s-3s" or "exponential:2s".
func thinkValue(text string) (engine.ThinkTime, error) {
	if mean, ok := strings.CutPrefix(text, exponential); ok {
		d, err := durationValue(mean)
		return engine.ThinkTime{Kind: "exponential", Min: d, Max: d}, err
	}
	from, to, between := strings.Cut(text, "-")
	least, err := durationValue(from)
	if err != nil && strings.ContainsAny(text, "(:") { // the text has none of the forms
		err = fmt.Errorf("write a pause (2s), the least and the most (1s-3s), or a mean (%s2s)", exponential)
	}
	if err != nil || !between {
		return engine.ThinkTime{Kind: "fixed", Min: least, Max: least}, err
	}
	most, err := durationValue(to)
	if err == nil && most < least {
		err = fmt.Errorf("the first must be the shorter one: write %s-%s", to, from)
	}
	return engine.ThinkTime{Kind: "between", Min: least, Max: most}, err
}

// stageValue parses "users=100,over=30s" or "rate=50/s,over=1m".
func stageValue(text string) (s engine.Stage, err error) {
	given := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "users":
			if s.Users, err = strconv.Atoi(value); err != nil || s.Users < 0 {
				err = errors.New("this is not a number of users")
			}
		case "rate":
			s.Rate, err = rateValue(value)
		case "over":
			s.Over, err = durationValue(value)
		default:
			err = fmt.Errorf("%q is not known", key)
		}
		if err != nil {
			return s, fmt.Errorf("%s: %w", key, err)
		}
		given[key] = true
	}
	if given["users"] == given["rate"] || !given["over"] {
		return s, errors.New("write users=100,over=30s or rate=50/s,over=30s")
	}
	return s, nil
}

// header is a header field of a request.
type header struct{ name, value string }

// headerValue parses "Name: value".
func headerValue(text string) (header, error) {
	name, value, ok := strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	mayNameHave := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	}
	switch {
	case !ok || name == "":
		return header{}, errors.New(`write it as "Name: value"`)
	case strings.ContainsFunc(name, func(r rune) bool { return !mayNameHave(r) }):
		return header{}, fmt.Errorf("%q is not the name of a header", name)
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return header{}, errors.New("a header's value is one line without control characters")
	}
	return header{name, value}, nil
}
