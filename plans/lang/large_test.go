package lang

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLargePlansAreRefused before they are parsed: the bound of time and memory that a plan may take is measured for
// plans up to this size.
func TestLargePlansAreRefused(t *testing.T) {
	padded := func(text string, size int) string { return text + "#" + strings.Repeat("x", size-len(text)-2) + "\n" }
	for _, c := range []struct {
		size    int
		refused bool
	}{{256 << 10, false}, {256<<10 + 1, true}} {
		_, all := loadText(t, padded(smallPlan, c.size))
		if got := strings.Contains(all, "the file has more than 262144 bytes"); got != c.refused {
			t.Errorf("a plan of %d bytes: %.300q", c.size, all)
		}
		dir := t.TempDir()
		for name, text := range map[string]string{
			"plan.hcl": smallPlan + "variable \"x\" { type = string }\n", "values.hcl": padded("x = \"1\"\n", c.size),
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, diags := Load(filepath.Join(dir, "plan.hcl"), Options{VarFiles: []string{filepath.Join(dir, "values.hcl")}})
		if got := strings.Contains(diags.Error(), "the file has more than 262144 bytes"); got != c.refused {
			t.Errorf("a file of variables of %d bytes: %.300q", c.size, diags.Error())
		}
	}
}
