package filled

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type inner struct {
	Text  string
	Flag  bool
	Share float64
}

type outer struct {
	Kind   string
	Inner  *inner
	List   []inner
	Counts []uint16
	Words  map[string]int
	Data   json.RawMessage
	Took   time.Duration
	At     time.Time
	hidden int
}

func TestFill(t *testing.T) {
	v := outer{Kind: "kept"}
	Fill(&v)
	if v.Kind != "kept" || v.hidden != 0 {
		t.Errorf("what is set or hidden was changed: %+v", v)
	}
	seen, fields := map[any]bool{}, 0
	Each(&v, func(string) { fields++ })
	for _, x := range []any{v.Inner.Text, v.Inner.Share, v.List[0].Text, v.List[1].Text, v.List[0].Share, v.List[1].Share, v.Counts[0], v.Counts[1], v.Took, v.At} {
		seen[x] = true
	}
	if len(seen) != 10 || seen[""] || len(v.List) != 2 || len(v.Words) != 1 || !v.Inner.Flag || !json.Valid(v.Data) {
		t.Errorf("%+v, %+v", v, v.Inner)
	}
	if fields != 17 {
		t.Errorf("%d values are changed", fields)
	}
}

// Each changes one value at a time, and restores it.
func TestEach(t *testing.T) {
	var v, same outer
	Fill(&v)
	Fill(&same)
	var paths []string
	Each(&v, func(path string) {
		if cmp.Equal(v, same, cmp.AllowUnexported(outer{})) {
			t.Errorf("%s is as it was", path)
		}
		paths = append(paths, path)
	})
	if diff := cmp.Diff(same, v, cmp.AllowUnexported(outer{})); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"Kind", "Inner.Flag", "List[0].Text", "List[1].Share", "Counts[1]", "Words[text-1010]", "Words", "Data", "Took", "At"} {
		if !slices.Contains(paths, want) {
			t.Errorf("%s is not in %q", want, paths)
		}
	}
}

func TestViolationsAreFound(t *testing.T) {
	var v outer
	Fill(&v)
	for _, c := range []struct {
		name     string
		excepted map[string]string
		gives    func() any
		want     []string
	}{
		{"all matters", nil, func() any { return dump(v) }, nil},
		{"a field is forgotten", nil, func() any { x := v; x.Took = 0; return dump(x) }, []string{"Took is forgotten"}},
		{"a field below is forgotten", nil, func() any { x := v; x.Inner = &inner{}; return dump(x) }, []string{"Inner.Text is", "Inner.Flag is", "Inner.Share is"}},
		{"only the first counts", nil, func() any { x := v; x.Counts = v.Counts[:1]; return dump(x) }, []string{"Counts[1] is forgotten"}},
		{"what comes of it is the value itself", nil, func() any { return &v }, nil},
		{"an exception", map[string]string{"List.Text": "not needed"}, func() any {
			x := v
			x.List = []inner{{Flag: v.List[0].Flag, Share: v.List[0].Share}, {Flag: v.List[1].Flag, Share: v.List[1].Share}}
			return dump(x)
		}, nil},
		{"an exception for all below", map[string]string{"Inner": "not needed"}, func() any { x := v; x.Inner = nil; return dump(x) }, nil},
		{"an exception that matters", map[string]string{"Took": "not needed"}, func() any { return dump(v) }, []string{"Took is no exception"}},
		{"an exception of nothing", map[string]string{"Gone": "not needed"}, func() any { return dump(v) }, []string{"Gone is no exception"}},
		{"an exception without a reason", map[string]string{"Took": ""}, func() any { x := v; x.Took = 0; return dump(x) }, []string{"Took is no exception"}},
	} {
		got := faults(c.excepted, []Case{{&v, c.gives}})
		found := slices.ContainsFunc(c.want, func(want string) bool {
			return !slices.ContainsFunc(got, func(fault string) bool { return strings.HasPrefix(fault, want) })
		})
		if len(got) != len(c.want) || found {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A field that has an effect in one of several cases has one.
func TestErrorsOfSeveralCases(t *testing.T) {
	type load struct{ Users, Rate int }
	closed, open := load{Users: 1}, load{Rate: 1}
	shows := func(l *load) func() any {
		return func() any { return l.Users * (1 - min(1, l.Rate)) }
	}
	cases := []Case{{&closed, shows(&closed)}, {&open, shows(&open)}}
	if got := faults(nil, cases); got != nil {
		t.Errorf("%q", got)
	}
	if got := faults(nil, cases[1:]); len(got) != 2 {
		t.Errorf("%q", got)
	}
}

func dump(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}
