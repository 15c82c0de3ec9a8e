package acceptance

import (
	"os"
	"os/exec"
	"testing"
)

// fastAPI makes an image of a real FastAPI application under uvicorn, with the
// Python and the packages of this machine.
func fastAPI(t *testing.T) string {
	t.Helper()
	name := unique(t) + ":latest"
	pack := exec.Command("/usr/bin/python3", "pack.py", "app.py")
	pack.Dir = "testdata/fastapi"
	pack.Stderr = os.Stderr
	archive, err := pack.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	load := exec.Command("docker", "import",
		"-c", "LABEL "+here.label(), "-c", "WORKDIR /app", "-c", "EXPOSE 8000",
		"-c", `CMD ["python3", "-m", "uvicorn", "app:app", "--host", "0.0.0.0", "--loop", "asyncio", "--http", "h11", "--ws", "none"]`,
		"-", name)
	load.Stdin = archive
	if err := pack.Start(); err != nil {
		t.Fatalf("no /usr/bin/python3: scripts/tools installs it (%v)", err)
	}
	out, loading := load.CombinedOutput()
	if err := pack.Wait(); err != nil {
		t.Fatalf("the application could not be packed: %v (scripts/tools installs FastAPI and uvicorn)", err)
	}
	if loading != nil {
		t.Fatalf("docker import: %v\n%s", loading, out)
	}
	t.Cleanup(func() { _, _ = tryDocker("rmi", "-f", name) })
	return name
}
