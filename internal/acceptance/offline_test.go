package acceptance

import (
	"testing"
	"time"
)

// TestValidateIsQuick: a person who types does not wait for the checks of a
// file. They take a few times what it takes to start the command at all, by the
// quickest of many runs of either: what else the machine does only adds to them.
func TestValidateIsQuick(t *testing.T) {
	const most, runs = 5, 25
	quickest := func(best time.Duration, args ...string) time.Duration {
		r := run(t, t.TempDir(), args...)
		if r.code != 0 {
			t.Fatalf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
		}
		return min(best, r.took)
	}
	validate := []string{"validate", "--offline", absolute(t, "../../plans/minimal-resources.hcl")}
	started, validated := time.Hour, time.Hour
	for range runs {
		started = quickest(started, "version")
		validated = quickest(validated, validate...)
	}
	t.Logf("plan validate --offline plans/minimal-resources.hcl: %s, plan version: %s", validated, started)
	if validated > most*started {
		t.Errorf("plan validate --offline takes %s, more than %d times the %s of plan version", validated, most, started)
	}
}
