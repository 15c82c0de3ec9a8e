package acceptance

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestFromComposeAndBack goes the whole way of somebody who has a Compose file
// with Locust in it: `plan init`, `plan run`, `plan export`, and docker-compose
// with what was exported. There the API lives at the least that was found, and
// a step below it is killed.
func TestFromComposeAndBack(t *testing.T) {
	needEngine(t)
	t.Parallel()
	w := newWorkshop(t)
	w.plan("init", "--from", "compose.yaml", "--output", "workshop.hcl")
	w.edit("workshop.hcl", // as people do who have no time for 30 s a trial
		`from = "500M"`, `from = "100M"`, `to   = "4000M"`, `to   = "600M"`,
		`runtime    = "30s"`, `runtime    = "6s"`, `runtime = "60s"`, `runtime = "12s"`, `[10, 50, 100, 250, 500, 1000]`, `[2, 5]`,
		`p95        = "500ms"`, `p50        = "500ms"`, // which so few answers can tell
	)
	w.plan("validate", "workshop.hcl")
	w.plan("run", "workshop.hcl", "--report", "json="+filepath.Join(w.dir, "report.json"))
	read := readReport(t, w.dir, result{})
	found := int(*read.Stages[0].Found.Memory / mebibyte)
	if truth := w.least(); found != truth {
		t.Errorf("plan found %dM, docker run %dM", found, truth)
	}
	w.plan("export", "--format", "compose", "--limits", "found", "--output", "override.yaml")
	w.up()
	w.lives(fmt.Sprintf("%d", found*mebibyte))
	w.edit("override.yaml", fmt.Sprintf("%dM", found), fmt.Sprintf("%dM", found-step))
	w.up()
	w.dies()
}

// workshop is a folder with the Compose file, its locustfile, the images that
// it names and the network that it joins.
type workshop struct {
	t                        *testing.T
	dir, image, network, api string
	port                     int
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	w := &workshop{t: t, dir: filepath.Join(t.TempDir(), unique(t)), image: fastAPI(t), network: network(t), api: unique(t) + "-api", port: freePort(t)}
	source := filepath.Join("..", "..", "plans", "compose", "testdata", "workshop")
	if err := os.CopyFS(w.dir, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	locust := oldLocust(t)
	docker(t, "tag", locust, filepath.Base(w.dir)+"-locust")
	t.Cleanup(func() { _, _ = tryDocker("rmi", filepath.Base(w.dir)+"-locust") })
	// Its own names, since the engine may be another's too; and the size of the model.
	w.edit("compose.yaml", "jrpenagu/fast-api-mlflow:latest", w.image, "proyecto-2_default", w.network, "api-inferencia", w.api,
		`"8000:8000"`, fmt.Sprintf("\"%d:8000\"", w.port), "    restart: \"no\"\n\n  locust", "    restart: \"no\"\n    environment:\n      - MODEL_MIB="+model+"\n\n  locust")
	t.Cleanup(func() { _, _ = tryDocker("rm", "-f", "-v", w.api) })
	return w
}

// model is the size of the API's model, in MiB.
const model = "250"

// edit replaces texts in a file of the folder, in pairs.
func (w *workshop) edit(file string, pairs ...string) {
	w.t.Helper()
	path := filepath.Join(w.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(text), pairs[i]) {
			w.t.Fatalf("%s has no %q:\n%s", file, pairs[i], text)
		}
	}
	if err := os.WriteFile(path, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// plan runs the command in the folder; it must succeed. On a machine that others
// use too, Locust may be too slow to measure anything: exit code 5, which is tried
// again.
func (w *workshop) plan(args ...string) {
	w.t.Helper()
	const tries = 5
	for try := 1; ; try++ {
		r := run(w.t, w.dir, args...)
		switch {
		case r.code == 0:
			return
		case r.code != 5 || try == tries:
			text, _ := os.ReadFile(filepath.Join(w.dir, "workshop.hcl"))
			w.t.Fatalf("plan %s: exit %d\n%s%s\n%s", strings.Join(args, " "), r.code, r.stdout, r.stderr, text)
		}
		w.t.Logf("plan %s: exit %d\n%s", strings.Join(args, " "), r.code, r.stdout)
	}
}

// least is the truth, by a ladder of plain containers.
func (w *workshop) least() int {
	w.t.Helper()
	return least(w.t, w.image, nil, []string{"-e", "MODEL_MIB=" + model}, 100, 600, step)
}

// up starts the API with what was exported.
func (w *workshop) up() {
	w.t.Helper()
	up := exec.Command("docker-compose", "-f", "compose.yaml", "-f", "override.yaml", "up", "-d", "api")
	up.Dir = w.dir
	if out, err := up.CombinedOutput(); err != nil {
		w.t.Fatalf("docker-compose up: %v (scripts/tools installs it)\n%s", err, out)
	}
}

// lives waits until the API answers, under the limit in bytes.
func (w *workshop) lives(limit string) {
	w.t.Helper()
	if got := docker(w.t, "inspect", "-f", "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}}", w.api); got != limit+" "+limit+" 500000000" {
		w.t.Errorf("docker-compose started it with %s, want %s of memory, no swap and half a CPU", got, limit)
	}
	client := http.Client{Timeout: time.Second}
	answers := func() bool {
		response, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/health", w.port))
		if err == nil {
			response.Body.Close()
		}
		return err == nil
	}
	if !eventually(20*time.Second, answers) {
		w.t.Fatalf("the API does not answer:\n%s", docker(w.t, "logs", w.api))
	}
}

// dies waits until the API was killed for memory.
func (w *workshop) dies() {
	w.t.Helper()
	state := ""
	killed := func() bool {
		state = docker(w.t, "inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}", w.api)
		return state == "exited 137 true"
	}
	if !eventually(20*time.Second, killed) {
		w.t.Fatalf("a step below the least it is not killed: %s", state)
	}
}

// freePort is a port of this machine that nobody listened on just now.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return number
}
