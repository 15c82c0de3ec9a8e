package docker

import (
	"cmp"
	"context"
	"slices"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/network"

	"plan/containers"
	"plan/internal/english"
)

// Network returns the name of a network on the engine. An external network must exist and
// keeps its name. Another one is made, with the run in its name, so that what an earlier
// run left is not in its way, and removed by Clean. A network of someone else that has the
// plain name is an error: it may be the one that is meant.
func (d *Docker) Network(ctx context.Context, plain string, external bool) (string, error) {
	name := plain
	if !external {
		name = strings.TrimSuffix("plan-"+d.options.Run+"-"+plain, "-")
	}
	if _, ok := d.owns(name); ok {
		return name, nil
	}
	all, err := d.engine.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return "", d.errs.Wrap("the networks cannot be listed", err)
	}
	called := func(name string) int { // the engine's filter matches parts of names
		return slices.IndexFunc(all, func(n network.Summary) bool { return n.Name == name })
	}
	found := called(name)
	there := found >= 0
	switch {
	case external && !there:
		var names []string
		for _, one := range all {
			names = append(names, one.Name)
		}
		return "", &containers.Error{
			Kind: containers.NoNetwork, Summary: "the external network " + name + " is not on the engine",
			Help: cmp.Or(english.DidYouMean(name, names), "create it: `docker network create "+name+"`, or remove external"),
		}
	case external:
		return name, nil
	case there && all[found].Labels[labelRun] == d.options.Run: // an earlier process of this run asked for it, and the engine made it late
		d.own(name, all[found].ID)
		return name, nil
	case there:
		return "", networkTakenError(name, nil)
	}
	if other := called(plain); other >= 0 && all[other].Labels[labelRun] == "" {
		return "", networkTakenError(plain, nil)
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
		return name, d.errs.Wrap("the network "+name+" cannot be created", err)
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
		Kind: containers.NoNetwork, Summary: "a network named " + name + " already exists",
		Help: "use it with external = true, or choose another name", Err: cause,
	}
}
