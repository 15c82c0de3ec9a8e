package mask

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// secrets of the tests: with characters that every format writes otherwise.
var secrets = []string{
	"T0k3nSuperSecretValueAbcdefgh0123456789XYZ",
	`p"ä<s>s w/\&'x`,
	`C:\new\table "100%" $HOME=€uro 🗝`,
	"plus+slash/equal=und_er-score",
	"aaaaaaaa",
	"ümläüt",
}

// writingsOf are the ways in which services write a text.
func writingsOf(text string) map[string]string {
	ascii := func(s string) string { return strings.Trim(strconv.QuoteToASCII(s), `"`) }
	inJSON := func(s string) string {
		quoted, _ := json.Marshal(s)
		return string(quoted[1 : len(quoted)-1])
	}
	percentAll := func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	}
	byRune := func(format string) string {
		var b strings.Builder
		for _, r := range text {
			fmt.Fprintf(&b, format, r)
		}
		return b.String()
	}
	all := map[string]string{
		"raw": text, "JSON": inJSON(text), "JSON with ASCII escapes": ascii(text), "JSON in JSON": inJSON(inJSON(text)),
		"JSON in JSON in JSON": inJSON(inJSON(inJSON(text))), "JSON of PHP": strings.ReplaceAll(inJSON(text), "/", `\/`),
		"URL": url.PathEscape(text), "URL in lower case": lowerEscapes(url.PathEscape(text)),
		"form": url.QueryEscape(text), "form in lower case": lowerEscapes(url.QueryEscape(text)),
		"all percent": percentAll(text), "URL in URL": url.QueryEscape(url.QueryEscape(text)), "form in JSON": inJSON(url.QueryEscape(text)),
		"JSON in a form": url.QueryEscape(inJSON(text)), "HTML": html.EscapeString(text), "HTML in JSON": inJSON(html.EscapeString(text)),
		"HTML with names": strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#039;").Replace(text),
		"HTML decimal":    byRune("&#%d;"), "HTML hex": byRune("&#x%X;"), "HTML twice": html.EscapeString(html.EscapeString(text)),
		"hex": hex.EncodeToString([]byte(text)), "hex in upper case": strings.ToUpper(hex.EncodeToString([]byte(text))),
		"a dump":              fmt.Sprintf("% x", text),
		"quoted for a shell":  strings.ReplaceAll(text, "'", `'\''`),
		"shlex of Python":     strings.ReplaceAll(text, "'", `'"'"'`),
		"double quotes":       strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(text),
		"quoted by Go":        strings.Trim(strconv.Quote(text), `"`),
		"a shell in JSON":     inJSON(strings.ReplaceAll(text, "'", `'\''`)),
		"a field of CSV":      strings.ReplaceAll(text, `"`, `""`),
		"doubled apostrophes": strings.ReplaceAll(text, "'", "''"),
	}
	for before := range 4 {
		for name, e := range map[string]*base64.Encoding{
			"base64": base64.StdEncoding, "base64 for URLs": base64.URLEncoding, "base64 without padding": base64.RawStdEncoding,
		} {
			encoded := e.EncodeToString([]byte("user:"[:before+1] + text + " and more"))
			all[fmt.Sprintf("%s behind %d", name, before+1)] = encoded
			all[fmt.Sprintf("%s behind %d in a URL", name, before+1)] = url.QueryEscape(encoded)
		}
		all[fmt.Sprintf("JSON in base64 behind %d", before)] = base64.StdEncoding.EncodeToString([]byte("{\"\":\""[:before] + inJSON(text) + `"}`))
	}
	return all
}

func lowerEscapes(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' {
			b.WriteString(strings.ToLower(text[i : i+3]))
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func TestEveryWritingIsReplaced(t *testing.T) {
	for _, secret := range secrets {
		m := New([]string{"another one", secret})
		for name, written := range writingsOf(secret) {
			isBase64 := strings.Contains(name, "base64")
			got := m.Text("before <" + written + "> after")
			if isBase64 {
				// What stands around the secret in base64 stays, except for the characters that share bits with it.
				before, after, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(got, "before <"), "> after"), Stars)
				if !strings.Contains(got, Stars) || len(before)+len(after) > 24 || strings.Contains(after, "*") {
					t.Errorf("%s of %q: %q gives %q", name, secret, written, got)
				}
			} else if got != "before <"+Stars+"> after" {
				t.Errorf("%s of %q: %q gives %q", name, secret, written, got)
			}
		}
	}
}

// TestNoCutShowsASecret cuts every writing everywhere: what is left has at most the characters that Cut leaves.
func TestNoCutShowsASecret(t *testing.T) {
	for _, secret := range secrets {
		m := New([]string{secret})
		for name, written := range writingsOf(secret) {
			text := strings.Repeat("x", 20) + " <" + written + "> " + strings.Repeat("y", 20)
			masked := m.Text(text)
			for limit := 0; limit <= len(text); limit += 7 + len(name)%3 {
				if got := m.Cut(text, limit, false); !strings.HasPrefix(masked, got) || len(got) > limit {
					t.Fatalf("%s of %q cut at %d: %q", name, secret, limit, got)
				}
				if got := m.CutFront(text, limit); !strings.HasSuffix(masked, got) || len(got) > limit {
					t.Fatalf("%s of %q cut to its last %d: %q", name, secret, limit, got)
				}
				// A reader that kept only a part: no more than three characters of the secret are left at its end.
				got := m.Cut(text[:limit], limit, true)
				if shown := commonPrefix(got, text); shown > 22+longestLeft(name) && !strings.HasPrefix(got, masked[:min(len(got), len(masked))]) {
					t.Fatalf("%s of %q, of which %d bytes were kept, shows %q", name, secret, limit, got)
				}
			}
		}
	}
}

// longestLeft is how many bytes the first three characters of a secret have at most as written, with those before it.
func longestLeft(name string) int {
	if strings.Contains(name, "base64") {
		return 16
	}
	return 60
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func TestTheStartOfASecretAtACutIsReplaced(t *testing.T) {
	m := New([]string{"T0k3nSuperSecret"})
	for text, want := range map[string]string{
		"error: T0k3nSup":         "error: ***",
		"error: T0k":              "error: T0k",
		"error: T0k3":             "error: ***",
		"error: T0k3nSup!":        "error: T0k3nSup!",
		`error: %54%30%6b%33%6`:   "error: ***",
		`error: T0k3n%`:           "error: ***",
		"error: T0k3nSuperSecret": "error: ***",
	} {
		if got := m.Cut(text, 100, true); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
		if got := m.Cut(text, 100, false); got != m.Text(text) {
			t.Errorf("%q, which is complete, gives %q", text, got)
		}
	}
}

func TestShortSecretsAreWholeWords(t *testing.T) {
	m := New([]string{"api", "12345"})
	for text, want := range map[string]string{
		"api":                      Stars,
		"the api is":               "the *** is",
		"rapid, apis, api_x, äapi": "rapid, apis, api_x, äapi",
		`{"key":"api"}`:            `{"key":"***"}`,
		`key=%22api%22`:            `key=%22***%22`,
		`"a\napi\nb"`:              `"a\n***\nb"`,
		`\u0022api\u0022`:          `\u0022***\u0022`,
		"port 12345, 123456 bytes": "port ***, 123456 bytes",
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
	if got := New([]string{"abcdef"}).Text("xabcdefx"); got != "x***x" {
		t.Errorf("a secret of six characters inside of a word gives %q", got)
	}
	if !IsShort("äöüäö") || IsShort("äöüäöü") {
		t.Error("a secret is short below six characters")
	}
}

func TestSecretsThatOverlap(t *testing.T) {
	m := New([]string{"abcdef123", "123uvwxyz", "abcdef123uvwxyz-long"})
	for text, want := range map[string]string{
		"abcdef123uvwxyz":                     Stars,
		"abcdef123uvwxyz-long":                Stars,
		"abcdef123abcdef123":                  Stars + Stars,
		"1abcdef123 123uvwxyz":                "1*** ***",
		"abcdef12 3uvwxyz":                    "abcdef12 3uvwxyz",
		"":                                    "",
		"line one of abcdef123\nand 123uvwxy": "line one of ***\nand 123uvwxy",
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestLinesOfASecret(t *testing.T) {
	m := New([]string{"-----BEGIN KEY-----\nMIIEvQIBADAN\nab\n  Bg==x\n"})
	for text, want := range map[string]string{
		"MIIEvQIBADAN":           Stars,
		"ab":                     "ab",
		"Bg==x":                  Stars,
		"xBg==x":                 "xBg==x",
		`BEGIN: "MIIEvQIBADAN\n`: `BEGIN: "***\n`,
		"-----BEGIN KEY-----\r\nMIIEvQIBADAN\r\nab\r\n  Bg==x\r\n": Stars,
		`-----BEGIN KEY-----\nMIIEvQIBADAN\nab\n  Bg==x\n`:         Stars,
	} {
		if got := m.Text(text); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

func TestAMaskWithoutSecrets(t *testing.T) {
	for _, m := range []*Mask{nil, New(nil), New([]string{""})} {
		if got := m.Text("a text"); got != "a text" || m.Reach() != 0 || m.Cut("äöü", 3, true) != "ä" || m.CutFront("äöü", 3) != "ü" {
			t.Errorf("it changes a text: %q, reach %d", got, m.Reach())
		}
	}
}

func TestReachCoversWhatACutNeeds(t *testing.T) {
	for _, secret := range secrets {
		m := New([]string{secret})
		for name, written := range writingsOf(secret) {
			if strings.Contains(name, "in JSON in JSON") || strings.HasPrefix(name, "HTML hex") || strings.HasPrefix(name, "HTML twice") {
				continue // the end of a text that was cut is replaced by its beginning
			}
			if len(written) > m.Reach()+24 {
				t.Errorf("%s of %q has %d bytes, more than %d", name, secret, len(written), m.Reach())
			}
		}
	}
	if New([]string{strings.Repeat("x", 1<<20)}).Reach() != longestReach {
		t.Error("the reach has no bound")
	}
}

func TestWriter(t *testing.T) {
	var b strings.Builder
	w := &Writer{Under: &b}
	fmt.Fprint(w, "hunter22 ")
	w.Hide([]string{"hunter22"})
	if n, err := fmt.Fprint(w, "hunter22"); n != 8 || err != nil {
		t.Errorf("writing returns %d, %v", n, err)
	}
	if b.String() != "hunter22 ***" {
		t.Errorf("it wrote %q", b.String())
	}
}

// TestMaskingIsLinear counts the writings that are looked for in texts of which every position may begin one.
func TestMaskingIsLinear(t *testing.T) {
	for _, unit := range []string{`\`, "%", "&", "+", "'", "%25", `\\u005c`, "&#38;", "=3d"} {
		d := &decoded{text: strings.Repeat(unit, 2000/len(unit))}
		most := 0
		for at := range d.text {
			most = max(most, len(d.at(at)))
		}
		if len(d.known) > depth*len(d.text) || most > 24 {
			t.Errorf("%q repeated: %d entries for %d bytes, %d writings at one of them", unit, len(d.known), len(d.text), most)
		}
	}
}
