package session

import (
	"context"
	"os"
	"path/filepath"

	"plan/cmd/plan/internal/platform"
	"plan/internal/host"
	"plan/internal/lock"
	"plan/plans"
)

// Visit opens a session that keeps no journal, and no folder after it: its services are
// started once, and asked.
func Visit(ctx context.Context, plan *plans.Plan, o Options) (_ *Session, err error) {
	s := &Session{ID: newID(), version: o.Version}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.folder, err = os.MkdirTemp("", "plan-probe-"); err != nil {
		return nil, err
	}
	lockPath := filepath.Join(s.folder, "lock")
	s.Engine, err = platform.New(ctx, plan.Platform, platform.Run{ID: s.ID, Lock: lockPath, Secrets: plan.Secrets})
	if err != nil {
		return nil, err
	}
	o.Connected(s.Engine)
	if s.host, _, err = readyEngine(ctx, plan, s.Engine, o); err != nil {
		return nil, err
	}
	if s.lock, err = lock.Take(lockPath); err != nil {
		return nil, err
	}
	s.figures, err = host.NewReader()
	return s, err
}
