package docker

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// Resources returns what carries the label of this run: "container NAME", "network
// NAME", "volume NAME" or "control group PATH".
func (d *Docker) Resources(ctx context.Context) ([]string, error) {
	all, err := d.resources.list(ctx, labelRun+"="+d.options.Run)
	if err != nil {
		return nil, err
	}
	var left []string
	for _, t := range all {
		left = append(left, t.String())
	}
	if h := d.host.Load(); h != nil && h.parents != nil && h.parents.Exists(d.groupPath("")) {
		left = append(left, groupText(h.parents, d.groupPath("")))
	}
	return left, nil
}

// Clean removes everything that carries the label of this run: containers by
// force, then networks and volumes, then control groups; at last the container that
// shows that the run lives. It continues after an error.
func (d *Docker) Clean(ctx context.Context) error {
	var errs []error
	all := d.watch.all()
	removed := make([]error, len(all))
	var done sync.WaitGroup
	for n, i := range all { // at once: an engine that hangs is waited for only once
		done.Go(func() { removed[n] = i.Remove(ctx) })
	}
	done.Wait()
	errs = append(errs, removed...)
	remove := func(is func(resource) bool) {
		all, err := d.resources.list(ctx, labelRun+"="+d.options.Run)
		errs = append(errs, err, d.resources.remove(ctx, slices.DeleteFunc(all, func(t resource) bool { return !is(t) })))
	}
	remove(func(t resource) bool { return t.labels[labelRole] != lifeRole })
	if d.hideLife() {
		remove(func(t resource) bool { return t.labels[labelRole] == lifeRole })
	}
	if h := d.host.Load(); h != nil && h.parents != nil {
		errs = append(errs, h.parents.Remove(ctx, d.groupPath("")))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.owned)
	return joinDistinct(errs)
}

// joinDistinct joins errors, each text once: an engine that is gone answers every request
// alike.
func joinDistinct(errs []error) error {
	said := map[string]bool{}
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool {
		if err == nil || said[err.Error()] {
			return true
		}
		said[err.Error()] = true
		return false
	})...)
}
