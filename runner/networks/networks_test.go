package networks

import (
	"strings"
	"testing"

	"plan/plans"
)

// A service that answers only its own name answers several replicas of it too.
func TestReplicasAreAskedByTheirOwnNameOnTheRunsNetwork(t *testing.T) {
	for want, c := range map[string]struct {
		network  string
		networks []string
	}{"api": {"plan-r1", nil}, "api-r1": {"plan-r1", []string{"shop"}}, "api-r1 ": {"", nil}} { // the last: a platform without networks
		n := &Networks{Run: "r1", names: map[string]string{"": c.network}}
		if got := n.Shared(plans.Service{Name: "api", Networks: c.networks}); got != strings.TrimSpace(want) {
			t.Errorf("%q, %q: %s", c.network, c.networks, got)
		}
	}
}
