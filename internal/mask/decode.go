package mask

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// depth is how often one writing can be inside of another, such as JSON in JSON in a URL.
const depth = 3

// introducers begin a writing that means something else than its bytes.
const introducers = "\\%&=+'\"$\r"

// longestEscape is how many bytes an escape has at most, inside of another one.
const longestEscape = 20

// writing is what a text may mean from a position on, and where the writing of it ends.
type writing struct {
	means string // one byte or character
	end   int
}

// decoded is a text with the writings at the positions that were asked for last. They are asked for from the beginning
// to the end, at most some escapes ahead.
type decoded struct {
	text  string
	known [depth][]entry // by how many writings can be inside of each other, and by position; nil before the first
	plain [1]writing     // the byte that at returned last
	steps int            // positions that were decoded
}

// entry is the writings at a position; past is the position after it, 0 of none.
type entry struct {
	past int
	all  []writing
}

// longestKnown is of how many positions the writings are kept at most.
const longestKnown = 1024

// introduces reports whether a byte begins a writing that means something else.
func introduces(b byte) bool { return strings.IndexByte(introducers, b) >= 0 }

// at returns the writings that begin at a position; none at the end of the text.
func (d *decoded) at(position int) []writing { return d.writings(position, depth) }

// writings returns the writings at a position, with at most so many inside of each other: first the byte itself, last
// the innermost meaning.
func (d *decoded) writings(at, depth int) []writing {
	if at >= len(d.text) {
		return nil
	}
	if depth == 0 || !introduces(d.text[at]) {
		d.plain[0] = d.byteAt(at)
		return d.plain[:]
	}
	if d.known[depth-1] == nil {
		d.known[depth-1] = make([]entry, min(longestKnown, len(d.text)))
	}
	known := d.known[depth-1]
	kept := &known[at%len(known)]
	if kept.past == at+1 {
		return kept.all
	}
	d.steps++
	leads := d.writings(at, depth-1)
	all := leads[:len(leads):len(leads)]
	if depth == 1 { // those are in plain
		all = slices.Clone(leads)
	}
	for _, lead := range all {
		for _, w := range d.escapes(lead, depth-1) {
			if !slices.Contains(all, w) {
				all = append(all, w)
			}
		}
	}
	*kept = entry{at + 1, all}
	return all
}

// byteAt returns the byte itself at a position.
func (d *decoded) byteAt(at int) writing { return writing{d.text[at : at+1], at + 1} }

// escapes returns what an escape means that begins with a character.
func (d *decoded) escapes(lead writing, depth int) (all []writing) {
	add := func(means string, end int) { all = append(all, writing{means, end}) }
	byteOf := func(value int64, end int) {
		add(string([]byte{byte(value)}), end)
		if value >= utf8.RuneSelf { // Latin-1
			add(string(rune(value)), end)
		}
	}
	switch lead.means {
	case "+":
		add(" ", lead.end)
	case "\r", `"`, "$":
		next, ok := d.next(lead.end, depth)
		if ok && (next.means == lead.means && lead.means != "\r" || lead.means == "\r" && next.means == "\n") {
			add(next.means, next.end)
		}
	case "%", "=":
		if value, end, ok := d.number(lead.end, 2, 16, depth); ok {
			byteOf(value, end)
		}
		next, ok := d.next(lead.end, depth)
		switch {
		case ok && lead.means == "%" && next.means == "%":
			add("%", next.end)
		case ok && lead.means == "=" && next.means == "\n": // a line of quoted-printable goes on
			if after, ok := d.next(next.end, depth); ok {
				add(after.means, after.end)
			}
		}
	case "'":
		for _, quoted := range []string{`'`, `\''`, `"'"'`} { // SQL, a shell, Python's shlex
			if end, ok := d.literal(lead.end, quoted, depth); ok {
				add("'", end)
			}
		}
	case "&":
		all = append(all, d.entity(lead.end, depth)...)
	case `\`:
		all = append(all, d.backslash(lead.end, depth)...)
	}
	return all
}

// controls are the letters behind a backslash that mean a control character.
var controls = map[string]string{
	"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b",
}

// backslash returns what the escape of JSON, of a programming language or of a shell means that goes on at a position.
func (d *decoded) backslash(at, depth int) (all []writing) {
	next, ok := d.next(at, depth)
	if !ok {
		return nil
	}
	digits := map[string]int{"u": 4, "U": 8, "x": 2}[next.means]
	value, end, isHex := d.number(next.end, digits, 16, depth)
	octal, octalEnd, isOctal := d.number(at, 3, 8, depth)
	switch {
	case controls[next.means] != "":
		means := controls[next.means]
		if after, ok := d.literal(next.end, `\n`, depth); ok && means == "\r" {
			all = append(all, writing{"\n", after})
		}
		return append(all, writing{means, next.end})
	case isHex && digits == 2:
		all = append(all, writing{string([]byte{byte(value)}), end})
		if value >= utf8.RuneSelf {
			all = append(all, writing{string(rune(value)), end})
		}
		return all
	case isHex && utf16.IsSurrogate(rune(value)):
		second, ok := d.literal(end, `\u`, depth) // the character is written as two
		if !ok {
			return nil
		}
		if low, lowEnd, ok := d.number(second, 4, 16, depth); ok {
			return []writing{{string(utf16.DecodeRune(rune(value), rune(low))), lowEnd}}
		}
		return nil
	case isHex:
		return []writing{{string(rune(value)), end}}
	case next.means == "u":
		if digits, ok := d.literal(next.end, "{", depth); ok { // \u{…}
			return d.terminated(digits, "}", 16, depth)
		}
		return nil
	case isOctal && octal < 256:
		return []writing{{string([]byte{byte(octal)}), octalEnd}}
	case next.means == "0":
		return []writing{{"\x00", next.end}}
	case len(next.means) == 1 && !isWord(rune(next.means[0])):
		return []writing{next}
	}
	return nil
}

// names of characters in HTML are at most so long here; longer ones mean characters that no secret has.
const longestName = 8

// entity returns what the entity of HTML means that goes on at a position.
func (d *decoded) entity(at, depth int) []writing {
	if from, ok := d.literal(at, "#", depth); ok {
		if digits, ok := d.literal(from, "x", depth); ok {
			return d.terminated(digits, ";", 16, depth)
		}
		return d.terminated(from, ";", 10, depth)
	}
	var most [4 * longestName]byte
	letters := append(most[:0], '&')
	for range longestName {
		next, ok := d.next(at, depth)
		if !ok {
			return nil
		}
		letters, at = append(letters, next.means...), next.end
		if next.means != ";" {
			continue
		}
		name := string(letters)
		if means := html.UnescapeString(name); means != name {
			return []writing{{strings.ReplaceAll(means, "\u00a0", " "), at}}
		}
		return nil
	}
	return nil
}

// terminated returns the character whose number ends with a mark.
func (d *decoded) terminated(at int, mark string, base, depth int) []writing {
	var most [4 * longestName]byte
	digits := most[:0]
	for range longestName {
		next, ok := d.next(at, depth)
		if !ok {
			return nil
		}
		at = next.end
		if next.means == mark {
			value, err := strconv.ParseInt(string(digits), base, 32)
			if err != nil {
				return nil
			}
			return []writing{{string(rune(value)), at}}
		}
		digits = append(digits, next.means...)
	}
	return nil
}

// number returns the number with so many digits at a position.
func (d *decoded) number(at, digits, base, depth int) (value int64, end int, ok bool) {
	for range digits {
		next, ok := d.next(at, depth)
		digit := -1
		if ok && len(next.means) == 1 {
			digit = strings.IndexByte("0123456789abcdef", lower(next.means[0]))
		}
		if digit < 0 || digit >= base {
			return 0, 0, false
		}
		value, at = value*int64(base)+int64(digit), next.end
	}
	return value, at, digits > 0
}

// literal returns the end of a text that is written at a position.
func (d *decoded) literal(at int, text string, depth int) (end int, ok bool) {
	for i := range len(text) {
		next, ok := d.next(at, depth)
		if !ok || lower(next.means[0]) != text[i] || len(next.means) != 1 {
			return 0, false
		}
		at = next.end
	}
	return at, true
}

// next returns the character at a position of what a writing encloses: the innermost meaning.
func (d *decoded) next(at, depth int) (writing, bool) {
	if at >= len(d.text) {
		return writing{}, false
	}
	if depth == 0 || !introduces(d.text[at]) { // without a slice: it is asked most often
		return d.byteAt(at), true
	}
	all := d.writings(at, depth)
	return all[len(all)-1], true
}
