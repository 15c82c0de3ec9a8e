// Package layers holds the test that imports go one way. It knows the packages
// by what the go command lists, and nothing of what they do.
package layers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "plan"

// source is a package as the go command lists it.
type source struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

func TestImportsGoOneWay(t *testing.T) {
	sources := list(t)
	for _, fault := range faults(sources, table) {
		t.Error(fault)
	}
	there := map[string]bool{}
	for _, s := range sources {
		there[inside(s.ImportPath)] = true
		for _, grant := range unused(s, table[inside(s.ImportPath)]) {
			t.Errorf("%s may import %s, but does not: take it out of the table of layers", inside(s.ImportPath), grant)
		}
	}
	for path := range table {
		if !there[path] {
			t.Errorf("%s stands in the table of layers, but there is no such package: take its row out", path)
		}
	}
}

// TestViolationsAreFound shows the rules at work on packages made for it.
func TestViolationsAreFound(t *testing.T) {
	rules := map[string][]string{"low": {}, "high": {"low", "example.org/table"}, "beside": {}}
	for _, c := range []struct {
		name   string
		source source
		want   string // part of the one fault; "" for none
	}{
		{"downwards", source{ImportPath: "plan/high", Imports: []string{"fmt", "net/http", "plan/low"}}, ""},
		{"a package inside a listed module", source{ImportPath: "plan/high", Imports: []string{"example.org/table/style"}}, ""},
		{"upwards", source{ImportPath: "plan/low", Imports: []string{"plan/high"}}, "low may not import high"},
		{"sideways", source{ImportPath: "plan/high", Imports: []string{"plan/beside"}}, "high may not import beside"},
		{"a package inside a listed one of ours", source{ImportPath: "plan/high", Imports: []string{"plan/low/deep"}}, "high may not import low/deep"},
		{"a module that is not listed", source{ImportPath: "plan/low", Imports: []string{"example.org/table"}}, "low may not import example.org/table"},
		{"a module whose name only begins alike", source{ImportPath: "plan/high", Imports: []string{"example.org/tables"}}, "high may not import example.org/tables"},
		{"cgo", source{ImportPath: "plan/low", Imports: []string{"C"}}, "low may not import C"},
		{"a package that is not listed", source{ImportPath: "plan/new"}, "new is not in the table of layers"},
		{"a test sideways", source{ImportPath: "plan/high", TestImports: []string{"plan/beside", "example.org/cmp"}}, ""},
		{"a test upwards", source{ImportPath: "plan/low", XTestImports: []string{"plan/high"}}, "a test of low may not import high"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := faults([]source{c.source}, rules)
			switch {
			case c.want == "" && len(got) > 0:
				t.Errorf("found %q where nothing is wrong", got)
			case c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)):
				t.Errorf("found %q, want one fault with %q", got, c.want)
			}
		})
	}
}

func TestUnusedGrantsAreFound(t *testing.T) {
	s := source{ImportPath: "plan/high", Imports: []string{"fmt", "plan/low", "example.org/table/style"}, TestImports: []string{"plan/beside"}}
	got := unused(s, []string{"low", "beside", "example.org/table", "example.org/tab"})
	if want := []string{"beside", "example.org/tab"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// unused lists what a package may import and does not. Imports of its tests do
// not count.
func unused(s source, allowed []string) []string {
	return slices.DeleteFunc(slices.Clone(allowed), func(grant string) bool {
		return slices.ContainsFunc(s.Imports, func(path string) bool { return allows([]string{grant}, path) })
	})
}

// faults lists every import that the table does not allow.
func faults(sources []source, table map[string][]string) []string {
	var found []string
	for _, s := range sources {
		name := inside(s.ImportPath)
		allowed, ok := table[name]
		if !ok {
			found = append(found, fmt.Sprintf("%s is not in the table of layers: add it with what it may import", name))
			continue
		}
		for _, path := range s.Imports {
			if !standard(path) && !allows(allowed, path) {
				found = append(found, fmt.Sprintf("%s may not import %s", name, inside(path)))
			}
		}
		for _, path := range slices.Concat(s.TestImports, s.XTestImports) {
			if below(table, inside(path))[name] {
				found = append(found, fmt.Sprintf("a test of %s may not import %s, which stands on it", name, inside(path)))
			}
		}
	}
	return found
}

// allows reports whether one of the allowed prefixes covers the import. A
// package of this module must be named in full.
func allows(allowed []string, path string) bool {
	if own, ok := strings.CutPrefix(path, module+"/"); ok {
		return slices.Contains(allowed, own)
	}
	return slices.ContainsFunc(allowed, func(prefix string) bool {
		return path == prefix || strings.HasPrefix(path, prefix+"/")
	})
}

// below is everything that a package may stand on, directly or not.
func below(table map[string][]string, name string) map[string]bool {
	reached := map[string]bool{}
	for _, next := range table[name] {
		reached[next] = true
		maps.Copy(reached, below(table, next))
	}
	return reached
}

// standard reports whether the import is of the standard library; cgo is not.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") && first != module && path != "C"
}

func inside(path string) string { return strings.TrimPrefix(path, module+"/") }

func list(t *testing.T) []source {
	t.Helper()
	command := exec.Command("go", "list", "-tags=kubernetes", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	command.Dir = "../.."
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &complaint)
	}
	var sources []source
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var s source
		err := decoder.Decode(&s)
		if errors.Is(err, io.EOF) {
			return sources
		}
		if err != nil {
			t.Fatalf("go list printed something else than packages: %v", err)
		}
		sources = append(sources, s)
	}
}
