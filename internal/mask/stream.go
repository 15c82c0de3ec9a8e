package mask

import (
	"io"
	"slices"
	"strings"
)

// Stream passes on a text that arrives in pieces, without secrets. It holds back what may be the beginning of one, at
// most Reach bytes, until the next piece or Close.
type Stream struct {
	mask  *Mask
	under io.Writer
	held  string
}

// Stream returns one that writes to a writer.
func (m *Mask) Stream(under io.Writer) *Stream { return &Stream{mask: m, under: under} }

func (s *Stream) Write(p []byte) (int, error) {
	text := s.held + string(p)
	begins := s.mask.unended(text)
	incomplete := len(text)-begins > s.mask.Reach()
	if incomplete {
		begins = len(text)
	}
	s.held = text[begins:]
	if err := s.write(text[:begins], incomplete); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close passes on what was held back. It does not close the writer.
func (s *Stream) Close() error {
	text := s.held
	s.held = ""
	return s.write(text, true)
}

func (s *Stream) write(text string, incomplete bool) error {
	if text == "" {
		return nil
	}
	_, err := io.WriteString(s.under, s.mask.replace(text, Stars, incomplete))
	return err
}

// unended returns where the first writing of a secret begins that may go on behind the end of a text, or an escape
// that may begin one; the length of the text without any. A complete secret is not cut there.
func (m *Mask) unended(text string) int {
	if m == nil || len(m.patterns) == 0 {
		return len(text)
	}
	reading := &decoded{text: text}
	start, end := 0, 0 // text[start:end] holds secrets
	for at := range len(text) {
		if isCutEscape(text[at:]) || m.isUnended(reading, at) {
			return startOf(text, at, start, end)
		}
		if from, to := m.find(reading, at, false); to > 0 {
			if from >= end {
				start = from
			}
			end = max(end, to)
		}
	}
	return startOf(text, len(text), start, end)
}

// startOf returns where to cut a text at or before a position, with text[start:end] in one part. A neighbour in base64
// may hold bits of what follows.
func startOf(text string, at, start, end int) int {
	if at > 0 && strings.IndexByte(base64Alphabet, text[at-1]) >= 0 {
		at--
	}
	if at > start && at < end {
		return start
	}
	return at
}

func (m *Mask) isUnended(text *decoded, at int) bool {
	var most [16]*pattern
	return slices.ContainsFunc(m.candidates(most[:0], text, at), func(p *pattern) bool { return p.isUnended(text, at) })
}
