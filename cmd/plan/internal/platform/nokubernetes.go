//go:build !kubernetes

package platform

import (
	"context"

	"plan/containers"
	"plan/plans"
)

// onCluster is for builds with the tag kubernetes: its client makes the command half as
// large again, and so each process of the agent and of the bundled sample.
func onCluster(context.Context, *plans.Platform, Run) (Platform, error) {
	return nil, &containers.Error{
		Kind: containers.Other, Summary: "this build of plan does not support Kubernetes",
		Help: "build one that does: make build tags=kubernetes",
	}
}
