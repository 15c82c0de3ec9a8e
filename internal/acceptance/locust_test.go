package acceptance

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// newLocust is the version that scripts/tools keeps in the user's cache; it is
// not the one of the system's packages.
const newLocust = "2.47.0"

// oldLocust is an image of the Locust that the system's packages brought.
func oldLocust(t *testing.T) string {
	t.Helper()
	return locustImage(t, "old", "locust.main", "pkg_resources")
}

// newestLocust is an image of Locust as pip installs it.
func newestLocust(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "plan", "locust-"+newLocust)
	if _, err := os.Stat(folder); err != nil {
		t.Fatalf("no Locust %s: scripts/tools installs it (%v)", newLocust, err)
	}
	return locustImage(t, "new", "locust.main", "--path", folder)
}

// locustImage has the command locust, and an entrypoint that is none of it.
func locustImage(t *testing.T, name string, pack ...string) string {
	t.Helper()
	pack = append([]string{"--file", "../locust/locust=usr/bin/locust"}, pack...)
	return pythonImage(t, unique(t)+"-"+name+":latest", pack, `ENTRYPOINT ["/nowhere"]`)
}

// driven is what a load by a driver showed.
type driven struct {
	Driver, Version string
	InFlight        *int64   `json:"in_flight_at_end"`
	CPUShare        *float64 `json:"cpu_share"`
	Lateness        struct{ P99 *float64 }
	Judged          struct {
		OK      int64
		OKRate  float64 `json:"ok_rate"`
		Latency struct{ P50 *float64 }
	}
	ByRequest map[string]struct {
		InFlight *int64 `json:"in_flight_at_end"`
	} `json:"by_request"`
}

// loads are those of a report's only trials, by stage.
func loads(t *testing.T, dir string) map[string]driven {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Stages []struct {
			Address string
			Trials  []struct{ Load *driven }
		}
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	found := map[string]driven{}
	for _, s := range read.Stages {
		if len(s.Trials) != 1 || s.Trials[0].Load == nil {
			t.Fatalf("%s: not one load in %s", s.Address, text)
		}
		found[s.Address] = *s.Trials[0].Load
	}
	return found
}

// TestLocustMeasuresWhatWeMeasure plays a locustfile with two tasks and wait
// times through both Locusts, and the same scenario through our engine. Other
// processes can hold up one round of measurements, not all of them; so no other
// test of this package runs beside it.
func TestLocustMeasuresWhatWeMeasure(t *testing.T) {
	needEngine(t)
	variables := []string{"image=" + sample(t), "old=" + oldLocust(t), "new=" + newestLocust(t)}
	const rounds = 3
	for round := 1; ; round++ {
		dir := t.TempDir()
		r := run(t, dir, planArgs(t, dir, "testdata/locust/compare.hcl", variables...)...)
		read := readReport(t, dir, r)
		if left := remains(t, read.Run.ID); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
		busy := strings.Contains(r.stdout, "went to neither the service nor the driver")
		apart := "a trial was held up: " + r.stdout
		if r.code == 0 {
			found := loads(t, dir)
			knowsWhatItCan(t, found["check.old"], "") // Debian's does not tell its version
			knowsWhatItCan(t, found["check.new"], newLocust)
			noise := 1.0
			if busy {
				noise = 5 // Locust is the first that lacks CPU
			}
			apart = differ(found["check.plan"], found["check.old"], noise) + differ(found["check.plan"], found["check.new"], noise)
		}
		switch {
		case apart == "":
			return
		case round == rounds && busy && r.code == 5: // and that was said
			t.Logf("in none of %d rounds was the machine free enough for all three: %s", rounds, apart)
			return
		case round == rounds:
			t.Fatalf("in none of %d rounds the same: %s", rounds, apart)
		}
		t.Log(apart)
	}
}

// differ says how far Locust's figures are from ours; "" where they are the
// same but for so many times the noise of a machine at rest. At 400 ms it rounds
// latencies to 10 ms.
func differ(ours, theirs driven, noise float64) string {
	rate, p50 := theirs.Judged.OKRate/ours.Judged.OKRate, *theirs.Judged.Latency.P50-*ours.Judged.Latency.P50
	if math.Abs(rate-1) <= 0.05*noise && math.Abs(p50) <= 0.010*noise {
		return ""
	}
	return fmt.Sprintf("Locust %s: %.1f requests/s, p50 %.3f s; ours %.1f and %.3f. ",
		theirs.Version, theirs.Judged.OKRate, *theirs.Judged.Latency.P50, ours.Judged.OKRate, *ours.Judged.Latency.P50)
}

// knowsWhatItCan: what Locust cannot know is null, what it can is there.
func knowsWhatItCan(t *testing.T, load driven, version string) {
	t.Helper()
	if load.Driver != "locust" || load.Version != version || load.CPUShare == nil || *load.CPUShare > 0.8 {
		t.Errorf("%+v", load)
	}
	predict, known := load.ByRequest["POST /predict"]
	if load.InFlight != nil || load.Lateness.P99 != nil || predict.InFlight != nil || !known || len(load.ByRequest) != 2 {
		t.Errorf("it knows what Locust cannot know, or not what it can: %+v", load)
	}
}

// TestAFullLocustIsNoJudge gives Locust more users until one process of it is
// full: it uses more than 80 % of a CPU, or would if this machine had that to
// spare. What it measures is invalid, where our engine's own trial counts.
func TestAFullLocustIsNoJudge(t *testing.T) {
	needEngine(t)
	image, locust := sample(t), oldLocust(t)
	for _, users := range []string{"200", "400", "800"} {
		dir := t.TempDir()
		r := run(t, dir, planArgs(t, dir, "testdata/locust/busy.hcl", "image="+image, "locust="+locust, "users="+users)...)
		read := readReport(t, dir, r)
		if len(read.Stages) != 2 || read.Stages[0].Verdict != "passed" {
			t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		found, full := loads(t, dir), read.Stages[1].Trials[0]
		t.Logf("%s users: %s %s; ours: %s", users, full.Verdict, full.Why, read.Stages[0].Trials[0].Why)
		invalid := full.Verdict == "invalid" && full.reason() == "generator" && r.code == 5
		if share := found["check.locust"].CPUShare; share == nil || *share > 0.8 && !invalid {
			t.Errorf("exit %d, %s %s: %s", r.code, full.Verdict, full.reason(), full.Why)
		}
		if invalid {
			return
		}
	}
	t.Error("Locust was never full")
}

// TestTheManualOfLocust checks the plan and the locustfile that the manual
// shows.
func TestTheManualOfLocust(t *testing.T) {
	manual, err := os.ReadFile("../../docs/locust.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for language, file := range map[string]string{"hcl": "plan.hcl", "python": "locustfile.py"} {
		_, after, _ := strings.Cut(string(manual), "```"+language+"\n")
		block, _, found := strings.Cut(after, "```")
		if !found {
			t.Fatalf("the manual has no block of %s", language)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(block), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if r := run(t, dir, "validate", "--offline", "plan.hcl"); r.code != 0 {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	if out, err := exec.Command("/usr/bin/python3", "-m", "py_compile", filepath.Join(dir, "locustfile.py")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestWhatIsNoLocust: neither the service nor its limits are to blame.
func TestWhatIsNoLocust(t *testing.T) {
	needEngine(t)
	t.Parallel()
	image := sample(t)
	for name, c := range map[string]struct {
		variables []string
		want      string
	}{
		"a locustfile that cannot be run": {[]string{"locust=" + oldLocust(t), "file=broken.py"}, "No module named 'no_such_module'"},
		"an image without Locust":         {[]string{"locust=" + image}, "cannot run Locust"},
	} {
		dir := t.TempDir()
		r := run(t, dir, planArgs(t, dir, "testdata/locust/alone.hcl", append(c.variables, "image="+image)...)...)
		read := readReport(t, dir, r)
		if said := read.Run.Problem + read.Run.Help; r.code != 3 || !strings.Contains(said, c.want) {
			t.Errorf("%s: exit %d, %s", name, r.code, said)
		}
		if left := remains(t, read.Run.ID); len(left) > 0 {
			t.Errorf("%s: left: %v", name, left)
		}
	}
}

// TestALoadThatWasNotMade: a locustfile that ends its load, loses users or sends nothing
// never passes, and nobody blames the service.
func TestALoadThatWasNotMade(t *testing.T) {
	needEngine(t)
	t.Parallel()
	variables := []string{"image=" + sample(t), "locust=" + newestLocust(t), "runtime=12s"}
	const overloaded = "|^Locust was overloaded: " // on a busy machine it may have been
	for file, c := range map[string]struct {
		code          int
		verdict, want string // want is a pattern
	}{
		// On a busy machine it ends the load before all users have started.
		"quits.py": {5, "invalid", "the locustfile ended the load after |it had not started all users when the load ended" + overloaded},
		"half.py":  {5, "invalid", "Locust ran only 1 of 2 users at times: the others had ended, most often by RuntimeError: no login" + overloaded},
		"none.py":  {3, "aborted", `no user sent a request: \d+ users ended by an exception, most often: AttributeError`},
	} {
		dir := t.TempDir()
		r := run(t, dir, planArgs(t, dir, "testdata/locust/alone.hcl", append(variables, "file="+file)...)...)
		read := readReport(t, dir, r)
		trial := read.only(t).Trials[0]
		if said := trial.Why + read.Run.Problem; r.code != c.code || trial.Verdict != c.verdict || !regexp.MustCompile(c.want).MatchString(said) {
			t.Errorf("%s: exit %d, %s: %s", file, r.code, trial.Verdict, said)
		}
	}
}
