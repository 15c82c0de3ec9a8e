package acceptance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// needEngine skips the test where no engine answers; with CI=true it fails.
func needEngine(t *testing.T) {
	t.Helper()
	err := engineAnswers()
	switch {
	case err == nil:
		return
	case os.Getenv("CI") == "true":
		t.Fatalf("no Docker engine answers: %v", err)
	}
	t.Skipf("no Docker engine answers (make test starts one): %v", err)
}

func engineAnswers() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "docker", "version", "--format", "{{.Server.Version}}").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// docker runs the docker command and gives what it printed.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := tryDocker(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryDocker(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "docker", args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("docker %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// lines lists what a docker command prints, a line each.
func lines(t *testing.T, args ...string) []string {
	t.Helper()
	return strings.Fields(docker(t, args...))
}

// container starts a container of this test beside those of plan.
func container(t *testing.T, args ...string) string {
	t.Helper()
	id := docker(t, append([]string{"run", "-d", "--label", here.label()}, args...)...)
	t.Cleanup(func() { _, _ = tryDocker("rm", "-f", "-v", id) })
	return id
}

// network makes a network of this test.
func network(t *testing.T) string {
	t.Helper()
	name := unique(t)
	docker(t, "network", "create", "--label", here.label(), name)
	t.Cleanup(func() { _, _ = tryDocker("network", "rm", name) })
	return name
}

// sample is an image of the bundled inference service, made once for all
// tests; what it needs is told by the arguments of a container.
func sample(t *testing.T) string {
	t.Helper()
	name := here.name + "-sample:latest"
	if _, err := tryDocker("image", "inspect", name); err == nil {
		return name
	}
	if r := run(t, t.TempDir(), "sample", "image", name); r.code != 0 {
		t.Fatalf("plan sample image: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	return name
}

// ownSample is an image of the sample whose files no other image has: the answers
// of its runs are not corrected for files that other tests use.
func ownSample(t *testing.T) string {
	t.Helper()
	from, name := sample(t), unique(t)+":latest"
	script := fmt.Sprintf(`set -e -o pipefail
id=$(docker create --label %[1]s %[2]s)
docker export $id | docker import -c 'LABEL %[1]s' -c "ENTRYPOINT $(docker inspect -f '{{json .Config.Entrypoint}}' $id)" - %[3]s
docker rm $id`, here.label(), from, name)
	if out, err := exec.Command("bash", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("docker import: %v\n%s", err, out)
	}
	return name
}

// unique is a name for a thing of this test on the engine.
func unique(t *testing.T) string {
	flat := strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') {
			return r
		}
		return '-'
	}, strings.ToLower(t.Name()))
	return here.name + "-" + flat
}

// made lists what carries the label of a run of plan on the engine.
func made(t *testing.T, id string) []string {
	t.Helper()
	filter := "label=plan.run=" + id
	return append(
		lines(t, "ps", "-a", "--filter", filter, "--format", "{{.Names}}"),
		lines(t, "network", "ls", "--filter", filter, "--format", "{{.Name}}")...)
}

// running lists the containers of a run that have a role and run.
func running(t *testing.T, id, role string) []string {
	t.Helper()
	return lines(t, "ps", "-q", "--no-trunc", "--filter", "label=plan.run="+id, "--filter", "label=plan.role="+role)
}
