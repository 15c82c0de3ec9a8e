package peers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said returns a generator's figures in ms; negative ones are missing.
func reported(p50, p99, p999, most float64, errors, dropped int64) Reported {
	at := func(ms float64) *float64 {
		if ms < 0 {
			return nil
		}
		return new(ms / 1e3)
	}
	count := func(n int64) *int64 {
		if n < 0 {
			return nil
		}
		return &n
	}
	return Reported{P50: at(p50), P99: at(p99), P999: at(p999), Max: at(most), Errors: count(errors), Dropped: count(dropped)}
}

// Output of the generators: of a load without failures, of one in which every
// fourth response was a 503 (mixed), and of one at a closed port.
func TestRead(t *testing.T) {
	want := map[string]Reported{
		"plan-mixed":   reported(42.143, 48.191, 50.175, 50.175, 24, 0),
		"wrk":          reported(0.342, 6.869, 12.247, 14.358, 0, -1),
		"wrk-mixed":    reported(43.981, 51.958, 51.958, 51.958, 23, -1),
		"ab":           reported(1, 1, -1, 7, 0, -1),
		"ab-mixed":     reported(44, 49, -1, 49, 24, -1),
		"ab-closed":    reported(0, 0, -1, 0, 75, -1),
		"hey":          reported(2.8, 13.6, -1, 31.9, 0, -1),
		"hey-mixed":    reported(1.2, -1, -1, 45.2, 20, -1),
		"hey-closed":   reported(-1, -1, -1, 0, 20, -1),
		"vegeta":       reported(0.924167, 4.448659, -1, 15.312337, 0, -1),
		"vegeta-mixed": reported(42.751434, 48.783914, -1, 48.836603, 25, -1),
		"fortio":       reported(0.6355832804140722, 1.958940639029641, 2.7122044198895786, 7.099276, 0, -1),
		"fortio-mixed": reported(1.7619047619047618, 47.664978, 48.0647247, 48.109141, 25, -1),
		"k6":           reported(5.126973, 18.409449119999994, 22.876369174000013, 27.108055, 0, 0),
		"k6-mixed":     reported(43.530398000000005, 48.01082385, 48.193868685, 48.214207, 15, 39),
		"locust":       reported(3, 17, 38, 41, 0, -1),
		"locust-mixed": reported(44, 48, 48, 48.13295200074208, 21, -1),
	}
	files, err := filepath.Glob("testdata/*.out")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(want) {
		t.Errorf("%d captured outputs, %d of them known", len(files), len(want))
	}
	for name, want := range want {
		text, err := os.ReadFile("testdata/" + name + ".out")
		if err != nil {
			t.Fatal(err)
		}
		peer, _, _ := strings.Cut(name, "-")
		got, err := reader(t, peer)(string(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(close)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func close(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

func reader(t *testing.T, name string) func(string) (Reported, error) {
	for _, p := range All("bin/plan") {
		if strings.HasPrefix(p.Name, name) {
			return p.Read
		}
	}
	t.Fatalf("no peer %q", name)
	return nil
}

func TestWhatIsNoResultIsNotRead(t *testing.T) {
	for _, p := range All("bin/plan") {
		for _, text := range []string{"", "usage: x\n", "unable to connect\n{"} {
			if said, err := p.Read(text); err == nil {
				t.Errorf("%s: %q is read as %+v", p.Name, text, said)
			}
		}
	}
	if _, err := readPlan(`{"second":0,"latency_ok":{}}`); err == nil {
		t.Error("a line without its counts is read as a load")
	}
}
