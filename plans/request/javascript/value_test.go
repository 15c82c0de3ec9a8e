package javascript

import "testing"

// TestTextsOfAScript: a text is decoded as JavaScript does, or not known.
func TestTextsOfAScript(t *testing.T) {
	for written, want := range map[string]string{
		`"a\"b\\n\n\'"`: "a\"b\\n\n'", `'"\x41\\x\u00e9\/\"'`: `"A\x` + "é/\"", "`a\\`\\${b}\nc\\\nd`": "a`${b}\ncd",
		`"\xzz"`: "", `"\u{1F600}"`: "", `"\q"`: "",
	} {
		if got, err := unquote(written); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %q, %v", written, got, err)
		}
	}
}
