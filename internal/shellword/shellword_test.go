package shellword

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestAShellReadsTheSameWords and no word is quoted that need not be.
func TestAShellReadsTheSameWords(t *testing.T) {
	plain := []string{"plan", "run", "a-b_c/d.hcl", "http://127.0.0.1:8000/predict", "1s-3s", "5,000", "größe"}
	odd := []string{"", " ", "a b", "it's", "'", `"x"`, "$HOME", "`id`", "a;b", "~", "#", "*", `back\slash`, "two\nlines", "{a,b}", "!x"}
	words := slices.Concat(plain, odd)
	out, err := exec.Command("sh", "-c", `printf '%s\0' `+Join(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); !slices.Equal(got, words) {
		t.Errorf("%q, want %q", got, words)
	}
	for _, word := range plain {
		if Quote(word) != word {
			t.Errorf("%s is quoted: %s", word, Quote(word))
		}
	}
}
