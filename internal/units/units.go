// Package units parses and prints the quantities of a plan: memory, CPUs,
// shares, rates, durations.
//
// It knows nothing of plans, containers or load. The errors of parsers describe
// what is wrong, without the text and its place, which the caller knows.
package units

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Errors that callers distinguish, for different remedies.
var (
	ErrNoUnit      = errors.New("a unit is missing")
	ErrUnknownUnit = errors.New("the unit is not known")
	ErrNotANumber  = errors.New("this is not a number")
	ErrRange       = errors.New("this is out of range")
)

// Bytes is an amount of memory in bytes.
type Bytes int64

// Powers of 1024, Docker's K, M, G and T.
const (
	KiB Bytes = 1 << 10
	MiB Bytes = 1 << 20
	GiB Bytes = 1 << 30
	TiB Bytes = 1 << 40
)

// ParseBytes parses "500M", "1.5G", "64k", "512MiB" or "100b" as Docker does:
// all prefixes are powers of 1024. A number without a unit is ErrNoUnit.
func ParseBytes(text string) (Bytes, error) {
	number, unit, err := split(text)
	if err != nil {
		return 0, err
	}
	factor, ok := byteUnits[strings.ToLower(unit)]
	switch {
	case unit == "":
		return 0, ErrNoUnit
	case !ok:
		return 0, ErrUnknownUnit
	case number*float64(factor) >= math.MaxInt64 || number < 0:
		return 0, ErrRange
	}
	return Bytes(math.Round(number * float64(factor))), nil
}

var byteUnits = map[string]Bytes{
	"b": 1,
	"k": KiB, "kb": KiB, "ki": KiB, "kib": KiB,
	"m": MiB, "mb": MiB, "mi": MiB, "mib": MiB,
	"g": GiB, "gb": GiB, "gi": GiB, "gib": GiB,
	"t": TiB, "tb": TiB, "ti": TiB, "tib": TiB,
}

// String returns whole gibibytes as "4G", other amounts from one mebibyte in
// rounded mebibytes as "1300M", and smaller ones as "12K" or "100B".
func (b Bytes) String() string {
	switch {
	case b < 0 && b > math.MinInt64: // a difference
		return "-" + (-b).String()
	case b != 0 && b%GiB == 0:
		return fmt.Sprintf("%dG", b/GiB)
	case b >= MiB:
		return fmt.Sprintf("%.0fM", float64(b)/float64(MiB))
	case b >= KiB:
		return fmt.Sprintf("%.0fK", float64(b)/float64(KiB))
	}
	return fmt.Sprintf("%dB", int64(b))
}

// Exact returns the exact amount in the largest possible unit, as ParseBytes,
// Docker and Compose accept it: "1500M", "4G", "7b".
func (b Bytes) Exact() string {
	return b.in("b", scale{TiB, "T"}, scale{GiB, "G"}, scale{MiB, "M"}, scale{KiB, "K"})
}

// Kubernetes returns the exact amount as a Kubernetes quantity: "1500Mi",
// "64Ki", "7". It uses no unit above Mi.
func (b Bytes) Kubernetes() string { return b.in("", scale{MiB, "Mi"}, scale{KiB, "Ki"}) }

// scale is a unit with its name.
type scale struct {
	size Bytes
	name string
}

// in returns the exact amount in the first unit that divides it, else in bytes.
func (b Bytes) in(bytes string, scales ...scale) string {
	for _, s := range scales {
		if b != 0 && b%s.size == 0 {
			return fmt.Sprint(int64(b/s.size), s.name)
		}
	}
	return fmt.Sprint(int64(b), bytes)
}

// Machine returns the memory of a machine in gibibytes with one decimal:
// "24.0G".
func (b Bytes) Machine() string { return fmt.Sprintf("%.1fG", float64(b)/float64(GiB)) }

// Traffic returns an amount of data, such as that received, with at most three
// significant figures: "999B", "1.2M".
func (b Bytes) Traffic() string {
	amount := float64(b)
	for _, unit := range []string{"B", "K", "M", "G"} {
		if amount < 1000 {
			return figures(amount) + unit
		}
		amount /= 1024
	}
	return figures(amount) + "T"
}

// CPUs is an amount of CPU in thousandths of one CPU.
type CPUs int64

// ParseCPUs parses "0.5", "2" or "500m" (thousandths).
func ParseCPUs(text string) (CPUs, error) {
	number, unit, err := split(text)
	switch {
	case err != nil:
		return 0, err
	case unit == "m":
		return cpus(number / 1000)
	case unit != "":
		return 0, ErrUnknownUnit
	}
	return cpus(number)
}

// CPUsOf converts a number of CPUs to thousandths. It returns ErrRange outside
// of 0 to 1,000,000.
func CPUsOf(number float64) (CPUs, error) { return cpus(number) }

func cpus(number float64) (CPUs, error) {
	if !(number >= 0 && number <= 1e6) {
		return 0, ErrRange
	}
	return CPUs(math.Round(number * 1000)), nil
}

// Float returns the number of CPUs.
func (c CPUs) Float() float64 { return float64(c) / 1000 }

// Nano returns the amount in billionths, Docker's NanoCPUs.
func (c CPUs) Nano() int64 { return int64(c) * 1_000_000 }

func (c CPUs) String() string { return strconv.FormatFloat(c.Float(), 'f', -1, 64) }

// ParseShare parses "1%" as 0.01, from 0% to 100%.
func ParseShare(text string) (float64, error) {
	number, unit, err := split(text)
	switch {
	case err != nil:
		return 0, err
	case unit == "":
		return 0, ErrNoUnit
	case unit != "%":
		return 0, ErrUnknownUnit
	case number < 0 || number > 100:
		return 0, ErrRange
	}
	return number / 100, nil
}

// ParseRate parses "300/s", "30/m" or "10/h" as events per second.
func ParseRate(text string) (float64, error) {
	number, unit, err := split(text)
	if err != nil {
		return 0, err
	}
	per, ok := map[string]float64{"/s": 1, "/m": 60, "/h": 3600}[unit]
	switch {
	case unit == "":
		return 0, ErrNoUnit
	case !ok:
		return 0, ErrUnknownUnit
	case number <= 0:
		return 0, ErrRange
	}
	return number / per, nil
}

// ParseDuration parses "150s", "2m30s" or "500ms". A number without a unit is
// ErrNoUnit, a negative duration ErrRange.
func ParseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if _, unit, err := split(text); err == nil && unit == "" {
		return 0, ErrNoUnit
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil && strings.Contains(err.Error(), "unknown unit"):
		return 0, ErrUnknownUnit
	case err != nil:
		return 0, ErrNotANumber
	case d < 0:
		return 0, ErrRange
	}
	return d, nil
}

// ParseAge parses "30d" or "2w", or a duration such as "12h". Errors are those of
// ParseDuration.
func ParseAge(text string) (time.Duration, error) {
	number, unit, err := split(text)
	day := map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[unit]
	switch {
	case err != nil || day == 0:
		return ParseDuration(text)
	case number < 0:
		return 0, ErrRange
	}
	return time.Duration(number * float64(day)), nil
}

// split separates a quantity into its number and unit.
func split(text string) (number float64, unit string, err error) {
	text = strings.TrimSpace(text)
	end := 0
	for end < len(text) && strings.ContainsRune("0123456789.+-", rune(text[end])) {
		end++
	}
	number, err = strconv.ParseFloat(text[:end], 64)
	if err != nil {
		return 0, "", ErrNotANumber
	}
	return number, strings.TrimSpace(text[end:]), nil
}

// Duration returns a duration for people with two significant figures: "320µs",
// "8.4ms", "3.1s", "41s", "2m30s", "1h55m".
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Duration(-max(d, math.MinInt64+1)) // whose opposite is no int64
	case d >= time.Hour:
		d = d.Round(time.Minute)
		return trimZero(fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute), "0m")
	case d >= time.Minute-time.Second/2:
		d = d.Round(time.Second)
		return trimZero(fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second), "0s")
	case d >= 10*time.Second:
		return fmt.Sprintf("%.0fs", d.Seconds())
	case d >= time.Second:
		return strings.Replace(fmt.Sprintf("%.1fs", d.Seconds()), ".0s", "s", 1)
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0fms", d.Seconds()*1e3)
	case d >= time.Millisecond:
		return strings.Replace(fmt.Sprintf("%.1fms", d.Seconds()*1e3), ".0ms", "ms", 1)
	case d == 0:
		return "0s"
	}
	return fmt.Sprintf("%.0fµs", d.Seconds()*1e6)
}

// trimZero removes a tail such as "0m" from "2h0m", but not from "2h10m".
func trimZero(text, tail string) string {
	head, ok := strings.CutSuffix(text, tail)
	if ok && head != "" && !strings.ContainsRune("0123456789", rune(head[len(head)-1])) {
		return head
	}
	return text
}

// Seconds converts seconds to a duration.
func Seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Percent returns a share with at most three significant figures: "1.25 %", "97
// %", "0.0123 %".
func Percent(share float64) string { return figures(share*100) + " %" }

// figures returns a number with at most three significant figures and eight
// decimals. Digits before the point are all kept.
func figures(number float64) string {
	digits := 0
	for x := math.Abs(number); x > 0 && x < 100 && digits < 8; x *= 10 {
		digits++
	}
	power := math.Pow10(digits)
	return strconv.FormatFloat(math.Round(number*power)/power, 'f', -1, 64)
}
