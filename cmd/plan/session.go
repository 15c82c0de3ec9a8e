package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"plan/containers"
	"plan/containers/docker"
	"plan/internal/host"
	"plan/internal/lock"
	"plan/plans"
	"plan/runner/journal"
)

// session is what a run keeps open from its beginning to its end.
type session struct {
	id      string
	engine  *docker.Docker
	facts   docker.Facts
	lock    *lock.Lock // while it is held the run counts as alive, and no other run cleans its resources
	journal *journal.Writer
	figures *host.Reader
}

// newSession checks the engine against the plan, and makes the folder of a run.
func newSession(ctx context.Context, cmd *cobra.Command, env environment, plan *plans.Plan) (_ *session, err error) {
	var random [2]byte
	rand.Read(random[:])
	// The ID is unique, sorts by time, and is valid in a container's name.
	s := &session{id: time.Now().Format("20060102-150405-") + hex.EncodeToString(random[:])}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	dir := filepath.Join(runsFolder, s.id)
	lockPath, err := filepath.Abs(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	if s.figures, err = host.NewReader(); err != nil {
		return nil, err
	}
	if s.engine, s.facts, err = readyEngine(ctx, cmd, env, plan, s.id, lockPath); err != nil {
		return nil, err
	}
	if s.lock, err = lock.Take(lockPath); err != nil {
		return nil, noFolderError(err)
	}
	if s.journal, err = journal.Create(dir, plan.Secrets); err != nil {
		return nil, noFolderError(err)
	}
	return s, nil
}

// noFolderError returns the error of a folder that cannot be written to.
func noFolderError(err error) error {
	return &containers.Error{
		Kind: containers.Other, Summary: "the run cannot keep its journal here: " + err.Error(),
		Help: "run it in a folder that you may write to, on a disk with room", Err: err,
	}
}

// close closes what is open so far.
func (s *session) close() error {
	var errs []error
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	if s.engine != nil {
		errs = append(errs, s.engine.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Release())
	}
	return errors.Join(errs...)
}
