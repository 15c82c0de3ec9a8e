package compose

import (
	"regexp"
	"slices"
	"strings"
)

// secretWords are what a part of a name says of a secret; secretEnds are the
// same at the end of a part, as in PGPASSWORD.
var (
	secretWords = []string{"PASSWORD", "PASSWD", "PASS", "PWD", "PASSPHRASE", "SECRET", "SECRETS", "TOKEN", "KEY", "APIKEY", "CREDENTIAL", "CREDENTIALS"}
	secretEnds  = []string{"PASSWORD", "PASSWD", "PASS", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "ACCESSKEY", "SECRETKEY", "PRIVATEKEY"}

	// tameEnds are last parts of names that speak of a secret and hold none.
	tameEnds = []string{
		"FILE", "PATH", "DIR", "URL", "URI", "HEADER", "NAME", "LENGTH", "TTL", "EXPIRY", "EXPIRE", "MINUTES", "SECONDS", "HOURS", "DAYS", "ALGORITHM", "TYPE",
		"COUNT", "LIMIT", "SIZE", "ENABLED", "REQUIRED", "ROTATION", "PREFIX",
	}
	tameValues = []string{"", "true", "false", "yes", "no", "on", "off", "none", "null"}
)

// secretName says whether a value of this name is probably a secret.
func secretName(name string) bool {
	parts := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return r < 'A' || r > 'Z' })
	if len(parts) == 0 || slices.Contains(tameEnds, parts[len(parts)-1]) || name == "PWD" {
		return false // PWD is the folder that a shell is in
	}
	return slices.ContainsFunc(parts, func(part string) bool {
		return slices.Contains(secretWords, part) || slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(part, end) })
	})
}

// secretPair says whether a name and its value are a secret.
func secretPair(name, value string) bool {
	return secretName(name) && !slices.Contains(tameValues, strings.ToLower(strings.TrimSpace(value)))
}

var (
	userInURL = regexp.MustCompile(`://[^/\s:@]*:[^/\s@$]+@|https?://[^/\s:@$]+@`)
	pairs     = regexp.MustCompile(`(?i)(?:password|passwd|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|secret[-_]?key)["']?\s*[=:]\s*["']?([^\s"'&;,$]+)`)
	bearer    = regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+[a-z0-9+/_.~=-]{8,}`)
	privately = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`)
)

// secretText says whether a text has a secret in it: a URL with a password or key,
// `password=…`, a token for a header, a private key.
func secretText(text string) bool {
	if userInURL.MatchString(text) || bearer.MatchString(text) || privately.MatchString(text) {
		return true
	}
	return slices.ContainsFunc(pairs.FindAllStringSubmatch(text, -1), func(found []string) bool {
		return !slices.Contains(tameValues, strings.ToLower(found[1]))
	})
}
