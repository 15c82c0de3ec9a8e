package export

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"plan/internal/filled"
	"plan/runner/journal"
)

// Every setting of a trial and of an answer is proven of a service.
func TestEverySettingIsProven(t *testing.T) {
	var settings, top, base journal.Settings
	for _, s := range []*journal.Settings{&settings, &top, &base} {
		filled.Fill(s)
	}
	filled.Hold(t, nil, filled.Case{Of: &settings, Gives: func() any { return service("service.api", settings, nil) }})
	filled.Hold(t, nil, filled.Case{Of: &top, Gives: func() any { return over(top, journal.Settings{}) }})
	filled.Hold(t, nil, filled.Case{Of: &base, Gives: func() any { return over(journal.Settings{}, base) }})
}

var comments = regexp.MustCompile(`(?m)^#.*\n`)

// Every limit that is proven of a service is written in every format, not only
// in its comments.
func TestEveryFormatHasEveryLimit(t *testing.T) {
	excepted := map[string]map[string]string{
		"docker-update": {"Replicas": "the command names each container: a comment says how many"},
	}
	for _, format := range Formats() {
		t.Run(format.Name, func(t *testing.T) {
			s := &Service{}
			filled.Fill(s)
			except := map[string]string{"Proof": "lines for people: comments"}
			maps.Copy(except, excepted[format.Name])
			filled.Hold(t, except, filled.Case{Of: s, Gives: func() any {
				var b strings.Builder
				if err := format.Write(&b, journal.Run{}, []Service{*s}, ""); err != nil {
					t.Fatal(err)
				}
				return comments.ReplaceAllString(b.String(), "")
			}})
		})
	}
}
