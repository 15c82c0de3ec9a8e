package acceptance

import (
	"bytes"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
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
		events := exec.Command("docker", "events", "--since", strconv.FormatInt(time.Now().Unix(), 10),
			"--filter", "label=plan.service=seed", "--filter", "event=start", "--format", `{{index .Actor.Attributes "plan.run"}}`)
		var starts bytes.Buffer
		events.Stdout = &starts
		if err := events.Start(); err != nil {
			t.Fatal(err)
		}
		p := start(t, dir, nil, planArgs(t, dir, "testdata/job.hcl", "image="+image, "path="+path)...)
		r := p.wait()
		_ = events.Process.Kill()
		_ = events.Wait()
		n := strings.Count(starts.String(), p.id())
		if r.code != want.code || !strings.Contains(r.stdout, want.stdout) || n != 1 {
			t.Errorf("%s: exit %d, %d starts of the job\n%s\n%s", path, r.code, n, r.stdout, r.stderr)
		}
	}
}
