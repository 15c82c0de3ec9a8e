package mask

import (
	"strings"
	"testing"
)

// escaped are texts made almost only of escapes, which have to be decoded everywhere.
var escaped = map[string]string{
	"json":           `\u0041`,
	"json in json":   `\\u0041`,
	"backslashes":    `\`,
	"quotes":         `"`,
	"quoted":         `'\''`,
	"percent":        `%41`,
	"percent twice":  `%2541`,
	"percent thrice": `%252541`,
	"percents":       `%`,
	"entities":       `&amp;`,
	"ampersands":     `&`,
	"numbers":        `&#65;`,
	"form":           `+`,
	"new lines":      `\n`,
	"quoted print":   `=41`,
	"surrogates":     `\ud83d\ude00`,
	"all of them":    `\u0041%41&amp;'\''"+=41\n`,
}

// Texts made almost only of escapes are masked in linear time: twice as long a text takes
// twice as many steps, and each byte at most one for each depth.
func TestTextsOfEscapesAreMaskedInLinearTime(t *testing.T) {
	m := New([]string{"AAAAAAAAAAAAAAAB", "correct horse battery", `"';%&\`})
	steps := func(text string) int {
		d := &decoded{text: text}
		for at := range len(text) {
			m.find(d, at, false)
		}
		return d.steps
	}
	for name, escape := range escaped {
		text := strings.Repeat(escape, 4000/len(escape))
		once, twice := steps(text), steps(text+text)
		if once > depth*len(text) || twice > 2*once+100 {
			t.Errorf("%s: %d steps of %d bytes, %d of twice as many", name, once, len(text), twice)
		}
	}
}

func BenchmarkTextsOfEscapes(b *testing.B) {
	m := New([]string{"correct horse battery staple", "s3cret-t0ken-0123456789"})
	for name, escape := range escaped {
		text := strings.Repeat(escape, (1<<16)/len(escape))
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if got := m.Text(text); got != text {
					b.Fatalf("%.40q", got)
				}
			}
		})
	}
}
