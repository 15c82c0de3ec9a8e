package exchange

import "strings"

// slot is a part of a request that can hold a value. accepts rejects values
// that would change the structure of the request, or make it invalid.
type slot struct {
	name    string
	accepts func(value []byte) bool
	help    string
}

var (
	pathSlot   = slot{"a path", isURI, `use the form "url"`}
	headerSlot = slot{"a header", IsFieldValue, "remove control characters"}
	hostSlot   = slot{"the header Host", isHost, "use a name or an address, with an optional port"}
	bodySlot   = slot{"a body", func([]byte) bool { return true }, ""}
)

// isURI reports whether a value can be part of a path with query without
// further encoding.
func isURI(value []byte) bool {
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '%' && i+2 < len(value) && isHex(value[i+1]) && isHex(value[i+2]):
			i += 2
		case !isLetterOrDigit(c) && !strings.ContainsRune("-._~!$&'()*+,;=:@/?", rune(c)):
			return false
		}
	}
	return true
}

// IsFieldValue reports whether a value can be sent in a header: it has no control
// character but tabs (RFC 9110, 5.5).
func IsFieldValue(value []byte) bool {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func isHost(value []byte) bool {
	for _, c := range value {
		if !isLetterOrDigit(c) && !strings.ContainsRune("-._:[]", rune(c)) {
			return false
		}
	}
	return true
}

func isLetterOrDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
