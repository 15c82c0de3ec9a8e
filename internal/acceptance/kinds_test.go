package acceptance

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	searches "plan/runner/search"
)

// kindRounds is how many rounds TestKindsOfServices makes.
var kindRounds = flag.Int("kinds", 0, "how many services of each kind are drawn")

// kinds are services that get a wrong answer from who only starts them and counts
// answers. Each draws its parameters, and knows what is right.
var kinds = []struct {
	name string
	try  func(*testing.T, *rand.Rand)
}{
	{"falls silent under load", fallsSilent},
	{"needs more with each request", needsMore},
	{"gives too few samples", givesTooFewSamples},
	{"has one slow request among fast ones", hasASlowRequest},
	{"times out outside of its percentile", timesOut},
	{"has workers that load lazily", loadsLazily},
	{"needs more under a higher limit", needsMoreUnderMore},
	{"opens its port before it has loaded", opensEarly},
	{"breaks off what it took", breaksOff},
	{"answers one host alone", answersOneHost},
	{"shares memory among processes", sharesMemory},
	{"has a healthcheck that is seldom asked", isSeldomChecked},
}

// TestKindsOfServices draws services of each kind, and holds what plan says of
// each against what is right.
func TestKindsOfServices(t *testing.T) {
	if *kindRounds == 0 {
		t.Skip("a round takes some minutes: make kinds")
	}
	needEngine(t)
	t.Parallel()
	sample(t) // before all of them need it
	for round := range *kindRounds {
		for i, k := range kinds {
			t.Run(fmt.Sprintf("%s/%d", k.name, round), func(t *testing.T) {
				t.Parallel()
				t.Logf("-seed %d", *seed)
				k.try(t, rand.New(rand.NewPCG(*seed, uint64(round*len(kinds)+i))))
			})
		}
	}
}

// judge runs the stages on the sample with flags, and reads the report.
func judge(t *testing.T, flags []string, ready, scenario, stages string) (report, result) {
	t.Helper()
	return judgeImage(t, sample(t), flags, ready, scenario, stages)
}

func judgeImage(t *testing.T, image string, flags []string, ready, scenario, stages string) (report, result) {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf(`
guard {
  host_cpu_others = "100%%"
}

service "api" {
  image   = %q
  command = %s
  expose  = ["8000"]
  %s
}

scenario "users" {
  %s
}
%s`, image, texts(flags...), ready, scenario, stages)
	t.Log(text)
	file := filepath.Join(dir, "kind.hcl")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, dir, planArgs(t, dir, file)...)
	return readReport(t, dir, r), r
}

const (
	readyByPath   = `ready { path = "/health" }`
	onePrediction = `request "predict" {
    path = "/predict"
    json = { inputs = [[1]] }
  }`
)

// check is a stage under 200M, with a load and what else stands in it.
func check(name string, users int, seconds int, rest string) string {
	return fmt.Sprintf(`
check %q {
  service = service.api
  set { memory = "200M" }
  load {
    scenario   = scenario.users
    users      = %d
    spawn_rate = "100/s"
    runtime    = "%ds"
  }
  %s
}
`, name, users, seconds, rest)
}

// vary is a search for the least memory.
func vary(from, to, step int, rest string) string {
	return fmt.Sprintf(`
search "memory" {
  service = service.api
  vary "memory" {
    from = "%dM"
    to   = "%dM"
    step = "%dM"
  }
  %s
}
`, from, to, step, rest)
}

// between draws a whole number from lo to hi.
func between(random *rand.Rand, lo, hi int) int { return lo + random.IntN(hi-lo+1) }

// apart draws from lo to hi until what follows from it stands apart from the grid
// values beside it.
func apart(random *rand.Rand, lo, hi, step int, need func(int) int) int {
	for {
		if n := between(random, lo, hi); need(n)%step >= step/4 && need(n)%step <= step-step/4 {
			return n
		}
	}
}

// reasons holds the verdict of each stage's last trial.
func reasons(t *testing.T, read report, r result, code int, want ...string) {
	t.Helper()
	var got []string
	for _, s := range read.Stages {
		if len(s.Trials) > 0 {
			last := s.Trials[len(s.Trials)-1]
			got = append(got, strings.TrimSpace(last.Verdict+" "+last.reason()))
		}
	}
	if r.code != code || strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("exit %d, %q, want %d, %q\n%s", r.code, got, code, want, r.stdout)
	}
}

// fallsSilent: from one answer on nothing is answered.
func fallsSilent(t *testing.T, random *rand.Rand) {
	users, threshold := between(random, 2, 10), ""
	if random.IntN(2) == 0 {
		threshold = `threshold { p95 = "500ms" }`
	}
	after := users * between(random, 8, 35) // of some 40 for each user
	read, r := judge(t, []string{"--hang-after", strconv.Itoa(after)}, readyByPath, `think_time = "150ms"
  `+onePrediction, check("silent", users, 6, threshold))
	reasons(t, read, r, 1, "failed hung")
}

// needsMore: each prediction keeps memory.
func needsMore(t *testing.T, random *rand.Rand) {
	kept := between(random, 100, 800)
	read, r := judge(t, []string{"--kept-memory", fmt.Sprintf("%dK", kept)}, readyByPath, `think_time = "100ms"
  `+onePrediction, vary(50, 400, 50, `load {
    scenario = scenario.users
    users    = 2
    runtime  = "12s"
  }`))
	s := read.only(t)
	if r.code != 1 || s.Found != nil || !strings.Contains(r.stdout, "none: the need grows") {
		t.Errorf("exit %d, found %dM%s\n%s", r.code, s.found(), s.told(), r.stdout)
	}
}

// givesTooFewSamples: ln 0.01 / ln q answers show a percentile, and there are
// fewer.
func givesTooFewSamples(t *testing.T, random *rand.Rand) {
	percentile := []struct {
		name   string
		needed int
	}{{"p90", 44}, {"p95", 90}, {"p99", 459}, {"p999", 4603}}[random.IntN(4)]
	const seconds = 4
	asked := percentile.needed * between(random, 20, 70) / 100
	users := max(1, asked/100)
	read, r := judge(t, nil, readyByPath, fmt.Sprintf(`think_time = "%dms"
  %s`, users*seconds*1000/asked, onePrediction), check("percentile", users, seconds, fmt.Sprintf("threshold { %s = \"500ms\" }", percentile.name)))
	reasons(t, read, r, 5, "inconclusive samples")
}

// hasASlowRequest: of all requests few are slow.
func hasASlowRequest(t *testing.T, random *rand.Rand) {
	weight := between(random, 1, 3)
	read, r := judge(t, []string{"--sleep", fmt.Sprintf("%dms", between(random, 600, 2000))}, readyByPath, fmt.Sprintf(`think_time = "50ms"
  request "status" {
    path   = "/health"
    weight = %d
  }
  request "predict" {
    path   = "/predict"
    json   = { inputs = [[1]] }
    weight = %d
  }`, 100-weight, weight), check("all", 10, 8, `threshold { p90 = "500ms" }`)+check("one", 10, 8, `threshold {
    request "predict" { p90 = "500ms" }
  }`))
	reasons(t, read, r, 1, "passed", "failed latency")
}

// timesOut: some requests wait for longer than their time-out, and the
// percentile of good answers shows nothing of them.
func timesOut(t *testing.T, random *rand.Rand) {
	read, r := judge(t, []string{"--stall-rate", strconv.Itoa(between(random, 6, 9)) + "%", "--stall", "3s"}, readyByPath, `think_time = "50ms"
  timeout    = "1s"
  `+onePrediction, check("percentile", 10, 8, `threshold {
    p95        = "500ms"
    error_rate = "15%"
  }`))
	reasons(t, read, r, 0, "passed")
	if !strings.Contains(r.stdout, "P95(all)") || !strings.Contains(r.stdout, "and 1s with failed requests and timeouts included") {
		t.Errorf("what users waited is not said:\n%s", r.stdout)
	}
}

// loadsLazily: each of several processes loads with its first prediction.
func loadsLazily(t *testing.T, random *rand.Rand) {
	const step = 50
	processes := between(random, 2, 3)
	each := apart(random, 30, 80, step, func(n int) int { return processes*(n+7) + 6 })
	flags := []string{"--processes", strconv.Itoa(processes), "--first-memory", mib(each)}
	truth := leastThat(t, step, 400, step, func(limit int) string {
		return holdsWhile(t, sample(t), flags, nil, limit, func(id string) string { return askAll(t, id) })
	})
	read, r := judge(t, flags, readyByPath, `think_time = "500ms"
  `+onePrediction, vary(step, 400, step, `load {
    scenario = scenario.users
    users    = 1
    runtime  = "4s"
  }`))
	if s := read.only(t); r.code != 0 || s.found() != truth {
		t.Errorf("exit %d, found %dM, and %dM is the least for all processes%s", r.code, s.found(), truth, s.told())
	}
}

// askAll sends requests over many connections, until each process of the sample must
// have got one.
func askAll(t *testing.T, id string) string {
	t.Helper()
	if why := converse(t, id); why != "" {
		return why
	}
	base := address(t, id)
	for range 20 {
		var asked sync.WaitGroup
		for range 10 {
			asked.Go(func() {
				client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
				if answer, err := client.Post(base+"/predict", "application/json", strings.NewReader(prediction)); err == nil {
					answer.Body.Close()
				}
			})
		}
		asked.Wait()
	}
	return ""
}

// needsMoreUnderMore: from a limit on the service takes more than that, so that
// it lives below and far above. The answer's pair is true by docker run, and it
// is the least where the value in the middle below it lives.
func needsMoreUnderMore(t *testing.T, random *rand.Rand) {
	const step, top = 50, 1000
	small := apart(random, 40, 140, step, func(n int) int { return n + 8 })
	from := step * between(random, 6, 10)
	large := apart(random, from+20, from+200, step, func(n int) int { return n + 8 })
	flags := []string{"--memory", mib(small), "--large-from", mib(from), "--large-memory", mib(large)}
	strategies := searches.Strategies()
	strategy := strategies[random.IntN(len(strategies))].Name
	lives := func(limit int) bool { return holds(t, sample(t), flags, nil, limit) == "" }
	read, r := judge(t, flags, readyByPath, `think_time = "1s"
  `+onePrediction, vary(step, top, step, fmt.Sprintf("strategy = %q", strategy)))
	s := read.only(t)
	found := s.found()
	if r.code != 0 || found == 0 || !lives(found) || (found > step && lives(found-step)) {
		t.Fatalf("exit %d, found %dM, which is not what docker run says%s", r.code, found, s.told())
	}
	if found != least(t, sample(t), flags, nil, step, top, step) {
		if middle := step * (1 + found/step) / 2 / step * step; lives(middle) {
			t.Errorf("%dM is found, and in the middle below it %dM lives%s", found, middle, s.told())
		} else {
			t.Logf("%dM is found, which is not the least; nothing below it was promised", found)
		}
	}
}

// opensEarly: the kernel completes connections before anything is loaded, and
// nothing says at which path it is ready.
func opensEarly(t *testing.T, random *rand.Rand) {
	const step = 50
	memory := apart(random, 60, 300, step, func(n int) int { return n + 8 })
	delay := between(random, 1, 4)
	flags := []string{"--memory", mib(memory), "--early-port", "--start-delay", fmt.Sprintf("%ds", delay)}
	truth := least(t, sample(t), flags, nil, step, 400, step)
	read, r := judge(t, flags, "", `think_time = "1s"
  `+onePrediction, vary(step, 400, step, ""))
	s := read.only(t)
	if r.code != 0 || s.found() != truth {
		t.Errorf("exit %d, found %dM, and %dM is the least%s", r.code, s.found(), truth, s.told())
	}
	for _, one := range s.Trials {
		if ready := one.Seconds.Ready; one.Verdict == "passed" && (ready == nil || *ready < float64(delay)) {
			t.Errorf("%s was ready before it had loaded", one.ID)
		}
	}
}

// breaksOff: a share of the predictions is taken, and gets no answer.
func breaksOff(t *testing.T, random *rand.Rand) {
	lost := between(random, 2, 10)
	read, r := judge(t, []string{"--drop-rate", strconv.Itoa(lost) + "%"}, readyByPath, `think_time = "50ms"
  `+onePrediction, check("all", 5, 6, ""))
	reasons(t, read, r, 1, "failed errors")
	if j := read.only(t).Trials[0].Load.Judged; j == nil || 100*j.Failed < (lost-1)*j.Requests || 100*j.Failed > (lost+1)*j.Requests {
		t.Errorf("it loses %d %%, and the report says %+v", lost, j)
	}
}

// answersOneHost: requests to an address are refused.
func answersOneHost(t *testing.T, random *rand.Rand) {
	read, r := judge(t, []string{"--host", "api:8000"}, readyByPath, `think_time = "100ms"
  `+onePrediction, check("all", between(random, 1, 5), 3, ""))
	reasons(t, read, r, 0, "passed")
}

// sharesMemory: what it writes to /dev/shm has to fit there, and counts.
func sharesMemory(t *testing.T, random *rand.Rand) {
	const step = 50
	shared := apart(random, 70, 200, step, func(n int) int { return n + 8 })
	flags := []string{"--shared-memory", mib(shared)}
	size := mib(shared + between(random, 1, 50))
	truth := least(t, sample(t), flags, []string{"--shm-size", strings.ToLower(size)}, step, 400, step)
	scenario, stages := `think_time = "1s"
  `+onePrediction, vary(step, 400, step, "")
	read, r := judge(t, flags, fmt.Sprintf("shm_size = %q\n  ", size)+readyByPath, scenario, stages)
	s := read.only(t)
	if r.code != 0 || s.found() != truth {
		t.Errorf("exit %d, found %dM, and %dM is the least%s", r.code, s.found(), truth, s.told())
	}
	read, r = judge(t, flags, readyByPath, scenario, stages) // with 64M, as Docker gives
	if s := read.only(t); r.code != 1 || s.Found != nil || !strings.Contains(r.stdout, "The memory limit is not the cause: the service exits at every limit tried") {
		t.Errorf("exit %d, found %dM\n%s", r.code, s.found(), r.stdout)
	}
}

// isSeldomChecked: its healthcheck is due every half minute at most, and it is ready
// long before.
func isSeldomChecked(t *testing.T, random *rand.Rand) {
	interval, delay := between(random, 30, 90), between(random, 1, 4)
	image := fmt.Sprintf("%s-checked-%d:latest", here.name, random.IntN(1e6))
	build := exec.Command("docker", "build", "-q", "-t", image, "-")
	build.Env = append(os.Environ(), "DOCKER_BUILDKIT=0")
	build.Stdin = strings.NewReader(fmt.Sprintf("FROM %s\nHEALTHCHECK --interval=%ds --timeout=5s CMD [%q, %q, %q, %q, %q, %q, %q]\n",
		sample(t), interval, "/plan", "load", "http://127.0.0.1:8000/health", "--users", "1", "--runtime", "1s"))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	defer func() { _, _ = tryDocker("rmi", "-f", image) }()
	read, r := judgeImage(t, image, []string{"--start-delay", fmt.Sprintf("%ds", delay)}, "", `think_time = "100ms"
  `+onePrediction, check("checked", 1, 3, ""))
	reasons(t, read, r, 0, "passed")
	ready := read.only(t).Trials[0].Seconds.Ready
	if ready == nil || *ready < float64(delay) || *ready > float64(delay)+15 {
		t.Errorf("checked every %d s and ready after %d s, and the report says %v", interval, delay, ready)
	}
}
