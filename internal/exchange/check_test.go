package exchange

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// judged returns the violation of a check by a body, without the common prefix.
func judged(t *testing.T, c Check, encoding string, body []byte) string {
	t.Helper()
	p, err := (&Tables{}).Pattern(Request{Name: "predict", Path: "/", Checks: []Check{c}})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(p.CheckBody(encoding, body, int64(len(body))), "check 1: ")
}

func TestChecks(t *testing.T) {
	const answer = `{"label":"cat","score":1.0,"big":9007199254740993,"none":null,"all":[1,2],"deep":{"x":[{"y":2e0}]}}`
	equals := func(path, value string) Check { return Check{Path: path, Equals: json.RawMessage(value)} }
	not := func(c Check) Check { c.Not = true; return c }
	cases := []struct {
		check Check
		want  string // "" means no violation
	}{
		{Check{Text: `"cat"`}, ""},
		{Check{Text: "dog"}, `the body does not contain "dog": ` + answer},
		{Check{Path: "$.label"}, ""},
		{Check{Path: "$.none"}, ""},
		{Check{Path: "$.label", Equals: json.RawMessage{}}, ""},
		{Check{Path: "$.labels"}, "$.labels selects nothing in " + answer},
		{Check{Text: "cat", Path: "$.all[2]"}, "$.all[2] selects nothing in " + answer},
		{equals("$.label", `"cat"`), ""},
		{equals("$.label", `"c\u0061t"`), ""},
		{equals("$.label", `"dog"`), `$.label is "cat", not "dog"`},
		{equals("$.score", "1"), ""},
		{equals("$.score", "1.00"), ""},
		{equals("$.score", "10e-1"), ""},
		{equals("$.score", `"1"`), `$.score is 1, not "1"`},
		{equals("$.score", "1.1"), "$.score is 1, not 1.1"},
		{equals("$.big", "9007199254740993"), ""},
		{equals("$.big", "9007199254740992"), "$.big is 9007199254740993, not 9007199254740992"},
		{equals("$.none", "null"), ""},
		{equals("$.none", "false"), "$.none is null, not false"},
		{equals("$.all", "[1, 2.0]"), ""},
		{equals("$.all", "[2,1]"), "$.all is [1,2], not [2,1]"},
		{equals("$.all[*]", "1"), "$.all[*] is 2, not 1"},
		{equals("$.deep", `{"x":[{"y":2}]}`), ""},
		{equals("$..y", "2"), ""},
		{equals("$.all[?@ > 1.5]", "2"), ""},
		{equals("$", answer), ""},
		{not(Check{Text: "dog"}), ""},
		{not(Check{Text: `"cat"`}), `the body contains "\"cat\"": ` + answer},
		{not(Check{Path: "$.labels"}), ""},
		{not(Check{Path: "$.none"}), "$.none is null in " + answer},
		{not(Check{Path: "$.label"}), `$.label is "cat" in ` + answer},
		{not(equals("$.label", `"dog"`)), ""},
		{not(equals("$.label", `"c\u0061t"`)), `$.label is "cat" in ` + answer},
		{not(equals("$.score", "10e-1")), "$.score is 1 in " + answer},
		{not(equals("$.all[*]", "3")), ""},
		{not(equals("$.all[*]", "2")), "$.all[*] is 2 in " + answer},
		{not(equals("$.labels", "1")), ""},
		{not(Check{Text: "dog", Path: "$.labels"}), ""},
		{not(Check{Text: "cat", Path: "$.labels"}), `the body contains "cat": ` + answer},
		{not(Check{Text: "dog", Path: "$.score"}), "$.score is 1 in " + answer},
	}
	for _, c := range cases {
		if got := judged(t, c.check, "", []byte(answer)); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.check.Path, c.check.Equals, got, c.want)
		}
	}
}

func TestChecksOfBodiesThatAreNoJSON(t *testing.T) {
	for body, want := range map[string]string{
		"":                       "nothing is not JSON: unexpected EOF",
		"<html>":                 "<html> is not JSON: invalid character '<' looking for beginning of value",
		`{"a":1} {"a":2}`:        `{"a":1} {"a":2} is not JSON: more than one value`,
		`{"a":NaN}`:              `{"a":NaN} is not JSON: invalid character 'N' looking for beginning of value`,
		`{"a":1`:                 `{"a":1 is not JSON: unexpected EOF`,
		"\xff\xfe":               "\uFFFD is not JSON: invalid character 'ÿ' looking for beginning of value",
		`{"a":1e400}`:            "",
		strings.Repeat("ä", 100): strings.Repeat("ä", 60) + "… is not JSON: invalid character 'Ã' looking for beginning of value",
	} {
		if got := judged(t, Check{Path: "$.a"}, "", []byte(body)); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
		not := judged(t, Check{Path: "$.b", Not: true}, "", []byte(body))
		if not != want {
			t.Errorf("%q: not: %q, want %q", body, not, want)
		}
	}
	huge := Check{Path: "$", Equals: json.RawMessage("1e400")}
	if got := judged(t, huge, "", []byte("1e401")); got != "$ is 1e401, not 1e400" {
		t.Errorf("numbers that no float64 holds: %q", got)
	}
}

// A path that the library cannot evaluate fails the check, not the load.
func TestFiltersThatCompareObjects(t *testing.T) {
	got := judged(t, Check{Path: "$[?@.a == @.b]"}, "", []byte(`[{"a":{},"b":{}}]`))
	if want := `$[?@.a == @.b] cannot be evaluated on [{"a":{},"b":{}}]: `; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTheFirstCheckThatFailsIsReported(t *testing.T) {
	p, err := (&Tables{}).Pattern(Request{Path: "/", Checks: []Check{{Text: "a"}, {Path: "$.b"}, {Text: "c"}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.CheckBody("", []byte(`{"a":1}`), 7); got != `check 2: $.b selects nothing in {"a":1}` {
		t.Error(got)
	}
}

func packed(to func(io.Writer) io.WriteCloser, body string) []byte {
	var b bytes.Buffer
	w := to(&b)
	io.WriteString(w, body)
	w.Close()
	return b.Bytes()
}

func gzipped(body string) []byte {
	return packed(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, body)
}

func TestPackedBodies(t *testing.T) {
	deflated := packed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, `{"ok":true}`)
	whole := gzipped(`{"ok":true}`)
	cases := []struct {
		encoding string
		body     []byte
		want     string
	}{
		{"gzip", whole, ""},
		{" X-GZIP ", whole, ""},
		{"identity, gzip", whole, ""},
		{"gzip\nidentity", whole, ""},
		{"deflate", deflated, ""},
		{"identity", []byte(`{"ok":true}`), ""},
		{"br", whole, "Content-Encoding br is not supported: checks decompress gzip and deflate only"},
		{"gzip,gzip", whole, "Content-Encoding gzip, gzip is not supported: checks decompress gzip and deflate only"},
		{"gzip", whole[:len(whole)-9], "the body cannot be decompressed: unexpected EOF"},
		{"gzip", []byte(`{"ok":true}`), "the body cannot be decompressed: gzip: invalid header"},
		{"deflate", whole, "the body cannot be decompressed: zlib: invalid header"},
		{"gzip", nil, "nothing is not JSON: unexpected EOF"},
		{"gzip", gzipped(strings.Repeat(" ", BodyLimit+1)), "the decompressed body exceeds the 1048576 bytes that can be checked"},
		{"gzip", gzipped(strings.Repeat(" ", BodyLimit-11) + `{"ok":true}`), ""},
	}
	for _, c := range cases {
		if got := judged(t, Check{Path: "$.ok"}, c.encoding, c.body); got != c.want {
			t.Errorf("%q of %d bytes: %q, want %q", c.encoding, len(c.body), got, c.want)
		}
	}
}

func TestBodiesTooLongToCheck(t *testing.T) {
	p, err := (&Tables{}).Pattern(Request{Path: "/", Checks: []Check{{Text: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	body := bytes.Repeat([]byte("x"), BodyLimit)
	if got := p.CheckBody("", body, BodyLimit); got != "" {
		t.Errorf("as long as may be: %q", got)
	}
	if got := p.CheckBody("", body, BodyLimit+1); got != "the body has 1048577 bytes, and checks support at most 1048576" {
		t.Errorf("longer: %q", got)
	}
}

func TestChecksThatAreWrong(t *testing.T) {
	for want, c := range map[string]Check{
		"it needs a text or a path":                            {},
		"equals requires a path":                               {Text: "a", Equals: json.RawMessage("1")},
		`it must start with "$", the whole body`:               {Path: "a.b"},
		"not terminated at 5 in $.a[":                          {Path: "$.a["},
		"parse error at 4 in $.a b":                            {Path: "$.a b"},
		"x is not JSON: invalid character 'x' looking for beg": {Path: "$", Equals: json.RawMessage("x")},
	} {
		_, err := (&Tables{}).Pattern(Request{Name: "predict", Path: "/", Checks: []Check{{Text: "a"}, c}})
		if err == nil || !strings.HasPrefix(err.Error(), `request "predict": check 2: `) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", c, err)
		}
		if wrong := c.Path != "" && c.Path != "$"; (CheckPath(c.Path) != nil) != (wrong || c.Path == "") {
			t.Errorf("path %q: %v", c.Path, CheckPath(c.Path))
		}
	}
	if err := CheckPath("$.a[?@.b == 'c'].d[-1]"); err != nil {
		t.Error(err)
	}
}

// FuzzJudge searches for a path or a body that makes a check panic.
func FuzzJudge(f *testing.F) {
	for _, path := range []string{"", "$", "$[?(!(@.a != @.b))]", "$.a", "$..b[?@.c == 1]", "$[?length(@.a) > 1]", "$[1:-1:-1]['a',2]", "$[?match(@, '(')]", "$.a[?(@.x in [1,'a'])]"} {
		f.Add("a", path, "1.0", "gzip", []byte(`{"a":[1,{"b":"c"}]}`))
		f.Add("", path, "", "", []byte(`[[1,2],{"a":null},"x",1e400]`))
	}
	f.Add("", "$", `"x"`, "deflate", gzipped("{}"))
	f.Fuzz(func(t *testing.T, text, path, equals, encoding string, body []byte) {
		p, err := (&Tables{}).Pattern(Request{Path: "/", Checks: []Check{{Text: text, Path: path, Equals: json.RawMessage(equals)}}})
		if err != nil {
			return
		}
		if met := p.CheckBody(encoding, body, int64(len(body))) == ""; met && encoding == "" && !bytes.Contains(body, []byte(text)) {
			t.Errorf("%q is found in %q", text, body)
		}
	})
}
