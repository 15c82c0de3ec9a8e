// Package units holds the quantities of a plan (memory, CPUs, shares, rates,
// durations): how people write them and how they are printed.
//
// It knows nothing of plans, containers or load. Every parser returns an
// error that names what is wrong with the text, without the text itself; the
// caller knows where it stands.
package units

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Errors that callers tell apart, to advise differently.
var (
	ErrNoUnit      = errors.New("a unit is missing")
	ErrUnknownUnit = errors.New("the unit is not known")
	ErrNotANumber  = errors.New("this is not a number")
	ErrRange       = errors.New("this is out of range")
)

// Bytes is an amount of memory in bytes.
type Bytes int64

// Powers of 1024, as Docker reads K, M, G and T.
const (
	KiB Bytes = 1 << 10
	MiB Bytes = 1 << 20
	GiB Bytes = 1 << 30
	TiB Bytes = 1 << 40
)

// ParseBytes reads "500M", "1.5G", "64k", "512MiB" or "100b" as Docker does:
// every prefix is a power of 1024. A bare number is ErrNoUnit.
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

// String prints whole gibibytes as "4G" and everything else of at least one
// mebibyte in rounded mebibytes, "1300M"; below that "12K" or "100B".
func (b Bytes) String() string {
	switch {
	case b != 0 && b%GiB == 0:
		return fmt.Sprintf("%dG", b/GiB)
	case b >= MiB:
		return fmt.Sprintf("%.0fM", float64(b)/float64(MiB))
	case b >= KiB:
		return fmt.Sprintf("%.0fK", float64(b)/float64(KiB))
	}
	return fmt.Sprintf("%dB", int64(b))
}

// Exact prints the amount as ParseBytes, Docker and Compose read it back, in the
// largest unit that can: "1500M", "4G", "7b".
func (b Bytes) Exact() string {
	return b.in("b", scale{TiB, "T"}, scale{GiB, "G"}, scale{MiB, "M"}, scale{KiB, "K"})
}

// Kubernetes prints the exact amount as a Kubernetes quantity: "1500Mi", "64Ki",
// "7". Whole gibibytes are mebibytes too.
func (b Bytes) Kubernetes() string { return b.in("", scale{MiB, "Mi"}, scale{KiB, "Ki"}) }

// scale is a unit that an amount may be printed in.
type scale struct {
	size Bytes
	name string
}

// in prints the exact amount in the first unit of which it is a multiple, else
// in bytes.
func (b Bytes) in(bytes string, scales ...scale) string {
	for _, s := range scales {
		if b != 0 && b%s.size == 0 {
			return fmt.Sprint(int64(b/s.size), s.name)
		}
	}
	return fmt.Sprint(int64(b), bytes)
}

// Machine prints the memory of a machine for people, in gibibytes with one
// decimal: "24.0G".
func (b Bytes) Machine() string { return fmt.Sprintf("%.1fG", float64(b)/float64(GiB)) }

// Traffic prints an amount that is no limit, as of what was received, in at
// most three significant figures: "999B", "1.2M".
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

// ParseCPUs reads "0.5", "2" or "500m" (thousandths).
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

// CPUsOf turns a number of CPUs into thousandths.
func CPUsOf(number float64) (CPUs, error) { return cpus(number) }

func cpus(number float64) (CPUs, error) {
	if !(number >= 0 && number <= 1e6) {
		return 0, ErrRange
	}
	return CPUs(math.Round(number * 1000)), nil
}

// Float is the number of CPUs.
func (c CPUs) Float() float64 { return float64(c) / 1000 }

// Nano is the amount in billionths, as Docker takes it.
func (c CPUs) Nano() int64 { return int64(c) * 1_000_000 }

func (c CPUs) String() string { return strconv.FormatFloat(c.Float(), 'f', -1, 64) }

// ParseShare reads "1%" as 0.01.
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

// ParseRate reads "300/s", "30/m" or "10/h" as events per second.
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

// ParseDuration reads "150s", "2m30s" or "500ms". A bare number is ErrNoUnit,
// a negative duration ErrRange.
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

// split cuts a quantity into its number and the unit behind it.
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

// Duration prints a duration for people with two figures that matter:
// "320µs", "8.4ms", "3.1s", "41s", "2m30s", "1h55m".
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

// trimZero drops a tail such as "0m" from "2h0m", but not from "2h10m".
func trimZero(text, tail string) string {
	head, ok := strings.CutSuffix(text, tail)
	if ok && head != "" && !strings.ContainsRune("0123456789", rune(head[len(head)-1])) {
		return head
	}
	return text
}

// Seconds turns seconds into a duration.
func Seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Percent prints a share with at most three significant figures: "1.25 %",
// "97 %", "0.0123 %".
func Percent(share float64) string { return figures(share*100) + " %" }

// figures prints a number with at most three significant figures and eight
// decimals; all of those before the point are kept.
func figures(number float64) string {
	digits := 0
	for x := math.Abs(number); x > 0 && x < 100 && digits < 8; x *= 10 {
		digits++
	}
	power := math.Pow10(digits)
	return strconv.FormatFloat(math.Round(number*power)/power, 'f', -1, 64)
}
