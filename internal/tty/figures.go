package tty

import (
	"fmt"
	"math"
	"strconv"

	"plan/internal/units"
)

// Unknown stands for a figure that was not or cannot be measured.
const Unknown = "–"

// Bytes returns an amount of memory: "1300M".
func Bytes(b *int64) string {
	if b == nil {
		return Unknown
	}
	return units.Bytes(*b).String()
}

// Number returns a count.
func Number[T int | int64](n *T) string {
	if n == nil {
		return Unknown
	}
	return fmt.Sprint(*n)
}

// Seconds returns a duration: "2.8s".
func Seconds(s *float64) string {
	if s == nil {
		return Unknown
	}
	return units.Duration(units.Seconds(*s))
}

// Percent returns a share in whole per cent: "31 %".
func Percent(share *float64) string {
	if share == nil {
		return Unknown
	}
	return fmt.Sprintf("%.0f %%", *share*100)
}

// OrZero returns the value; zero where it is unknown.
func OrZero[T any](v *T) T {
	if v == nil {
		return *new(T)
	}
	return *v
}

// Greater returns the greater one of two numbers, of which either may be unknown.
func Greater(a, b *int64) *int64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// Grouped returns a number in groups of three digits: "12,345".
func Grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Figure returns a number with three significant digits or more: "0.12", "98.4",
// "12,345".
func Figure(x float64) string {
	if x >= 100 {
		return Grouped(int64(x + 0.5))
	}
	scale := 10.0 // one decimal, two below ten
	if math.Abs(x) < 10 {
		scale = 100
	}
	return strconv.FormatFloat(math.Round(x*scale)/scale, 'f', -1, 64)
}

// Share returns a part of a whole: "1.2 %", "<0.1 %", or "" for 0.
func Share(part, whole int64) string {
	if part == 0 {
		return ""
	}
	if share := float64(part) / float64(whole); share >= 0.0005 {
		return fmt.Sprintf("%.1f %%", share*100)
	}
	return "<0.1 %"
}
