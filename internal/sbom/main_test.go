package main

import (
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrite(t *testing.T) {
	var b strings.Builder
	err := write(&b, &debug.BuildInfo{
		GoVersion: "go1.26.1", Main: debug.Module{Path: "plan", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "example.org/a", Version: "v1.2.3"},
			{Path: "example.org/b", Version: "v0.1.0", Replace: &debug.Module{Path: "example.org/fork", Version: "v0.1.1"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got document
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	want := document{
		Format: "CycloneDX", Spec: "1.5", Version: 1,
		Metadata: metadata{component{Type: "application", Name: "plan", Version: "(devel)"}},
		Components: []component{
			{Type: "library", Name: "std", Version: "1.26.1", PURL: "pkg:golang/std@1.26.1"},
			{Type: "library", Name: "example.org/a", Version: "v1.2.3", PURL: "pkg:golang/example.org/a@v1.2.3"},
			{Type: "library", Name: "example.org/fork", Version: "v0.1.1", PURL: "pkg:golang/example.org/fork@v0.1.1"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
