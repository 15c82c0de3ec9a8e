package docker

import (
	"context"
	"errors"
	"testing"
)

// TestAnImageIsNotWaitedForAfterCtrlC: the image of another container is being built, and
// the engine hangs.
func TestAnImageIsNotWaitedForAfterCtrlC(t *testing.T) {
	x := &newFake(&fake{}).executable
	x.binary = "executable_test.go" // any file
	x.building <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.agentImage(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
