package sample

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"plan/internal/units"
)

// TestMain lets the test binary run as the service, like `plan sample`, with
// the flags after its first argument.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != "sample" {
		os.Exit(m.Run())
	}
	flags := pflag.NewFlagSet("sample", pflag.ExitOnError)
	config := Flags(flags)
	_ = flags.Parse(os.Args[2:]) // ends the process itself
	err := Serve(context.Background(), *config, os.Stdout)
	if exit, ok := errors.AsType[*Exit](err); ok {
		os.Exit(exit.Code)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(9)
	}
}

// begin starts the service as a process.
func begin(t *testing.T, flags ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	command := exec.Command(os.Args[0], append([]string{"sample", "--address", "127.0.0.1:0"}, flags...)...)
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	return command, bufio.NewReader(stdout)
}

// listening returns the base URL of a service that has just been started.
func listening(t *testing.T, stdout *bufio.Reader) string {
	t.Helper()
	line, err := stdout.ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("it said %q, %v", line, err)
	}
	return "http://" + address
}

// inProcess serves within the test.
func inProcess(t *testing.T, config Config) string {
	t.Helper()
	config.Address = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := Serve(ctx, config, w)
		w.CloseWithError(err)
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("served until %v", err)
		}
	})
	return listening(t, bufio.NewReader(r))
}

func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(text))
}

const rowsOfTwo = `{"inputs": [[5.1, 3.5, 1.4, 0.2], [1, 1]]}`

func TestRoutes(t *testing.T) {
	base := inProcess(t, Config{HealthPath: "/live"})
	for _, c := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"GET", "/live", "", 200, `{"status":"ok"}`},
		{"GET", "/health", "", 404, "404 page not found"},
		{"POST", "/predict", rowsOfTwo, 200, `{"predictions":[1,2]}`},
		{"POST", "/predict", `{"inputs": []}`, 200, `{"predictions":[]}`},
		{"POST", "/predict", "nonsense", 422, ""},
		{"GET", "/predict", "", 405, "Method Not Allowed"},
		{"GET", "/stats", "", 200, `{"requests":3,"predictions":2,"in_flight":0}`},
	} {
		status, answer := ask(t, c.method, base+c.path, c.body)
		if status != c.status || c.answer != "" && answer != c.answer {
			t.Errorf("%s %s: got %d %s", c.method, c.path, status, answer)
		}
	}
}

func TestOpenAPI(t *testing.T) {
	_, answer := ask(t, "GET", inProcess(t, Config{HealthPath: "/live"})+"/openapi.json", "")
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(answer), &document); err != nil {
		t.Fatal(err)
	}
	if document.OpenAPI != "3.1.0" || document.Paths["/live"]["get"] == nil || document.Paths["/predict"]["post"] == nil {
		t.Errorf("got %s", answer)
	}
}

func TestStatus(t *testing.T) {
	status, answer := ask(t, "POST", inProcess(t, Config{Status: 500})+"/predict", rowsOfTwo)
	if status != 500 || answer != `{"detail":"status set by --status"}` {
		t.Errorf("got %d %s", status, answer)
	}
}

// TestDrops checks that a share of the predictions is dropped after they were
// read.
func TestDrops(t *testing.T) {
	for _, c := range []struct {
		flag    string
		dropped int
	}{{"4%", 4}, {"0.25", 25}, {"100%", 100}, {"0", 0}} {
		flags := pflag.NewFlagSet("sample", pflag.ContinueOnError)
		config := Flags(flags)
		if err := flags.Parse([]string{"--drop-rate", c.flag}); err != nil {
			t.Fatal(err)
		}
		base, dropped := inProcess(t, *config), 0
		for range 100 {
			response, err := http.Post(base+"/predict", "application/json", strings.NewReader(rowsOfTwo))
			if err != nil {
				dropped++
				continue
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
		if dropped != c.dropped {
			t.Errorf("--drop-rate %s: %d of 100", c.flag, dropped)
		}
		if _, answer := ask(t, "GET", base+"/stats", ""); !strings.Contains(answer, `"requests":100,`) {
			t.Errorf("--drop-rate %s: not all came once: %s", c.flag, answer)
		}
	}
	for _, wrong := range []string{"", "%", "-1%", "101%", "1.5", "NaN", "some"} {
		if err := new(share).Set(wrong); err == nil {
			t.Errorf("%q is a share", wrong)
		}
	}
}

func TestSlotsMakeOthersWait(t *testing.T) {
	base := inProcess(t, Config{Slots: 1, Sleep: 50 * time.Millisecond})
	start := time.Now()
	var asked sync.WaitGroup
	for range 3 {
		asked.Go(func() { ask(t, "POST", base+"/predict", rowsOfTwo) })
	}
	asked.Wait()
	if took := time.Since(start); took < 150*time.Millisecond {
		t.Errorf("three predictions of 50 ms, one at a time, took %v", took)
	}
}

// TestProcessesShareThePort: each process has its own memory and counts.
func TestProcessesShareThePort(t *testing.T) {
	command, stdout := begin(t, "--processes", "2", "--memory", "20M")
	base := listening(t, stdout)
	if status, _ := ask(t, "POST", base+"/predict", rowsOfTwo); status != 200 {
		t.Fatalf("got %d", status)
	}
	counts := map[string]bool{}
	for range 1000 {
		if _, text := ask(t, "GET", base+"/stats", ""); !counts[text] {
			counts[text] = true
		}
		if len(counts) == 2 {
			break
		}
	}
	if len(counts) != 2 {
		t.Errorf("all connections lead to one process: %v", counts)
	}
	own := resident(t, command.Process.Pid, "VmRSS")
	var children []string // of each of its threads
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", command.Process.Pid))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		children = append(children, strings.Fields(string(text))...)
	}
	if len(children) != 2 {
		t.Fatalf("children: %q", children)
	}
	for _, child := range children {
		pid, _ := strconv.Atoi(child)
		if held := resident(t, pid, "VmRSS"); held < own+15*units.MiB {
			t.Errorf("the parent holds %v, a child that was told to hold 20M more %v", own, held)
		}
	}
}

func TestAHungServiceAnswersNothing(t *testing.T) {
	base := inProcess(t, Config{HangAfter: 2, HealthPath: "/health"})
	for range 2 {
		if status, _ := ask(t, "POST", base+"/predict", rowsOfTwo); status != 200 {
			t.Errorf("got %d", status)
		}
	}
	for _, path := range []string{"/health", "/stats"} {
		client := http.Client{Timeout: 100 * time.Millisecond}
		if response, err := client.Get(base + path); err == nil {
			t.Errorf("%s: got %s", path, response.Status)
		}
	}
}

// TestStalls: every fifth prediction takes longer, and no other one.
func TestStalls(t *testing.T) {
	const stall = 200 * time.Millisecond
	base := inProcess(t, Config{StallRate: 0.2, Stall: stall})
	var slow []int
	for n := range 10 {
		began := time.Now()
		ask(t, "POST", base+"/predict", rowsOfTwo)
		if time.Since(began) >= stall {
			slow = append(slow, n+1)
		}
	}
	for _, n := range []int{5, 10} {
		if !slices.Contains(slow, n) {
			t.Errorf("prediction %d did not stall; these took as long: %d", n, slow)
		}
	}
	if len(slow) > 5 { // a busy machine may hold others up
		t.Errorf("of ten predictions these stalled: %d", slow)
	}
}

// TestAnEarlyPort accepts no connection before the service is up, and the kernel
// completes it all the same.
func TestAnEarlyPort(t *testing.T) {
	const delay = 300 * time.Millisecond
	began := time.Now()
	base := inProcess(t, Config{HealthPath: "/health", EarlyPort: true, StartDelay: delay})
	connection, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	connection.Close()
	if status, _ := ask(t, "GET", base+"/health", ""); status != 200 || time.Since(began) < delay {
		t.Errorf("got %d after %v", status, time.Since(began))
	}
}

func TestOneHostAlone(t *testing.T) {
	base := inProcess(t, Config{HealthPath: "/health", Host: "api:8000"})
	for host, want := range map[string]int{"api:8000": 200, "api": 400, "": 400} {
		request, err := http.NewRequest("GET", base+"/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("Host %q: got %d, want %d", host, response.StatusCode, want)
		}
	}
}

func TestMemoryIsKept(t *testing.T) {
	command, stdout := begin(t, "--kept-memory", "2M")
	base := listening(t, stdout)
	ask(t, "POST", base+"/predict", rowsOfTwo)
	before := resident(t, command.Process.Pid, "VmRSS")
	for range 20 {
		ask(t, "POST", base+"/predict", rowsOfTwo)
	}
	if grown := resident(t, command.Process.Pid, "VmRSS") - before; grown < 38*units.MiB || grown > 60*units.MiB {
		t.Errorf("20 predictions that keep 2M each: %v more", grown)
	}
}

func TestBurnUsesThreadTime(t *testing.T) {
	var used time.Duration
	done := make(chan struct{})
	go func() {
		defer close(done)
		before := cpuTime(t)
		burn(40 * time.Millisecond)
		used = cpuTime(t) - before
	}()
	<-done
	if used < 40*time.Millisecond {
		t.Errorf("the process used %v for 40ms", used)
	}
}

func cpuTime(t *testing.T) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// resident returns a field of /proc/<pid>/status in bytes.
func resident(t *testing.T, pid int, field string) units.Bytes {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			kilobytes, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				t.Fatal(err)
			}
			return units.Bytes(kilobytes) * units.KiB
		}
	}
	t.Fatalf("no %s in %s", field, text)
	return 0
}

// bare returns the memory of the service without allocations: that of the
// runtime.
func bare(t *testing.T, field string) units.Bytes {
	t.Helper()
	command, stdout := begin(t)
	ask(t, "POST", listening(t, stdout)+"/predict", rowsOfTwo)
	return resident(t, command.Process.Pid, field)
}

// expect checks that the memory above bare equals the configured amount, to 5M.
func expect(t *testing.T, what string, got, bare, held units.Bytes) {
	t.Helper()
	if off := got - bare - held; off < -5*units.MiB || off > 5*units.MiB {
		t.Errorf("%s: %s beyond the bare %s, want %s", what, got-bare, bare, held)
	}
}

func TestMemoryIsWhatWasAskedFor(t *testing.T) {
	barePeak, bareAnonymous := bare(t, "VmHWM"), bare(t, "RssAnon")
	command, stdout := begin(t, "--memory", "60M", "--peak", "70M", "--peak-time", "1ms", "--first-memory", "40M", "--request-memory", "50M")
	base, pid := listening(t, stdout), command.Process.Pid
	expect(t, "peak at start", resident(t, pid, "VmHWM"), barePeak, 130*units.MiB)
	expect(t, "at rest", resident(t, pid, "RssAnon"), bareAnonymous, 60*units.MiB)
	for range 2 {
		ask(t, "POST", base+"/predict", rowsOfTwo)
		expect(t, "after a prediction", resident(t, pid, "RssAnon"), bareAnonymous, 100*units.MiB)
	}
	expect(t, "peak with a prediction", resident(t, pid, "VmHWM"), barePeak, 150*units.MiB)
}

func TestSharedMemory(t *testing.T) {
	dir := t.TempDir()
	const size = 200<<10 + 1
	file, err := writeShared(dir, size)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || info.Size() != size {
		t.Errorf("%v, %v", info.Size(), err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if _, err := writeShared(filepath.Join(dir, "absent"), 1); err == nil {
		t.Error("a folder that does not exist")
	}
}

func TestTheLimitDecidesWhatIsHeld(t *testing.T) {
	c := Config{Memory: 60 * units.MiB, LargeFrom: 400 * units.MiB, LargeMemory: 500 * units.MiB}
	for name, limit := range map[string]struct {
		file, text string
		want       units.Bytes
	}{
		"version 1, below":    {"memory/memory.limit_in_bytes", "419430399\n", c.Memory},
		"version 1, that":     {"memory/memory.limit_in_bytes", "419430400\n", c.LargeMemory},
		"version 1, no limit": {"memory/memory.limit_in_bytes", "9223372036854771712\n", c.LargeMemory},
		"version 2, below":    {"memory.max", "419430399\n", c.Memory},
		"version 2, that":     {"memory.max", "419430400\n", c.LargeMemory},
		"version 2, no limit": {"memory.max", "max\n", c.LargeMemory},
		"not known":           {"memory.else", "", c.LargeMemory},
	} {
		root := t.TempDir()
		if err := os.MkdirAll(filepath.Join(root, "memory"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, limit.file), []byte(limit.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := c.memorySize(root); got != limit.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := (Config{Memory: 1, LargeMemory: 2}).memorySize(t.TempDir()); got != 1 {
		t.Errorf("without large-from: %s", got)
	}
}

func TestTerminates(t *testing.T) {
	command, stdout := begin(t)
	listening(t, stdout)
	command.Process.Signal(syscall.SIGTERM)
	if err := command.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestExitCode(t *testing.T) {
	for _, code := range []int{0, 3} {
		command, stdout := begin(t, "--exit-code", strconv.Itoa(code), "--start-delay", "10ms")
		said, _ := io.ReadAll(stdout)
		command.Wait()
		if got := command.ProcessState.ExitCode(); got != code || len(said) > 0 {
			t.Errorf("got code %d, want %d; it said %q", got, code, said)
		}
	}
}

// children returns the child processes of a parent, of all its threads.
func children(t *testing.T, pid int) (pids []int) {
	t.Helper()
	threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, thread.Name()))
		if err != nil {
			continue // the thread has ended
		}
		for _, field := range bytes.Fields(text) {
			child, err := strconv.Atoi(string(field))
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, child)
		}
	}
	return pids
}

func TestWorkerKilledWhileTheParentLives(t *testing.T) {
	command, stdout := begin(t, "--worker-memory", "30M")
	base := listening(t, stdout)
	workers := children(t, command.Process.Pid)
	if len(workers) != 1 {
		t.Fatalf("workers %v", workers)
	}
	expect(t, "the worker", resident(t, workers[0], "RssAnon"), bare(t, "RssAnon"), 30*units.MiB)
	if status, _ := ask(t, "POST", base+"/predict", rowsOfTwo); status != 200 {
		t.Errorf("with a worker: %d", status)
	}
	syscall.Kill(workers[0], syscall.SIGKILL)
	deadline := time.Now().Add(5 * time.Second)
	for status := 200; status != 503; status, _ = ask(t, "POST", base+"/predict", rowsOfTwo) {
		if time.Now().After(deadline) {
			t.Fatalf("still answers %d without its worker", status)
		}
	}
	if status, _ := ask(t, "GET", base+"/health", ""); status != 200 {
		t.Errorf("health without its worker: %d", status)
	}
}

func TestWorkerGoesWithItsParent(t *testing.T) {
	command, stdout := begin(t, "--worker-memory", "1M")
	listening(t, stdout)
	workers := children(t, command.Process.Pid)
	if len(workers) != 1 {
		t.Fatalf("workers %v", workers)
	}
	command.Process.Kill()
	command.Wait()
	deadline := time.Now().Add(5 * time.Second)
	for running(workers[0]) {
		if time.Now().After(deadline) {
			t.Fatal("the worker outlives its parent")
		}
	}
}

// running returns false for a process that has ended, reaped or not.
func running(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(text, []byte(") Z "))
}

func TestFlags(t *testing.T) {
	flags := pflag.NewFlagSet("sample", pflag.ContinueOnError)
	got := Flags(flags)
	if err := flags.Parse(nil); err != nil {
		t.Fatal(err)
	}
	want := Config{Address: "0.0.0.0:8000", HealthPath: "/health", PeakTime: 500 * time.Millisecond}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Error(diff)
	}
	if err := flags.Parse([]string{"--memory=1.5G", "--exit-code=0", "--status=500"}); err != nil {
		t.Fatal(err)
	}
	if got.Memory != 1536*units.MiB || got.ExitCode == nil || *got.ExitCode != 0 || got.Status != 500 {
		t.Errorf("got %+v", got)
	}
	for _, wrong := range []string{"--memory=500", "--memory=5X", "--exit-code=-1", "--exit-code=256"} {
		if err := flags.Parse([]string{wrong}); err == nil {
			t.Errorf("%s: no error", wrong)
		}
	}
}
