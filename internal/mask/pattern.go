package mask

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// pattern finds one secret: its characters, or those of its base64 or hex.
type pattern struct {
	text string
	word bool // only as a whole word
	// equal maps bytes of a text that count as the same one; skip has those that may stand between two characters.
	equal    func(byte) byte
	skip     string
	alphabet string // of base64: neighbours from it hold bits of the secret
}

// patternsOf returns the patterns of a secret: itself; in hex; in base64 behind any number of bytes, also as it is
// written in JSON or in a form.
func patternsOf(secret string) []*pattern {
	same := func(b byte) byte { return b }
	if IsShort(secret) {
		return []*pattern{{text: secret, word: true, equal: same}}
	}
	all := []*pattern{
		{text: secret, equal: same},
		{text: hex.EncodeToString([]byte(secret)), equal: lower, skip: " :-,\n\r"},
	}
	quoted, _ := json.Marshal(secret) // a string can be encoded
	forms := []string{secret, string(quoted[1 : len(quoted)-1]), url.QueryEscape(secret)}
	slices.Sort(forms)
	for _, form := range slices.Compact(forms) {
		for before := range 3 {
			encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), form...))
			// The first and the last characters hold bits of the neighbours too.
			encoded = encoded[(before*8+5)/6 : (before+len(form))*8/6]
			all = append(all, &pattern{text: encoded, equal: standard, skip: "\n\r", alphabet: base64Alphabet})
		}
	}
	return all
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"

// standard returns the character of standard base64 for one of base64 for URLs.
func standard(b byte) byte {
	switch b {
	case '-':
		return '+'
	case '_':
		return '/'
	}
	return b
}

func lower(b byte) byte {
	if b >= 'A' && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

// state is a part of a pattern that was found: text[:matched] ends at the position.
type state struct{ matched, at int }

// find returns the range of the pattern's longest writing that begins at a position; end is 0 without one. With
// incomplete the text may end inside of it.
func (p *pattern) find(text *decoded, at int, incomplete bool) (start, end int) {
	cut := false // the text ends inside of it
	p.follow(text, at, func(s state) bool {
		if s.matched == len(p.text) {
			end = max(end, s.at)
		} else {
			cut = cut || incomplete && s.matched > cutLength && endsIn(text.text, s.at)
		}
		return true
	})
	switch {
	case end == 0 && cut:
		return at, len(text.text)
	case end == 0, p.word && !(startsWord(text.text, at) && endsWord(text.text, end)):
		return 0, 0
	case p.alphabet == "":
		return at, end
	}
	start = at
	if start > 0 && strings.IndexByte(p.alphabet, text.text[start-1]) >= 0 {
		start--
	}
	if end < len(text.text) && strings.IndexByte(p.alphabet, text.text[end]) >= 0 {
		end++
	}
	return start, end
}

// isUnended reports whether a writing of the pattern, or what belongs to it, may go on behind the end of the text.
func (p *pattern) isUnended(text *decoded, at int) bool {
	is := false
	p.follow(text, at, func(s state) bool {
		is = s.matched > 0 && endsIn(text.text, s.at)
		return !is
	})
	return is
}

// follow calls see with each part of the pattern that is written from a position on, until it returns false.
func (p *pattern) follow(text *decoded, at int, see func(state) (more bool)) {
	var seen map[state]bool // nil while there was only one way
	var most [8]state
	for todo := append(most[:0], state{0, at}); len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !see(s) {
			return
		}
		if s.matched == len(p.text) {
			continue
		}
		before := len(todo)
		for _, w := range text.at(s.at) {
			next := state{s.matched, w.end}
			switch {
			case p.begins(s.matched, w.means):
				next.matched += len(w.means)
			case s.matched > 0 && len(w.means) == 1 && strings.Contains(p.skip, w.means):
			default:
				continue
			}
			if !seen[next] {
				todo = append(todo, next)
			}
			if seen != nil {
				seen[next] = true
			}
		}
		if seen == nil && len(todo) > 1 { // ways part here, and may meet again
			seen = map[state]bool{}
			for _, next := range todo[before:] {
				seen[next] = true
			}
		}
	}
}

// begins reports whether the pattern goes on with characters behind those that were matched.
func (p *pattern) begins(matched int, with string) bool {
	if len(with) > len(p.text)-matched {
		return false
	}
	for i := range len(with) {
		if p.equal(with[i]) != p.text[matched+i] {
			return false
		}
	}
	return true
}

// endsIn reports whether a text ends at a position, or inside of an escape that begins there.
func endsIn(text string, at int) bool { return at == len(text) || isCutEscape(text[at:]) }

// isCutEscape reports whether a text may be the beginning of an escape. No escape has the end of a line in it, except
// for one between two lines of quoted-printable.
func isCutEscape(text string) bool {
	return len(text) < longestEscape && introduces(text[0]) &&
		(!strings.Contains(text, "\n") || text == "=\n" || text == "=\r\n")
}

// escapeBefore matches an escape at the end of a text: its last character is no part of a word.
var escapeBefore = regexp.MustCompile(`(?:%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[nrtbfv])$`)

func startsWord(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return at == 0 || !isWord(r) || escapeBefore.MatchString(text[max(0, at-6):at])
}

func endsWord(text string, at int) bool {
	r, _ := utf8.DecodeRuneInString(text[at:])
	return at == len(text) || !isWord(r)
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf
}
