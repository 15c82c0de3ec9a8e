package plans

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzLoad: whatever a file holds, loading it ends without a panic, and gives
// a plan or an error that can be printed in every format.
func FuzzLoad(f *testing.F) {
	seeds, _ := filepath.Glob("testdata/bad/*.hcl")
	for _, file := range append(seeds, "minimal-resources.hcl", "smoke.hcl") {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	for _, source := range []string{
		"", "\x00", "\xef\xbb\xbf", "\"", "plan", "plan \"x\" {", "search \"\" {}", "a = ", "locals { a = local.a }",
		"search \"a\" {\n vary \"memory\" {\n from=1e999999999\n to=\"1e30T\"\n step=-1\n}\n}", strings.Repeat("a {", 500),
		"output \"x\" { value = \"${1e999999}\" }", "variable \"x\" { type = list(\n default = null }", "locals {\n\ta = [for x in range(9): x...]\n}",
	} {
		f.Add([]byte(source))
	}
	file := filepath.Join(f.TempDir(), "plan.hcl")
	f.Fuzz(func(t *testing.T, source []byte) {
		if err := os.WriteFile(file, source, 0o644); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		p, diags := Load(file, Options{Vars: []string{"users=5"}, Version: "0.1.0"})
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("loading took %s", took)
		}
		if (p == nil) != diags.HasErrors() {
			t.Fatalf("a plan %v with %v", p, diags)
		}
		for _, format := range Formats() {
			if err := diags.Write(&bytes.Buffer{}, format, true); err != nil {
				t.Fatal(err)
			}
		}
		if p != nil {
			exercise(t, p)
		}
	})
}

// exercise asks a plan for everything that it can give.
func exercise(t *testing.T, p *Plan) {
	t.Helper()
	p.CheckHost(testHost)
	p.Bounds()
	p.Outputs(Known{})
	for _, s := range p.Stages {
		if s.Vary != nil && len(s.Vary.Grid()) != s.Vary.size() && len(s.Unknown) == 0 {
			t.Errorf("%s: %d values, counted as %d", s.Address, len(s.Vary.Grid()), s.Vary.size())
		}
		p.Resolve(s.Address, Known{})
		p.Assert(s.Address, Known{}, map[string]any{"memory": 1})
	}
}
