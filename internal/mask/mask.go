// Package mask replaces secrets in texts, however they are written: in JSON, URLs, HTML, base64, hex, quoted for a
// shell, or one of these in another. Every text that a run prints, stores or cuts goes through a Mask before.
//
// It knows nothing of plans, journals or HTTP.
package mask

import (
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// Stars replace a secret.
const Stars = "***"

// shortest is how many characters a secret has that is also replaced inside of words. A shorter one would be found in
// words and numbers that are not secret.
const shortest = 6

// shortestLine is how many characters a line of a secret with several lines has that is replaced by itself.
const shortestLine = 4

// cutLength is how many characters of a secret at the end of a text that was cut are replaced.
const cutLength = 3

// longestReach bounds Reach, in bytes.
const longestReach = 64 << 10

// Mask replaces secrets. A nil Mask replaces nothing. It is safe for concurrent use.
type Mask struct {
	patterns []*pattern
	byStart  [256][]*pattern // the patterns that begin with a byte
	reach    int
}

// New returns a mask of secrets. Empty ones are left out. Each line of a secret with several lines is a secret too.
func New(secrets []string) *Mask {
	var all []string // with the lines of each
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		all = append(all, secret)
		for line := range strings.SplitSeq(secret, "\n") {
			if line = strings.TrimSpace(line); utf8.RuneCountInString(line) >= shortestLine {
				all = append(all, line)
			}
		}
	}
	slices.Sort(all)
	m := &Mask{}
	for _, secret := range slices.Compact(all) {
		m.patterns = append(m.patterns, patternsOf(secret)...)
	}
	for _, p := range m.patterns {
		for b := range 256 {
			if p.equal(byte(b)) == p.text[0] {
				m.byStart[b] = append(m.byStart[b], p)
			}
		}
		// About how many bytes a writing of the pattern has: each character as \uXXXX, and half as
		// much again for a second writing around it.
		longest := 9 * len(p.text)
		m.reach = min(max(m.reach, longest), longestReach)
	}
	return m
}

// IsShort reports whether a secret is replaced only as a whole word.
func IsShort(secret string) bool { return utf8.RuneCountInString(secret) < shortest }

// Reach returns how many bytes a secret can have as written: a reader that keeps the first n bytes of a text has to
// read Reach bytes more, so that Cut can find a secret that begins before n.
func (m *Mask) Reach() int {
	if m == nil {
		return 0
	}
	return m.reach
}

// Text returns the text with Stars in the place of each secret.
func (m *Mask) Text(text string) string { return m.replace(text, Stars, false) }

// TextWith returns the text with other words in the place of each secret.
func (m *Mask) TextWith(text, words string) string { return m.replace(text, words, false) }

// Cut returns the first bytes of a text without secrets, at most limit, and not a part of a character. incomplete
// means that the text itself is the beginning of a longer one: what may be the beginning of a secret at its end is
// replaced, too.
func (m *Mask) Cut(text string, limit int, incomplete bool) string {
	return cut(m.replace(text, Stars, incomplete), limit)
}

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// CutFront returns the last bytes of a text without secrets, at most limit, and not a part of a character. The text
// needs its last limit + Reach bytes only.
func (m *Mask) CutFront(text string, limit int) string {
	text = m.replace(text, Stars, false)
	start := max(0, len(text)-limit)
	for start < len(text) && !utf8.RuneStart(text[start]) {
		start++
	}
	return text[start:]
}

func (m *Mask) replace(text, words string, incomplete bool) string {
	if m == nil || len(m.patterns) == 0 {
		return text
	}
	var b strings.Builder
	reading := &decoded{text: text}
	written, start, end := 0, -1, 0 // text[start:end] holds secrets
	flush := func() {
		if start < 0 {
			return
		}
		b.WriteString(text[written:start])
		b.WriteString(words)
		written, start = end, -1
	}
	for at := range len(text) {
		if start >= 0 && at >= end {
			flush()
		}
		from, to := m.find(reading, at, incomplete)
		if to == 0 {
			continue
		}
		if start < 0 {
			start = max(from, written)
		}
		end = max(end, to)
	}
	flush()
	if written == 0 {
		return text
	}
	return b.String() + text[written:]
}

// find returns the widest secret that is written from a position on; to is 0 without one. from may be before it: a
// neighbour in base64 holds bits of the secret.
func (m *Mask) find(text *decoded, at int, incomplete bool) (from, to int) {
	from = at
	var most [16]*pattern
	for _, p := range m.candidates(most[:0], text, at) {
		if start, end := p.find(text, at, incomplete); end > 0 {
			from, to = min(from, start), max(to, end)
		}
	}
	return from, to
}

// candidates appends the patterns whose first character may be written at a position.
func (m *Mask) candidates(all []*pattern, text *decoded, at int) []*pattern {
	if b := text.text[at]; len(m.byStart[b]) == 0 && !introduces(b) {
		return all
	}
	for _, w := range text.at(at) {
		for _, p := range m.byStart[w.means[0]] {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

// Writer passes texts on without secrets. Each Write is a text of its own. It masks nothing before Hide.
type Writer struct {
	Under io.Writer
	mask  atomic.Pointer[Mask]
}

// Hide sets the secrets.
func (w *Writer) Hide(secrets []string) { w.mask.Store(New(secrets)) }

func (w *Writer) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.Under, w.mask.Load().Text(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
