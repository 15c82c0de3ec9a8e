package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shopLoad is what these tests read of a trial and its load.
type shopLoad struct {
	Address   string // of the stage
	Container string // the service's id
	Arrivals  float64
	Staged    bool
	Requests  int64
	OK        int64
	Failed    int64
	InFlight  int64
	Seconds   float64
	Ended     string
	From      float64          // when it began to be judged
	Sent      map[string]int64 // by name
}

// shopLoads are the loads of a report, one for each stage.
func shopLoads(t *testing.T, dir string) []shopLoad {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Stages []struct {
			Address string
			Trials  []struct {
				Arrivals  float64 `json:"arrival_rate"`
				Staged    bool
				Instances []struct{ ID string }
				Load      struct {
					Requests, OK, Failed int64
					InFlight             int64 `json:"in_flight_at_end"`
					Seconds              float64
					Ended                string
					Judged               struct{ From float64 }
					ByRequest            map[string]struct{ Requests int64 } `json:"by_request"`
				}
			}
		}
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	var loads []shopLoad
	for _, s := range read.Stages {
		trial := s.Trials[0]
		l := trial.Load
		load := shopLoad{s.Address, trial.Instances[0].ID, trial.Arrivals, trial.Staged, l.Requests, l.OK, l.Failed, l.InFlight, l.Seconds, l.Ended, l.Judged.From, map[string]int64{}}
		for name, n := range l.ByRequest {
			load.Sent[name] = n.Requests
		}
		loads = append(loads, load)
	}
	return loads
}

// shopLog is what the service of one trial was asked.
type shopLog struct {
	asked map[string]int64 // by name of the request
	items map[string]int   // by id
	users map[string]bool
	bad   []string
}

// shopNames are the plan's names of what the service calls by its paths.
var shopNames = map[string]string{
	"POST /login": "login", "GET /items/{id}": "item", "POST /predict": "predict", "POST /order": "order", "POST /picture": "picture", "GET /slow": "slow",
}

func shopLogOf(t *testing.T, dir, container string) shopLog {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "asked.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	log := shopLog{asked: map[string]int64{}, items: map[string]int{}, users: map[string]bool{}}
	for line := range strings.Lines(string(text)) {
		var a struct {
			Container, Path, ID, User string
			Status                    int
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if !strings.HasPrefix(container, a.Container) {
			continue
		}
		log.asked[shopNames[a.Path]]++
		if a.Status != 200 {
			log.bad = append(log.bad, line)
		}
		if a.ID != "" {
			log.items[a.ID]++
		}
		if a.User != "" {
			log.users[a.User] = true
		}
	}
	return log
}

// shop is a folder with a plan, what it needs, and an image of its service.
func shop(t *testing.T, plan string) (dir string, args []string) {
	t.Helper()
	dir = t.TempDir()
	table := func(head, row string, n int) []byte {
		text := head + "\n"
		for i := range n {
			text += strings.ReplaceAll(row, "#", fmt.Sprint(i)) + "\n"
		}
		return []byte(text)
	}
	source, err := os.ReadFile(filepath.Join("testdata", "shop", plan))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		plan: source, "picture.png": bytes.Repeat([]byte{0, 0xff, '\n'}, 100),
		"users.csv": table("name,password", `user #,of user #`, 30), "items.csv": table("id", "item #/ä", 3000), "few.csv": table("id", "few #", 40),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, planArgs(t, dir, filepath.Join(dir, plan), "image="+shopImage(t, dir), "log="+dir)
}

// shopImage builds the service of testdata/shop.
func shopImage(t *testing.T, dir string) string {
	t.Helper()
	name := unique(t)
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(dir, "shop"), "./testdata/shop")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the service does not build: %v\n%s", err, out)
	}
	script := fmt.Sprintf("tar -C %q -c shop | docker import -c 'LABEL %s' -c 'ENTRYPOINT [\"/shop\"]' - %s", dir, here.label(), name)
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		t.Fatalf("docker import: %v\n%s", err, out)
	}
	t.Cleanup(func() { _, _ = tryDocker("rmi", "-f", name) })
	return name
}

// TestAllThatALoadCanConsistOf holds what a report tells of arrivals, stages,
// feeds, logins, forms, files and checks against the log of the service.
func TestAllThatALoadCanConsistOf(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir, args := shop(t, "shop.hcl")
	r := run(t, dir, args...)
	read := readReport(t, dir, r)
	for _, s := range read.Stages {
		t.Logf("%s: %s%s", s.Address, s.Verdict, s.told())
	}
	if r.code != 0 || len(read.Stages) != 3 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	loads := shopLoads(t, dir)
	for _, l := range loads {
		l.agrees(t, shopLogOf(t, dir, l.Container))
	}
	arrivals, stages, spent := loads[0], loads[1], loads[2]
	if arrivals.Arrivals != 60 || arrivals.From < 2 || arrivals.Seconds != 8 || arrivals.Sent["picture"] == 0 {
		t.Errorf("arrivals: %+v", arrivals)
	}
	if !stages.Staged || stages.Seconds != 7 || stages.Sent["login"] != 10 {
		t.Errorf("stages: %+v", stages)
	}
	if log := shopLogOf(t, dir, spent.Container); !strings.Contains(spent.Ended, `"few" was used up`) || spent.Seconds > 30 || len(log.items) != 40 {
		t.Errorf("spent: %d of 40 rows; %+v", len(log.items), spent)
	}
	for _, want := range []string{"check.arrivals: whether service.shop holds 60 arrivals/s", "│ ≤10", "By request, over the whole load:", `the load ended early, after `} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in\n%s", want, r.stdout)
		}
	}
}

// TestLoadsOfTwoAgents holds the same against the log if two agents divide each load:
// together they send what one would, and each row once.
func TestLoadsOfTwoAgents(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir, args := shop(t, "shop.hcl")
	file := filepath.Join(dir, "shop.hcl")
	plan, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(plan, []byte("  load {\n"), []byte("  load {\n    agents = 2\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	r := run(t, dir, args...)
	if r.code != 0 {
		t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	loads := shopLoads(t, dir)
	for _, l := range loads {
		l.agrees(t, shopLogOf(t, dir, l.Container))
	}
	stages, spent := loads[1], loads[2]
	if stages.Seconds != 7 || stages.Sent["login"] != 10 {
		t.Errorf("stages: %+v", stages)
	}
	if log := shopLogOf(t, dir, spent.Container); !strings.Contains(spent.Ended, `"few" was used up`) || len(log.items) != 40 {
		t.Errorf("spent: %d of 40 rows; %+v", len(log.items), spent)
	}
}

// agrees says whether a load and the service's log tell the same. One that was
// in flight when the load ended may not have come to it.
func (l shopLoad) agrees(t *testing.T, log shopLog) {
	t.Helper()
	var asked int64
	for name, sent := range l.Sent {
		came := log.asked[name] - aroundLoads(name)
		asked += came
		if came > sent || came < sent-l.InFlight {
			t.Errorf("%s: %d times %q, and %d in the service's log; %d in flight", l.Address, sent, name, came, l.InFlight)
		}
	}
	if l.Requests != l.OK+l.Failed+l.InFlight || asked < l.OK || asked > l.Requests || l.OK < 30 {
		t.Errorf("%s: %+v; the service was asked %d times", l.Address, l, asked)
	}
	if len(log.bad) > 0 || l.Failed > 0 {
		t.Errorf("%s: %d failed, the service refused %v", l.Address, l.Failed, log.bad)
	}
	if users := int64(len(log.users)); users != l.Sent["login"] { // the first one was asked for before the load, too
		t.Errorf("%s: %d users, and %d logins", l.Address, users, l.Sent["login"])
	}
	for id, n := range log.items {
		if first := strings.HasPrefix(id, "item 0/") || id == "few 0"; n != 1 && !(first && n == 2) { // its first row goes around the load
			t.Errorf("%s: %q was asked for %d times", l.Address, id, n)
		}
	}
	t.Logf("%s: %d requests in %v s, %d in flight, %d in the service's log", l.Address, l.Requests, l.Seconds, l.InFlight, asked)
}

// aroundLoads is how often a request is sent besides the load's: before it, and
// after it unless users begin with it.
func aroundLoads(name string) int64 {
	if name == "login" {
		return 1
	}
	return 2
}

// TestAGeneratorThatIsTheLimit: one user cannot make as many requests as are
// to arrive, which says nothing of the service.
func TestAGeneratorThatIsTheLimit(t *testing.T) {
	needEngine(t)
	t.Parallel()
	dir, args := shop(t, "slow.hcl")
	r := run(t, dir, args...)
	one := readReport(t, dir, r).only(t).Trials[0]
	if r.code != 5 || one.Verdict != "invalid" || one.reason() != "generator" || !strings.Contains(one.Why, "of 200 arrivals were sent") {
		t.Errorf("exit %d, %s by %s: %s\n%s", r.code, one.Verdict, one.reason(), one.Why, r.stderr)
	}
	l := shopLoads(t, dir)[0]
	log := shopLogOf(t, dir, l.Container)
	if came := log.asked["slow"] - aroundLoads("slow"); came < l.OK || came > l.Requests || l.Requests > 41 || l.Failed > 0 {
		t.Errorf("%+v; the service was asked %d times", l, came)
	}
}
