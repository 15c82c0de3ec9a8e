package acceptance

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// prediction is the body that the sample and the FastAPI application take.
const prediction = `{"inputs": [[5.1, 3.5, 1.4, 0.2]]}`

// least finds the least limit in MiB, from lo by steps up to hi, at which a
// service starts and answers one prediction without a kill. It does what a
// person does by hand: plain docker run with options, image and arguments, one
// limit after the other.
func least(t *testing.T, image string, args, options []string, lo, hi, step int) int {
	t.Helper()
	return leastThat(t, lo, hi, step, func(limit int) string { return holds(t, image, args, options, limit) })
}

// leastThat is the least limit in MiB, from lo by steps up to hi, that is enough:
// why says why one is not.
func leastThat(t *testing.T, lo, hi, step int, why func(int) string) int {
	t.Helper()
	for limit := lo; limit <= hi; limit += step {
		if why := why(limit); why == "" {
			t.Logf("docker run: %dM is the least", limit)
			return limit
		} else if limit+step > hi {
			t.Logf("docker run at %dM: %s", limit, why)
		}
	}
	t.Fatalf("docker run: no limit from %dM to %dM was enough", lo, hi)
	return 0
}

// holds runs one container at a limit; it gives why that was not enough, ""
// when it was.
func holds(t *testing.T, image string, args, options []string, limit int) string {
	t.Helper()
	return holdsWhile(t, image, args, options, limit, func(id string) string { return converse(t, id) })
}

// holdsWhile does the same with requests of one's own: ask gives why they were not
// answered, "" when they were.
func holdsWhile(t *testing.T, image string, args, options []string, limit int, ask func(id string) string) string {
	t.Helper()
	memory := fmt.Sprintf("%dm", limit)
	since := time.Now().Unix()
	id := container(t, slices.Concat([]string{"-m", memory, "--memory-swap", memory}, options, []string{image}, args)...)
	defer func() { _, _ = tryDocker("rm", "-f", "-v", id) }()
	why := ask(id)
	if why == "" {
		// A kill that the prediction caused may be told a moment later.
		if eventually(time.Second, func() bool { return end(t, id) != "" }) {
			why = end(t, id)
		}
	}
	if kills := oomEvents(t, id, since); why == "" && kills > 0 {
		why = fmt.Sprintf("%d processes killed for memory", kills)
	}
	return why
}

// converse waits until the service is ready and sends one prediction.
func converse(t *testing.T, id string) string {
	t.Helper()
	why := "not ready within a minute"
	eventually(time.Minute, func() bool {
		if ended := end(t, id); ended != "" {
			why = ended
			return true
		}
		if get(t, id, "/health") == http.StatusOK {
			why = ""
			return true
		}
		return false
	})
	if why != "" {
		return why
	}
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Post(address(t, id)+"/predict", "application/json", strings.NewReader(prediction))
	if err != nil {
		return "prediction: " + err.Error()
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "prediction: " + answer.Status
	}
	return ""
}

// get asks a container over the bridge; 0 when it does not answer.
func get(t *testing.T, id, path string) int {
	t.Helper()
	client := http.Client{Timeout: time.Second}
	answer, err := client.Get(address(t, id) + path)
	if err != nil {
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

func address(t *testing.T, id string) string {
	t.Helper()
	ip := docker(t, "inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id)
	return "http://" + ip + ":8000"
}

// end says how a container ended, "" while it runs.
func end(t *testing.T, id string) string {
	t.Helper()
	state := docker(t, "inspect", "-f", "{{.State.Running}} {{.State.ExitCode}} {{.State.OOMKilled}}", id)
	var up, oom bool
	var code int
	if _, err := fmt.Sscan(state, &up, &code, &oom); err != nil {
		t.Fatalf("docker inspect printed %q: %v", state, err)
	}
	if up {
		return ""
	}
	return fmt.Sprintf("exit code %d, out of memory %v", code, oom)
}

// oomEvents counts the engine's out-of-memory events of a container. They are
// the only trace of a worker that was killed while its parent lives.
func oomEvents(t *testing.T, id string, since int64) int {
	t.Helper()
	return len(lines(t, "events", "--since", strconv.FormatInt(since, 10), "--until", strconv.FormatInt(time.Now().Unix()+1, 10),
		"--filter", "container="+id, "--filter", "event=oom", "--format", "{{.Action}}"))
}
