package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A run writes to a copy of a volume that exists, and leaves the volume as it was.
// Helpers keep their state from trial to trial, unless they are restarted with their
// volumes. Values of a file of variables reach the containers, and nothing else.
func TestVolumesAndVariablesOfFiles(t *testing.T) {
	needEngine(t)
	t.Parallel()
	image := pythonImage(t, unique(t)+":latest", []string{"http.server"})
	volume := unique(t)
	docker(t, "volume", "create", "--label", here.label(), volume)
	t.Cleanup(func() { _, _ = tryDocker("volume", "rm", volume) })
	in := func(script string) string {
		return docker(t, "run", "--rm", "--label", here.label(), "-v", volume+":/data", image, "/usr/bin/python3", "-c", script)
	}
	in(`import os; open("/data/model", "w").write("known"); os.chown("/data/model", 1234, 1234)`)
	source, err := os.ReadFile("testdata/volumes.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for restart, want := range map[string]int{"true": 0, "false": 1} {
		t.Run("restart_helpers="+restart, func(t *testing.T) {
			dir := t.TempDir()
			plan := filepath.Join(dir, "plan.hcl")
			write(t, plan, string(source))
			write(t, filepath.Join(dir, ".env"), "TOKEN="+secretKey+"\n")
			r := run(t, dir, planArgs(t, dir, plan, "image="+image, "volume="+volume, "restart="+restart)...)
			if r.code != want || !strings.Contains(r.stderr, "the volume "+volume+" is copied for the run") {
				t.Errorf("exit %d\n%s\n%s", r.code, r.stdout, r.stderr)
			}
			seen := []place{{"standard output", r.stdout}, {"standard error", r.stderr}}
			masked := false
			for _, where := range append(seen, files(t, dir)...) {
				if filepath.Base(where.name) == ".env" {
					continue
				}
				masked = masked || strings.Contains(where.text, "ready 1 1234 ***")
				if where.holds(secretKey) {
					t.Errorf("%s holds the token:\n%s", where.name, where.text)
				}
			}
			if want == 1 && !masked {
				t.Error("the service did not print its token, so this shows nothing of its log")
			}
		})
	}
	if left := in(`import os; print(sorted(os.listdir("/data")))`); left != "['model']" {
		t.Errorf("the volume holds %s", left)
	}
	if left := docker(t, "volume", "ls", "-q", "--filter", "label=plan.role=volume", "--filter", "name="+volume); left != "" {
		t.Errorf("left: %s", left)
	}
}
