// Package session opens what a run needs from its beginning to its end: the platform, the
// lock, the journal. It knows nothing of flags, and of what is printed of a run.
package session

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"plan/agent"
	"plan/cmd/plan/internal/platform"
	"plan/cmd/plan/internal/runs"
	"plan/containers"
	"plan/internal/host"
	"plan/internal/lock"
	"plan/internal/wait"
	"plan/plans"
	"plan/plans/diag"
	"plan/runner"
	"plan/runner/journal"
	"plan/runner/lasting"
)

// Options are what a command wants of a session.
type Options struct {
	Version string                // of the command
	Wait    bool                  // until no other run uses the engine
	Stderr  io.Writer             // for notes to people
	Check   func(diag.List) error // prints what the host lacks for the plan; its error ends the session
	// Connected is called with the engine before anything is asked of it.
	Connected func(platform.Platform)
}

// Session is what a run keeps open from its beginning to its end.
type Session struct {
	ID      string
	Engine  platform.Platform
	Journal *journal.Writer // nil of a visit
	host    journal.Host
	most    plans.Limits   // that one replica can have
	lock    *lock.Lock     // while it is held the run counts as alive, and no other run cleans its resources
	past    []journal.Line // that the journal had
	figures *host.Reader
	version string
	folder  string // of a visit, with its lock
}

// newID returns the ID of a run. It is unique, sorts by time, and is valid in a
// container's name.
func newID() string {
	var random [2]byte
	rand.Read(random[:])
	return time.Now().Format("20060102-150405-") + hex.EncodeToString(random[:])
}

// New checks the engine against the plan, and makes the folder of a run, or opens that
// of the run that is resumed.
func New(ctx context.Context, plan *plans.Plan, earlier *runs.Earlier, o Options) (_ *Session, err error) {
	s := &Session{version: o.Version}
	if earlier != nil {
		s.ID = earlier.ID
	} else {
		s.ID = newID()
	}
	dir := filepath.Join(runs.Folder, s.ID)
	defer func() {
		if err == nil {
			return
		}
		if s.Journal == nil && s.lock != nil { // nothing has begun: only a place in the queue may be left
			lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), listTime)
			defer cancel()
			_ = s.Engine.Clean(lasting) // what stays there is found by its label
		}
		s.Close()
		if s.Journal == nil && earlier == nil {
			_, _ = os.Remove(filepath.Join(dir, "lock")), os.Remove(dir) // no other process knows of them
		}
	}()
	lockPath, err := filepath.Abs(runs.LockPath(s.ID))
	if err != nil {
		return nil, err
	}
	if s.figures, err = host.NewReader(); err != nil {
		return nil, err
	}
	s.Engine, err = platform.New(ctx, plan.Platform, platform.Run{ID: s.ID, Lock: lockPath, Secrets: plan.Secrets})
	if err != nil {
		return nil, err
	}
	o.Connected(s.Engine)
	if earlier != nil {
		if err := removeAll(ctx, s.Engine, s.ID, o.Stderr); err != nil {
			return nil, err
		}
	}
	if s.lock, err = lock.Take(lockPath); err != nil {
		return nil, noFolderError(err)
	}
	if s.host, s.most, err = readyEngine(ctx, plan, s.Engine, o); err != nil {
		return nil, err
	}
	if earlier != nil {
		s.Journal, s.past, err = journal.Open(dir, plan.Secrets)
	} else {
		s.Journal, err = journal.Create(dir, plan.Secrets)
	}
	if err != nil {
		return nil, noFolderError(err)
	}
	return s, nil
}

// removeAll removes what an earlier process of a run has left. The engine may still
// make what that process asked for last: it is done once nothing new has appeared.
func removeAll(ctx context.Context, engine platform.Platform, id string, stderr io.Writer) error {
	const quiet = 500 * time.Millisecond
	for {
		removed, err := engine.CleanRuns(ctx, id)
		PrintRemoved(stderr, removed)
		if err != nil {
			return err
		}
		if wait.For(ctx, quiet); ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(removed) == 0 {
			return nil
		}
	}
}

// noFolderError returns the error of a folder that cannot be written to.
func noFolderError(err error) error {
	return &containers.Error{
		Kind: containers.Other, Summary: "the run cannot keep its journal here: " + err.Error(),
		Help: "run it in a folder that you may write to, on a disk with room", Err: err,
	}
}

// Runner returns the runner of a plan in the session, without a journal and an observer.
// The agent that it talks to quotes none of the plan's secrets.
func (s *Session) Runner(plan *plans.Plan) runner.Runner {
	dial := func(ctx context.Context, conn io.ReadWriteCloser) (lasting.Client, error) {
		client, err := agent.Dial(ctx, conn, plan.Secrets)
		if err != nil {
			return nil, err
		}
		return client, nil
	}
	return runner.Runner{
		Plan: plan, Platform: s.Engine, Dial: dial, Direct: s.figures.Read, Most: s.most, Past: s.past,
		Header: journal.Header{
			ID: s.ID, Version: s.version, Started: time.Now(), Host: s.host, Platform: journal.PlatformOf(plan.Platform),
		},
	}
}

// listTime is how long the engine may take to list the resources of a run.
const listTime = 3 * time.Second

// Resources lists what the run has on the engine now.
func (s *Session) Resources() ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), listTime)
	defer cancel()
	return s.Engine.Resources(ctx)
}

// Close closes what is open so far.
func (s *Session) Close() error {
	var errs []error
	if s.Journal != nil {
		errs = append(errs, s.Journal.Close())
	}
	if s.Engine != nil {
		errs = append(errs, s.Engine.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Release())
	}
	if s.folder != "" {
		errs = append(errs, os.RemoveAll(s.folder))
	}
	return errors.Join(errs...)
}
