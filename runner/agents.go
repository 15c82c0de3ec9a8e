package runner

import (
	"context"
	"fmt"
	"sync"

	"plan/runner/lasting"
)

// agents are those of a run. The first one does everything but a part of the loads that
// are divided; the others start with the first such load.
type agents struct {
	start func(context.Context) (lasting.Client, error)
	all   []*lasting.Agent
}

// renew starts those of the first n agents that do not run.
func (a *agents) renew(ctx context.Context, n int, note func(string)) error {
	for i := range n {
		started := i == len(a.all)
		if started {
			a.all = append(a.all, lasting.New(a.start))
		}
		renewed, err := a.all[i].Renew(ctx)
		if err != nil && started {
			a.all = a.all[:i]
		}
		switch {
		case err != nil:
			return err
		case started || !renewed:
		case i == 0:
			note("the agent had ended, and was started again")
		default:
			note(fmt.Sprintf("agent %d had ended, and was started again", i+1))
		}
	}
	return nil
}

// first returns the first n agents, which run.
func (a *agents) first(n int) (list []lasting.Client) {
	for _, one := range a.all[:n] {
		list = append(list, one)
	}
	return list
}

// close closes all of them at once: each takes seconds on a cluster.
func (a *agents) close() {
	var all sync.WaitGroup
	for _, one := range a.all {
		all.Go(func() { _ = one.Close() }) // its container is removed with the run
	}
	all.Wait()
}
