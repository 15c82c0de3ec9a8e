// Package docker runs services in Docker under limits, watches them, reports how
// they ended and what ran beside them, and removes all of it.
//
// Only this package and those below it import Docker's client; docker/images
// pulls, builds and pushes. Everything that docker makes on an engine carries
// the label of its run, and is found by that label. It does not know plans,
// loads or verdicts: it reports observations.
package docker

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"

	"plan/containers"
	"plan/containers/docker/apierror"
	"plan/containers/docker/images"
	"plan/containers/owner"
	"plan/internal/mask"
)

// Options are the run that uses the engine.
type Options struct {
	Run     string   // the run's id: part of every name and label
	Lock    string   // absolute path of the file that the run holds locked while it lives
	Secrets []string // texts that no observation may quote
	Binary  string   // static executable for the agent's image; "" is the running one
}

// Docker is one run's use of one engine. It is safe for concurrent use.
type Docker struct {
	Images *images.Store

	options    Options
	mask       *mask.Mask
	engine     engine
	timed      *timed
	errs       apierror.Wrapper
	owner      owner.Owner
	host       atomic.Pointer[localHost] // nil until Local has shown that the engine is on this machine
	watch      watch
	resources  resources
	executable executable
	groups     func() map[string]groups // of all runs on this machine, by what makes them

	mu    sync.Mutex
	life  *lifeSign         // nil before ShowLife
	named map[string]bool   // names that containers have
	owned map[string]string // networks made here: name -> id
}

// New finds the engine as the docker command does. It returns an error of kind
// EngineGone where the engine does not answer within ten seconds.
func New(ctx context.Context, options Options) (*Docker, error) {
	cfg := config.LoadDefaultConfigFile(io.Discard)
	connected, err := connect(cfg)
	if err != nil {
		return nil, &containers.Error{
			Kind: containers.EngineGone, Summary: "the Docker engine cannot be found: " + err.Error(),
			Help: "correct DOCKER_HOST or DOCKER_CONTEXT: `docker context ls` lists the contexts", Err: err,
		}
	}
	d := newDocker(options, connected, cfg)
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if _, err := connected.Ping(ctx); err != nil {
		_ = connected.Close()
		return nil, d.errs.Unreachable(err)
	}
	return d, nil
}

// Logins returns the registries that `docker login` was called for. No engine is asked.
func Logins() []string { return images.Logins(config.LoadDefaultConfigFile(io.Discard)) }

const connectTimeout = 10 * time.Second

func newDocker(options Options, e engine, cfg *configfile.ConfigFile) *Docker {
	errs := apierror.Wrapper{Address: e.DaemonHost()}
	timed := newTimed(e)
	e = timed
	store := images.New(e, cfg)
	return &Docker{
		Images:  store,
		options: options, mask: mask.New(options.Secrets), engine: e, timed: timed, errs: errs,
		owner: owner.Owner{Run: options.Run, Lock: options.Lock, Host: owner.Here()},
		watch: watch{engine: e, absence: &timed.absence, errs: errs}, resources: resources{engine: e, errs: errs},
		executable: executable{
			binary: options.Binary, engine: e, errs: errs, images: store, building: make(chan struct{}, 1),
		},
		groups: visibleGroups, named: map[string]bool{}, owned: map[string]string{},
	}
}

// Close ends the watches and the connections. It removes no containers.
func (d *Docker) Close() error {
	d.hideLife()
	d.watch.stop()
	for _, i := range d.watch.all() {
		i.removing.Lock()
		_ = i.unwatch() // read-only descriptors
		i.removing.Unlock()
	}
	if h := d.host.Load(); h != nil {
		h.close()
	}
	return d.engine.Close()
}

// Labels of everything that a run makes.
const (
	labelRun     = "plan.run"
	labelTrial   = "plan.trial"
	labelService = "plan.service"
	labelReplica = "plan.replica"
	labelRole    = "plan.role" // service, helper, generator, agent, life, network, volume, queue or agent-image
	labelLock    = "plan.lock"
	labelHost    = "plan.host"
)

// labels returns those of a resource of a run.
func labels(o owner.Owner, role string) map[string]string {
	return map[string]string{labelRun: o.Run, labelLock: o.Lock, labelHost: o.Host, labelRole: role}
}

// unique returns a container's name that this run has not used before.
func (d *Docker) unique(parts ...string) string {
	name := "plan-" + d.options.Run + "-" + slug(strings.Join(parts, "-"))
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 1
	for d.named[numbered(name, n)] {
		n++
	}
	d.named[numbered(name, n)] = true
	return numbered(name, n)
}

// graceTime is how long a call that makes something may continue after its ctx has
// ended.
const graceTime = 5 * time.Second

// withGrace returns a context that ends graceTime after ctx, for calls that make
// something: the engine finishes them in any case, and its answer is needed to
// remove what it made.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		sleep(lasting, graceTime)
		cancel()
	})
	return lasting, func() {
		unhook()
		cancel()
	}
}
