// Package secret finds what is probably a secret: by the name that a value has,
// and by its form.
//
// docs/compose.md describes the rule. The package knows nothing of plans and of
// Compose files.
package secret

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// secretWords are what a part of a name says of a secret; secretEnds are the
// same at the end of a part, as in PGPASSWORD.
var (
	secretWords = []string{"PASSWORD", "PASSWD", "PASS", "PWD", "PASSPHRASE", "SECRET", "SECRETS", "TOKEN", "KEY",
		"APIKEY", "CREDENTIAL", "CREDENTIALS"}
	secretEnds = []string{"PASSWORD", "PASSWD", "PASS", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "ACCESSKEY",
		"SECRETKEY", "PRIVATEKEY"}

	// tameEnds are last parts of names that speak of a secret and hold none.
	tameEnds = []string{
		"FILE", "PATH", "DIR", "URL", "URI", "HEADER", "NAME", "LENGTH", "TTL", "EXPIRY", "EXPIRE", "MINUTES", "SECONDS",
		"HOURS", "DAYS", "ALGORITHM", "TYPE",
		"COUNT", "LIMIT", "SIZE", "ENABLED", "REQUIRED", "ROTATION", "PREFIX",
	}
	tameValues = []string{"", "true", "false", "yes", "no", "on", "off", "none", "null"}
)

// Name reports whether a value of this name is probably a secret.
func Name(name string) bool {
	parts := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r < 'A' || r > 'Z' })
	if len(parts) == 0 || slices.Contains(tameEnds, parts[len(parts)-1]) || name == "PWD" {
		return false // PWD is the folder that a shell is in
	}
	return slices.ContainsFunc(parts, func(part string) bool {
		return slices.Contains(secretWords, part) ||
			slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(part, end) })
	})
}

// Pair reports whether a name and its value are a secret.
func Pair(name, value string) bool {
	return Name(name) && !slices.Contains(tameValues, strings.ToLower(strings.TrimSpace(value)))
}

var (
	userInURL = regexp.MustCompile(`://[^/\s:@]*:[^/\s@$]+@|https?://[^/\s:@$]+@`)
	pairs     = regexp.MustCompile(`(?i)(?:password|passwd|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key)["']?\s*[=:]\s*["']?([^\s"'&;,$]+)`)
	bearer    = regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+[a-z0-9+/_.~=-]{8,}`)
	privately = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)
)

// MinLength is the minimum length in bytes of a secret of an environment that is
// searched for in other texts.
const MinLength = 4

// given are what commands are given as secrets: by an option, in a URL, or by
// place.
var given = []*regexp.Regexp{
	pairs,
	regexp.MustCompile(`(?i)--?[a-z-]*(?:password|passwd|secret|token|secret-key|api-key)[ \t]+["']?([^\s"';&|$-][^\s"';&|$]*)`),
	regexp.MustCompile(`://[^/\s:@]*:([^/\s@$]+)@`),
	regexp.MustCompile(`\bmc\s+(?:alias\s+set|config\s+host\s+add)\s+\S+\s+\S+\s+\S+\s+["']?([^\s"';&|$]+)`),
	regexp.MustCompile(`\bredis-cli\b[^;&|]*\s-a\s+["']?([^\s"';&|$]+)`),
	regexp.MustCompile(`\bmysql(?:admin|dump)?\b[^;&|]*\s-p["']?([^\s"';&|$]+)`),
	regexp.MustCompile(`\bcurl\b[^;&|]*\s(?:-u|--user)[ =]?["']?[^\s:"'$]+:([^\s"';&|$]+)`),
	regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([a-z0-9+/_.~=-]{8,})`),
}

// Spans returns the byte ranges of secrets in a text, in order: those that are given to
// commands, and the keys of known where they are words of their own.
func Spans(text string, known map[string]string) [][2]int {
	var all [][2]int
	for _, form := range given {
		for _, m := range form.FindAllStringSubmatchIndex(text, -1) {
			if !slices.Contains(tameValues, strings.ToLower(text[m[2]:m[3]])) {
				all = append(all, [2]int{m[2], m[3]})
			}
		}
	}
	for value := range known {
		for _, m := range regexp.MustCompile(`(?:^|[\s"'=:])(`+regexp.QuoteMeta(value)+`)(?:$|[\s"';&|@])`).FindAllStringSubmatchIndex(text, -1) {
			all = append(all, [2]int{m[2], m[3]})
		}
	}
	slices.SortFunc(all, func(a, b [2]int) int { return cmp.Or(a[0]-b[0], b[1]-a[1]) })
	var spans [][2]int
	for _, span := range all {
		if n := len(spans); n == 0 || span[0] >= spans[n-1][1] {
			spans = append(spans, span)
		}
	}
	return spans
}

// Text reports whether a text has a secret in it: a URL with a password or key,
// `password=…`, a token for a header, a private key.
func Text(text string) bool {
	if userInURL.MatchString(text) || bearer.MatchString(text) || privately.MatchString(text) {
		return true
	}
	return slices.ContainsFunc(pairs.FindAllStringSubmatch(text, -1), func(found []string) bool {
		return !slices.Contains(tameValues, strings.ToLower(found[1]))
	})
}
