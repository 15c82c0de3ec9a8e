package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInitAsksTheAPI starts a real FastAPI application once, and writes the request that
// its OpenAPI document names. Nothing is left on the engine.
func TestInitAsksTheAPI(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "compose.yaml"), "services:\n  api:\n    image: "+fastAPI(t)+"\n    ports: [\"8000\"]\n    environment:\n      MODEL_MIB: \"20\"\n")
	r := run(t, dir, "init", "--probe")
	plan, err := os.ReadFile(filepath.Join(dir, "plan.hcl"))
	if r.code != 0 || err != nil || !strings.Contains(r.stderr, "starting service.api") {
		t.Fatalf("exit %d, %v\n%s%s", r.code, err, r.stdout, r.stderr)
	}
	for _, want := range []string{"the requests of /openapi.json", `path = "/predict"`, "guessed    = true", `# request "health" {`} {
		if !strings.Contains(string(plan), want) {
			t.Errorf("%q is not in\n%s", want, plan)
		}
	}
	left, err := tryDocker("ps", "--all", "--quiet", "--filter", "ancestor="+fastAPI(t))
	if err != nil || strings.TrimSpace(left) != "" {
		t.Errorf("left: %s, %v", left, err)
	}
	if r := run(t, dir, "validate", "--offline", "plan.hcl"); r.code != 0 {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}

// TestAnImageIsBuilt builds an image with the engine's builder and runs it; one whose
// Dockerfile fails ends the run with exit code 3.
func TestAnImageIsBuilt(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir, name := t.TempDir(), unique(t)+":latest"
	t.Cleanup(func() { _, _ = tryDocker("rmi", "-f", name) })
	write(t, filepath.Join(dir, "plan.hcl"), `
guard {
  host_cpu_others = "100%"
}

image "api" {
  source = "`+name+`"
  pull   = "never"

  build {
    context = "."
    args    = { KIND = "built" }
  }
}

service "api" {
  image   = image.api
  command = ["--memory", "20M"]
  expose  = ["8000"]

  limits {
    memory = "200M"
  }

  ready {
    path = "/health"
  }
}

check "starts" {
  service = service.api
}
`)
	// The image of the sample has no shell: a Dockerfile on it can only copy and label.
	write(t, filepath.Join(dir, "Dockerfile"), "FROM "+sample(t)+"\nARG KIND\nLABEL kind=$KIND\nCOPY . /context/\n")
	write(t, filepath.Join(dir, ".dockerignore"), "secret.txt\n")
	write(t, filepath.Join(dir, "secret.txt"), "hunter22")
	if r := run(t, dir, "run", "plan.hcl"); r.code != 3 || !strings.Contains(r.stderr, "plan run --build") {
		t.Errorf("without --build: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if r := run(t, dir, "run", "--build", "plan.hcl"); r.code != 0 || !strings.Contains(r.stderr, "COPY . /context/") {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	kind, err := tryDocker("image", "inspect", "--format", "{{.Config.Labels.kind}}", name)
	if err != nil || strings.TrimSpace(kind) != "built" {
		t.Errorf("its label is %q, %v", kind, err)
	}
	write(t, filepath.Join(dir, "Dockerfile"), "FROM "+sample(t)+"\nCOPY secret.txt /\n")
	if r := run(t, dir, "run", "--build", "plan.hcl"); r.code != 3 || !strings.Contains(r.stderr, "the builder stopped") {
		t.Errorf("of a Dockerfile that fails: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
}
