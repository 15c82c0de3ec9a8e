package docker

import (
	"context"
	"errors"
	"time"
)

// removeTimeout is the longest time of a removal, which continues after its ctx has
// ended.
const removeTimeout = 30 * time.Second

// Remove kills and removes the container with its control group, in any state, and
// closes Events. It continues after ctx has ended, for at most thirty seconds.
// After a success further calls do nothing.
func (i *Instance) Remove(ctx context.Context) error {
	i.removing.Lock()
	defer i.removing.Unlock()
	if i.lifecycle.startRemoval() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
	defer cancel()
	if i.id != "" {
		if err := i.docker.resources.removeContainer(ctx, i.id); err != nil {
			return err
		}
		i.docker.watch.drop(i.id)
	}
	err := i.unwatch()
	if i.parent != nil {
		// The parent control group still holds the file pages that the container was
		// charged for: the next trial must not find them.
		_ = i.parent.Reclaim() // Evict drops the rest before the next trial, where it can
		parents := i.docker.host.Load().parents
		err = errors.Join(err, parents.Remove(ctx, i.docker.groupPath(i.name)))
		parents.Prune(i.docker.groupPath(""))
	}
	i.lifecycle.end()
	return err
}

// unwatch stops the goroutines that follow the container, and the watch of the
// control group. The caller holds removing.
func (i *Instance) unwatch() error {
	i.stop()
	i.idle.Wait()
	if i.oom == nil {
		return nil
	}
	err := i.oom.Close()
	i.oom = nil
	return err
}
