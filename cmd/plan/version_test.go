package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A build of tests has no tag.
func TestABuildWithoutATagMeetsEveryRequires(t *testing.T) {
	if !strings.HasPrefix(version, "dev") {
		t.Fatalf("this build is version %q, not dev: it was made from a tag", version)
	}
	for _, requires := range []string{">= 99.0.0", "< 0.0.1", "= 1.2.3", ">= 0.1.0, < 0.2.0"} {
		path := filepath.Join(t.TempDir(), "plan.hcl")
		text := "plan \"old\" {\n  requires = \"" + requires + "\"\n}\n\nservice \"api\" {\n  image  = \"api:latest\"\n  expose = [\"8000\"]\n}\n\ncheck \"starts\" {\n  service = service.api\n}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		if code := execute(context.Background(), []string{"validate", "--offline", path}, environment{stdout: &stdout, stderr: &stderr}); code != 0 {
			t.Errorf("requires = %q: exit code %d\n%s%s", requires, code, &stdout, &stderr)
		}
	}
}
