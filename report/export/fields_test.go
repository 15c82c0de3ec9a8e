package export

import (
	"maps"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"plan/internal/filled"
	"plan/plans"
	"plan/runner/journal"
)

var comments = regexp.MustCompile(`(?m)^#.*\n`)

// Every limit that is proven of a service is written in every format, not only
// in its comments.
func TestEveryFormatHasEveryLimit(t *testing.T) {
	excepted := map[string]map[string]string{
		"docker-update": {"Settings.Replicas": "the command names each container: a comment says how many"},
		"kubernetes":    {},
	}
	limits := reflect.TypeFor[plans.Limits]()
	for field := range limits.NumField() {
		of := reflect.New(limits).Elem()
		of.Field(field).SetInt(1)
		for _, d := range plans.Dimensions() {
			if (plans.Settings{Limits: of.Interface().(plans.Limits)}).Get(d) != 0 && d.PodHas() != "" {
				excepted["kubernetes"]["Settings.Limits."+limits.Field(field).Name] = d.PodHas()
			}
		}
	}
	for _, format := range Formats() {
		t.Run(format.Name, func(t *testing.T) {
			s := &Service{}
			filled.Fill(s)
			except := map[string]string{"Proof": "lines for people: comments", "Vary": "no format knows what a plan varies: comments", "Refusal": "a service that has it is not written"}
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
