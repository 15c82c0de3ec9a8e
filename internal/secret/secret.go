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
	secretWords = []string{"PASSWORD", "PASSWORDS", "PASSWD", "PASS", "PWD", "PASSPHRASE", "SECRET", "SECRETS", "TOKEN",
		"KEY", "KEYS", "APIKEY", "APIKEYS", "CREDENTIAL", "CREDENTIALS", "SALT"}
	secretEnds = []string{"PASSWORD", "PASSWD", "PASS", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "ACCESSKEY",
		"SECRETKEY", "PRIVATEKEY"}

	// lastWords say the same at the end of a name: NEO4J_AUTH is a user and a password,
	// AUTH_BACKEND is no secret. Tokens are counted more often than kept (MAX_TOKENS), so
	// they need a word of tokenWords before them, or none.
	lastWords  = []string{"AUTH"}
	tokenWords = []string{"API", "AUTH", "ACCESS", "BEARER", "VALID", "ALLOWED", "ADMIN"}

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
	last := len(parts) - 1
	if slices.Contains(lastWords, parts[last]) ||
		parts[last] == "TOKENS" && (last == 0 || slices.Contains(tokenWords, parts[last-1])) {
		return true
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
	required  = regexp.MustCompile(`--requirepass[ =]+["']?([^\s"';&|$]+)`) // of redis-server
	// issued are tokens that their issuers give a form of their own.
	issued = regexp.MustCompile(`\b(?:hf_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9]{20,}|sk-(?:ant|or|proj|svcacct)-[A-Za-z0-9_-]{16,}|gh[oprsu]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|` +
		`glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16})\b|hooks\.slack\.com/services/[A-Za-z0-9/]+`)
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
	required,
	regexp.MustCompile(`\b(?:mysql(?:admin|dump)?|mariadb(?:-admin|-dump)?)\b[^;&|]*\s["']?-p["']?([^\s"';&|$]+)`),
	regexp.MustCompile(`\b(?:cypher-shell|mongo(?:sh|dump|restore)?|sshpass)\b[^;&|]*\s["']?-p[ =]*["']?([^\s"';&|$-][^\s"';&|$]*)`),
	regexp.MustCompile(`\bsqlcmd\b[^;&|]*\s["']?-P[ ]*["']?([^\s"';&|$]+)`),
	regexp.MustCompile(`\bcurl\b[^;&|]*\s(?:-u|--user)[ =]?["']?[^\s:"'$]+:([^\s"';&|$]+)`),
	regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([a-z0-9+/_.~=-]{8,})`),
}

var (
	// expansion is a variable that a shell fills in, with what it takes in place of it.
	expansion = regexp.MustCompile(`\$\{(\w+):?[-=]([^{}]*)\}`)
	// named is what stands before a word that is no secret, whatever its text is: a command,
	// or an option that takes the name of a user, a database or a host.
	named = regexp.MustCompile(`(?:^|[;&|(]|\s-l?c\s|\b(?:then|do|else|exec|sudo)\s)\s*["']?$|(?:^|\s)(?:-[UudDhn]|--(?:user|username|dbname|database|db|host|name|role))(?:\s+|=)["']?$`)
)

// Spans returns the byte ranges of secrets in a text, in order: those that are given to
// commands, the defaults of a shell's variables that are secrets by their names, and those
// of known where they are words of their own that name no command, user, database
// or host.
func Spans(text string, known []string) [][2]int {
	plain, all := withoutExpansions(text, known)
	for _, form := range given {
		for _, m := range form.FindAllStringSubmatchIndex(plain, -1) {
			if !slices.Contains(tameValues, strings.ToLower(plain[m[2]:m[3]])) {
				all = append(all, [2]int{m[2], m[3]})
			}
		}
	}
	for _, m := range issued.FindAllStringIndex(plain, -1) {
		all = append(all, [2]int(m))
	}
	for _, value := range known {
		word := "(" + regexp.QuoteMeta(value) + ")"
		for _, form := range []string{`(?:^|[\s"'=:])` + word + `(?:$|[\s"';&|])`, ":" + word + "@"} {
			for _, m := range regexp.MustCompile(form).FindAllStringSubmatchIndex(plain, -1) {
				if text == value || !named.MatchString(plain[:m[2]]) {
					all = append(all, [2]int{m[2], m[3]})
				}
			}
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

// withoutExpansions returns a text of the same length that has the default alone in the
// place of each variable that a shell fills in, and the ranges of defaults that are secrets.
func withoutExpansions(text string, known []string) (plain string, secrets [][2]int) {
	outside := []byte(text)
	for _, m := range expansion.FindAllStringSubmatchIndex(text, -1) {
		name, value := text[m[2]:m[3]], text[m[4]:m[5]]
		if Pair(name, value) || slices.Contains(known, value) {
			secrets = append(secrets, [2]int{m[4], m[5]})
		}
		if value == "" {
			copy(outside[m[0]:m[1]], strings.Repeat("$", m[1]-m[0])) // which is in no secret
			continue
		}
		copy(outside[m[0]:m[4]], strings.Repeat(" ", m[4]-m[0]))
		outside[m[5]] = ' '
	}
	return string(outside), secrets
}

// Text reports whether a text has a secret in it: a URL with a password or key,
// `password=…`, a token for a header or in the form of its issuer, a private key.
func Text(text string) bool {
	text, defaults := withoutExpansions(text, nil)
	if len(defaults) > 0 {
		return true
	}
	for _, form := range []*regexp.Regexp{userInURL, bearer, privately, required, issued} {
		if form.MatchString(text) {
			return true
		}
	}
	return slices.ContainsFunc(pairs.FindAllStringSubmatch(text, -1), func(found []string) bool {
		return !slices.Contains(tameValues, strings.ToLower(found[1]))
	})
}
