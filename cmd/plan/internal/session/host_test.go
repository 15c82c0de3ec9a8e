package session

import (
	"context"
	"errors"
	"strings"
	"testing"

	"plan/cmd/plan/internal/platform"
	"plan/containers/owner"
	"plan/internal/printable"
	"plan/plans"
)

// hostile are labels that anyone can give to a container.
var hostile = owner.Leftover{
	Run: "r\x1b]0;x\a", Lock: "/x\x1b[2J", Host: "m\u202e/1 b", Resources: []string{"container c\x1b[31m\r"},
}

// occupied is an engine that others use, and that refuses to be cleaned.
type occupied struct{ platform.Platform }

func (occupied) CleanRuns(context.Context, ...string) ([]owner.Leftover, error) {
	return []owner.Leftover{hostile}, errors.New("the engine answers \x1b[2J")
}

func (occupied) Others(context.Context) ([]owner.Leftover, error) {
	alive, elsewhere := hostile, hostile
	alive.Life, elsewhere.Life = owner.Alive, owner.Unknown
	return []owner.Leftover{alive, elsewhere}, errors.New("no more")
}

// TestNothingForeignReachesATerminalRaw: labels of containers and texts of the engine have no escapes when they are
// printed.
func TestNothingForeignReachesATerminalRaw(t *testing.T) {
	var b strings.Builder
	_, _, err := readyEngine(t.Context(), &plans.Plan{}, occupied{}, Options{Stderr: &b})
	if err == nil || err.Error() != "no more" {
		t.Fatal(err)
	}
	others, _ := occupied{}.Others(t.Context())
	for _, other := range others {
		b.WriteString(otherRun(other) + "\n")
	}
	got := b.String()
	for _, part := range []string{"removed: container c", "could not be removed: the engine answers", "the run r", "of the machine m"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in %q", part, got)
		}
	}
	if printable.Text(got) != got {
		t.Errorf("%q", got)
	}
}
