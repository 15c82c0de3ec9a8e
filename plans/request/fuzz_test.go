package request

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// FuzzRead reads any text as any kind: it never panics, and what it writes is HCL.
func FuzzRead(f *testing.F) {
	for _, folder := range []string{"openapi", "curl", "har", "k6"} {
		files, err := filepath.Glob("testdata/" + folder + "/*")
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		KindOf("file", content)
		for _, kind := range []Kind{OpenAPI, Curl, HAR, K6} {
			s, err := Read("file", content, kind)
			if err != nil {
				continue
			}
			for _, text := range [][]byte{s.Scenario(), s.Check("api")} {
				if _, diags := hclsyntax.ParseConfig(text, "", hcl.InitialPos); diags.HasErrors() {
					t.Errorf("%s: %v\n%s", kind, diags, text)
				}
			}
		}
	})
}
