package runner

import (
	"context"
	"io"

	"plan/containers"
	"plan/internal/units"
)

// Runtime runs services under limits. The runner defines it because the
// runner uses it; containers/docker is the first to offer it. Every error that
// is the environment's fault is a *containers.Error.
type Runtime interface {
	// Push tags source, which must be on the engine, as name and pushes it. It
	// gives the digest that the registry has under that name.
	Push(ctx context.Context, source, name string, progress func(string)) (ImageInfo, error)
	// Image makes sure of an image by reference or id; pull says when its
	// registry is asked for it.
	Image(ctx context.Context, reference string, pull containers.Pull, progress func(string)) (ImageInfo, error)
	// Network makes sure of a network: an external one must be there, another
	// one is made for this run and removed by Clean. An empty name makes one
	// named after the run. It gives the network's name.
	Network(ctx context.Context, name string, external bool) (string, error)
	// Agent starts the agent's container on the networks; what is written goes
	// to its standard input, what it prints is read. Closing ends it.
	Agent(ctx context.Context, networks []string) (io.ReadWriteCloser, error)
	// GPUs makes sure that a container can get that many; containers.AllGPUs are
	// all that there are.
	GPUs(ctx context.Context, count int) error
	// Start creates a container, watches it, and only then starts it. When it
	// fails it leaves nothing behind.
	Start(ctx context.Context, spec containers.Spec) (Instance, error)
	// ContainerStats follows what all containers on the engine use but those of
	// trials, whosever they are.
	ContainerStats(ctx context.Context) (ContainerStats, error)
	// Local says whether control groups and host figures may be read directly:
	// bootID is what the agent read on the engine's machine.
	Local(bootID string) bool
	// Evict drops the files of an image and of volumes from the page cache of the
	// engine's machine, but none that a foreign container uses.
	Evict(ctx context.Context, image string, volumes []containers.Volume) containers.Eviction
	// Clean removes everything that carries the label of this run.
	Clean(ctx context.Context) error
}

// ContainerStats follows containers until it is closed.
type ContainerStats interface {
	// Readings gives the newest figures of each.
	Readings() []containers.Reading
	Close() error
}

// ImageInfo is an image that is ready to run.
type ImageInfo struct {
	ID     string
	Digest string // of the registry; "" when it was neither pushed nor pulled
	Size   units.Bytes
}

// Instance is one container of a trial, from before its start to its removal.
type Instance interface {
	Name() string
	ID() string
	// Address is host:port of the first exposed port, inside the network.
	Address() string
	// Events tells what happens from before the start on; it is closed by Remove.
	Events() <-chan containers.Event
	// Usage is the newest sample, false before the first one.
	Usage() (containers.Usage, bool)
	// State reads how it stands. After its end it waits up to half a second for
	// late witnesses.
	State(ctx context.Context) (containers.State, error)
	// Healthcheck is that of its image; without one its Command is empty.
	Healthcheck(ctx context.Context) (containers.Healthcheck, error)
	// Exec runs a command in the container and waits for its end. When ctx ends
	// before, the command is ended where that can be done.
	Exec(ctx context.Context, command []string) (containers.Exit, error)
	// Resident is what its processes map of files, in bytes, whoever is charged
	// for it; nil where that cannot be read, or it does not run.
	Resident(ctx context.Context) *units.Bytes
	// Processes are those of the container, with their TCP sockets; nil where they
	// cannot be read, or it does not run.
	Processes(ctx context.Context) []containers.Process
	// Logs gives the last lines of both streams.
	Logs(ctx context.Context, lines int) ([]string, error)
	// LogCut tells whether lines of the log were lost, as it had become longer
	// than containers.LogLimit; false where that is not known.
	LogCut(ctx context.Context) bool
	// Follow reads the log since the container was started, the last time, until
	// the container ends or ctx does.
	Follow(ctx context.Context) (io.ReadCloser, error)
	// Remove kills and removes it, whatever its state.
	Remove(ctx context.Context) error
}
