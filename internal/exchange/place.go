package exchange

import "strings"

// place is where a value goes. What a place refuses would be another request
// than was asked for, or none.
type place struct {
	name  string
	takes func(value []byte) bool
	help  string
}

var (
	inPath   = place{"a path", isURI, `the form "url" makes it fit`}
	inHeader = place{"a header", isFieldValue, "control characters cannot be sent there"}
	inHost   = place{"the header Host", isHost, "it has to be a name, or an address, and perhaps a port"}
	inBody   = place{"a body", func([]byte) bool { return true }, ""}
)

// isURI tells whether a value can stand in a path with its query as it is.
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

func isFieldValue(value []byte) bool {
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
