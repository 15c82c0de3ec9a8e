package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"plan/containers"
	"plan/containers/docker"
	"plan/internal/host"
	"plan/internal/lock"
	"plan/plans"
	"plan/runner/journal"
)

// session is what a run holds from its beginning to its end.
type session struct {
	id      string
	engine  *docker.Docker
	facts   docker.Facts
	held    *lock.Lock // as long as it is held the run is alive, and nobody clears what it made
	journal *journal.Writer
	figures *host.Reader
}

// begin makes a run's folder, once the engine is there and fit for the plan.
func begin(ctx context.Context, cmd *cobra.Command, env environment, plan *plans.Plan) (_ *session, err error) {
	s := &session{id: runID()}
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
	if s.held, err = lock.Take(lockPath); err != nil {
		return nil, noFolder(err)
	}
	if s.journal, err = journal.Create(dir, plan.Secrets); err != nil {
		return nil, noFolder(err)
	}
	return s, nil
}

// noFolder is the fault of a place that nothing can be written to.
func noFolder(err error) error {
	return &containers.Error{
		Kind: containers.Other, Summary: "the run cannot keep its journal here: " + err.Error(),
		Help: "run it in a folder that you may write to, on a disk with room", Err: err,
	}
}

// close gives up what was taken so far.
func (s *session) close() error {
	var errs []error
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	if s.engine != nil {
		errs = append(errs, s.engine.Close())
	}
	if s.held != nil {
		errs = append(errs, s.held.Release())
	}
	return errors.Join(errs...)
}

// runID is unique, sorts by time, and fits into a container's name.
func runID() string {
	var random [2]byte
	rand.Read(random[:])
	return time.Now().Format("20060102-150405-") + hex.EncodeToString(random[:])
}

func hostOf(f docker.Facts) journal.Host {
	return journal.Host{
		Name: f.Name, Memory: int64(f.Memory), CPUs: float64(f.CPUs), OS: f.OS, Kernel: f.Kernel,
		Engine: f.Version, CgroupVersion: strconv.Itoa(f.CgroupVersion),
	}
}
