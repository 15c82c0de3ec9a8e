package referee

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func post(version, header, body string) string {
	return fmt.Sprintf("POST /predict HTTP/%s\r\nHost: a\r\n%sContent-Length: %d\r\n\r\n%s", version, header, len(body), body)
}

func TestParse(t *testing.T) {
	expected := post("1.1", "", Body)
	get := "GET /predict HTTP/1.1\r\nHost: a\r\n\r\n"
	for name, c := range map[string]struct {
		bytes string
		want  request
	}{
		"as expected":        {expected, request{length: len(expected), expected: true}},
		"with more behind":   {expected + "POST", request{length: len(expected), expected: true}},
		"HTTP/1.0":           {post("1.0", "", Body), request{length: len(expected), old: true, expected: true}},
		"a lower case name":  {strings.ToLower(expected[:60]) + expected[60:], request{length: len(expected)}},
		"another body":       {post("1.1", "", "{}"), request{length: len(post("1.1", "", "{}"))}},
		"no body":            {get, request{length: len(get)}},
		"nothing":            {"", request{}},
		"half a head":        {expected[:30], request{}},
		"half a body":        {expected[:len(expected)-1], request{}},
		"a length of blanks": {"POST /predict HTTP/1.1\r\nContent-Length: x\r\n\r\n", request{length: 45}},
	} {
		if got := parse([]byte(c.bytes)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestAnswersHaveTheLengthThatTheySay(t *testing.T) {
	for _, text := range []string{answer, answer10} {
		head, body, _ := strings.Cut(text, "\r\n\r\n")
		if !strings.Contains(head, "Content-Length: "+strconv.Itoa(len(body))) {
			t.Errorf("%d bytes after %q", len(body), head)
		}
	}
}
