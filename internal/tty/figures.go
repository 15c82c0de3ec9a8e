package tty

import (
	"fmt"
	"math"
	"strconv"

	"plan/internal/units"
)

// Unknown stands for what was not or cannot be measured.
const Unknown = "–"

func Bytes(b *int64) string {
	if b == nil {
		return Unknown
	}
	return units.Bytes(*b).String()
}

// Number is a number of things, which some load generators cannot know.
func Number[T int | int64](n *T) string {
	if n == nil {
		return Unknown
	}
	return fmt.Sprint(*n)
}

func Seconds(s *float64) string {
	if s == nil {
		return Unknown
	}
	return units.Duration(units.Seconds(*s))
}

// rounded keeps two decimals below ten and one above it.
func rounded(x float64) float64 {
	scale := 10.0
	if math.Abs(x) < 10 {
		scale = 100
	}
	return math.Round(x*scale) / scale
}

// Percent prints a share in full per cent.
func Percent(share *float64) string {
	if share == nil {
		return Unknown
	}
	return fmt.Sprintf("%.0f %%", *share*100)
}

// OrZero is zero where nobody can know it.
func OrZero[T any](v *T) T {
	if v == nil {
		return *new(T)
	}
	return *v
}

// Grouped prints a number in groups of three figures: "12,345".
func Grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Figure prints a number with as many decimals as matter: "0.12", "98.4",
// "12,345".
func Figure(x float64) string {
	if x >= 100 {
		return Grouped(int64(x + 0.5))
	}
	return strconv.FormatFloat(rounded(x), 'f', -1, 64)
}

// Share prints a part in per cent, and what is too little for that as less
// than the least; nothing where there is nothing.
func Share(part, whole int64) string {
	if part == 0 {
		return ""
	}
	if share := float64(part) / float64(whole); share >= 0.0005 {
		return fmt.Sprintf("%.1f %%", share*100)
	}
	return "<0.1 %"
}
