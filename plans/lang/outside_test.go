package lang

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFilesOutsideOfTheFolder: a link in the plan's folder to a file elsewhere is a file elsewhere.
func TestFilesOutsideOfTheFolder(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"plan/sub", "plan2"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"secret", "plan/own", "plan/sub/own", "plan2/near", "plan/..hidden"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"plan/out": "../secret", "plan/in": "sub/own", "plan/folder": "..", "linked": "plan"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, base := range []string{"plan", "linked"} {
		p := &program{file: filepath.Join(dir, base, "plan.hcl")}
		for name, want := range map[string]bool{
			"own": false, "sub/own": false, "in": false, "..hidden": false, "../" + base + "/own": false,
			"../secret": true, "out": true, "folder/secret": true, "../plan2/near": true, "/etc/passwd": true, "none": true,
		} {
			if _, got := p.outsideOf(p.resolvePath(name)); got != want {
				t.Errorf("%s from %s: outside is %v", name, base, got)
			}
		}
	}
}
