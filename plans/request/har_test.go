package request

import (
	"strings"
	"testing"
)

// TestFormOfAHAR: a form has params or a text.
func TestFormOfAHAR(t *testing.T) {
	for _, data := range []string{
		`"params": [{"name": "text", "value": "a b"}, {"name": "top", "value": "3"}]`,
		`"text": "text=a+b&top=3"`,
		`"text": "text=a+b&top=3", "params": [{"name": "text", "value": "a+b"}, {"name": "top", "value": "3"}]`,
	} {
		s, err := Read("it", []byte(`{"log": {"entries": [{"request": {"method": "POST", "url": "http://x/a", "headers": [
			{"name": "Content-Type", "value": "application/x-www-form-urlencoded; charset=UTF-8"}],
			"postData": {"mimeType": "application/x-www-form-urlencoded; charset=UTF-8", `+data+`}}}]}}`), HAR)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(s.Scenario()); !strings.Contains(got, `form = { text = "a b", top = "3" }`) ||
			strings.Contains(got, "headers") {
			t.Errorf("%s:\n%s", data, got)
		}
	}
}
