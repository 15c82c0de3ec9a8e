package docker

import (
	"cmp"
	"context"
	"slices"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"

	"plan/containers"
	"plan/internal/english"
)

// Network returns the name of a network. An external network must exist; another
// one is made, and removed by Clean. An empty name makes one that is named after
// the run.
func (d *Docker) Network(ctx context.Context, name string, external bool) (string, error) {
	if name == "" {
		name = "plan-" + d.options.Run
	}
	if _, ok := d.owns(name); ok {
		return name, nil
	}
	all, err := d.engine.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return "", d.errs.Wrap("the networks cannot be listed", err)
	}
	found := slices.IndexFunc(all, func(n network.Summary) bool { return n.Name == name }) // the engine's filter matches parts of names
	there := found >= 0
	switch {
	case external && !there:
		var names []string
		for _, one := range all {
			names = append(names, one.Name)
		}
		return "", &containers.Error{
			Kind: containers.NoNetwork, Summary: "the external network " + name + " is not on the engine",
			Help: cmp.Or(english.DidYouMean(name, names), "make it: `docker network create "+name+"`, or leave external out"),
		}
	case external:
		return name, nil
	case there && all[found].Labels[labelRun] == d.options.Run: // an earlier process of this run asked for it, and the engine made it late
		d.own(name, all[found].ID)
		return name, nil
	case there:
		return "", networkTakenError(name, nil)
	}
	lasting, done := withGrace(ctx)
	defer done()
	made, err := d.engine.NetworkCreate(lasting, name, network.CreateOptions{
		Driver: "bridge", Labels: labels(d.owner, "network"),
	})
	if cerrdefs.IsConflict(err) {
		return name, networkTakenError(name, err)
	}
	if err != nil {
		return name, d.errs.Wrap("the network "+name+" cannot be made", err)
	}
	d.own(name, made.ID)
	return name, nil
}

// own records a network as one of this run.
func (d *Docker) own(name, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.owned[name] = id
}

// owns returns the id of a network that this run made.
func (d *Docker) owns(name string) (id string, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id, ok = d.owned[name]
	return id, ok
}

func networkTakenError(name string, cause error) error {
	return &containers.Error{
		Kind: containers.NoNetwork, Summary: "a network named " + name + " is there already",
		Help: "use it with external = true, or choose another name", Err: cause,
	}
}
