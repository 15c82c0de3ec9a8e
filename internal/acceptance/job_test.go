package acceptance

import (
	"strings"
	"testing"
)

// A job that others depend on runs once, before them and after what it needs: this
// one asks a store. Where it fails, nothing is tried.
func TestAJobRunsBeforeWhatNeedsIt(t *testing.T) {
	needEngine(t)
	t.Parallel()
	image := sample(t)
	for path, want := range map[string]struct {
		code   int
		stdout string
	}{
		"/health":  {0, "2 trials in"},
		"/nowhere": {3, "service.seed, which service.api depends on, ended: exit code 1"},
	} {
		dir := t.TempDir()
		r := run(t, dir, planArgs(t, dir, "testdata/job.hcl", "image="+image, "path="+path)...)
		if r.code != want.code || !strings.Contains(r.stdout, want.stdout) || strings.Count(r.stderr, "starting service.seed") != 1 {
			t.Errorf("%s: exit %d\n%s\n%s", path, r.code, r.stdout, r.stderr)
		}
	}
}
