package docker

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"

	"plan/containers/docker/apierror"
)

// removeWithin bounds a removal, which goes on when its caller's ctx ends.
const removeWithin = 30 * time.Second

// Remove kills and removes the container with its control group, whatever its
// state, and closes Events. Once it has succeeded it does nothing more. It goes
// on when ctx ends, for at most thirty seconds.
func (i *Instance) Remove(ctx context.Context) error {
	i.removing.Lock()
	defer i.removing.Unlock()
	if i.leave() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer cancel()
	if i.id != "" {
		if err := i.docker.removeContainer(ctx, i.id); err != nil {
			return err
		}
		i.docker.watch.drop(i.id)
	}
	err := errors.Join(i.unwatch(), i.removeParent(ctx))
	i.mu.Lock()
	defer i.mu.Unlock()
	i.gone = true
	close(i.events)
	return err
}

// leave says that kills are ours from now on, and whether it is gone already.
func (i *Instance) leave() (gone bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.leaving = true
	return i.gone
}

// unwatch ends what follows the container and the watch over the control group.
// The caller holds removing.
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

// removeParent removes the control group of our own, which still counts the
// file pages that the container paid for: the next trial is not to find them.
func (i *Instance) removeParent(ctx context.Context) error {
	if i.parent == nil {
		return nil
	}
	_ = i.parent.Reclaim() // what stays is evicted before the next trial, where that can be done
	h := i.docker.host.Load()
	err := h.hierarchy.Remove(ctx, i.parent.Path())
	h.hierarchy.Prune(i.docker.groupPath(""))
	return err
}

// removeContainer removes by force. One that is gone, or that somebody else is
// removing, is waited for and is no fault.
func (d *Docker) removeContainer(ctx context.Context, id string) error {
	err := d.engine.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
	for err != nil && strings.Contains(err.Error(), "is already in progress") {
		select {
		case <-ctx.Done():
			return d.errs.Wrap("the container "+id+" cannot be removed", err)
		case <-time.After(askEvery):
		}
		if _, err = d.engine.ContainerInspect(ctx, id); err == nil {
			err = d.engine.ContainerRemove(ctx, id, container.RemoveOptions{Force: true, RemoveVolumes: true})
		}
	}
	if apierror.NotFound(err) {
		return nil
	}
	return d.errs.Wrap("the container "+id+" cannot be removed", err)
}
