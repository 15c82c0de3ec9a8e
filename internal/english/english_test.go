package english

import "testing"

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 trials", 1: "1 trial", 2: "2 trials"} {
		if got := Count(n, "trial"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOr(t *testing.T) {
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := Or(words); got != want {
			t.Errorf("%q gives %q, want %q", words, got, want)
		}
	}
}

func TestNear(t *testing.T) {
	words := []string{"memory", "cpus", "step", "users", "api:latest"}
	for word, want := range map[string]string{
		"memroy": "memory", "cpu": "cpus", "setp": "step", "usres": "users", "MEMORY": "memory", "replicas": "", "x": "", "": "",
		"apy:latest": "api:latest", "ppi:late": "", // three letters of eight are too many
	} {
		if got := Near(word, words); got != want {
			t.Errorf("%q leads to %q, want %q", word, got, want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	for word, want := range map[string]string{"memroy": `did you mean "memory"?`, "replicas": ""} {
		if got := DidYouMean(word, []string{"memory", "cpus"}); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
