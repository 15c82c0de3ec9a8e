package acceptance

import (
	"os"
	"os/exec"
	"testing"
)

// pythonImage makes an image of the Python of this machine with some packages:
// pack are the arguments of testdata/python/pack.py, changes are lines of a
// Dockerfile.
func pythonImage(t *testing.T, name string, pack []string, changes ...string) string {
	t.Helper()
	packing := exec.Command("/usr/bin/python3", append([]string{"pack.py"}, pack...)...)
	packing.Dir = "testdata/python"
	packing.Stderr = os.Stderr
	archive, err := packing.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"import", "-c", "LABEL " + here.label()}
	for _, change := range changes {
		args = append(args, "-c", change)
	}
	load := exec.Command("docker", append(args, "-", name)...)
	load.Stdin = archive
	if err := packing.Start(); err != nil {
		t.Fatalf("no /usr/bin/python3: scripts/tools installs it (%v)", err)
	}
	out, loading := load.CombinedOutput()
	if err := packing.Wait(); err != nil {
		t.Fatalf("the packages could not be packed: %v (scripts/tools installs them)", err)
	}
	if loading != nil {
		t.Fatalf("docker import: %v\n%s", loading, out)
	}
	t.Cleanup(func() { _, _ = tryDocker("rmi", "-f", name) })
	return name
}
