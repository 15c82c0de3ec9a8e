package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a test that records its errors instead of failing.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func TestCompare(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.txt")
	if err := os.WriteFile(path, []byte("one\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		update  bool
		content string
		differs bool
		file    string // afterwards
	}{
		{false, "one\n", false, "one\n"},
		{false, "two\n", true, "one\n"},
		{true, "two\n", false, "two\n"},
	} {
		before := *update
		*update = c.update
		r := &recorder{TB: t}
		Compare(r, path, []byte(c.content))
		*update = before
		if got := len(r.errors) == 1 && strings.Contains(r.errors[0], path+" differs"); got != c.differs || len(r.errors) > 1 {
			t.Errorf("%+v: %q", c, r.errors)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != c.file {
			t.Errorf("%+v: the file has %q, %v", c, text, err)
		}
	}
}
