package runner

import (
	"context"
	"io"
	"time"

	"plan/containers"
	"plan/internal/units"
)

// Platform starts, watches and removes services under limits; containers/docker and
// containers/kubernetes implement it. Every error of the environment is a
// *containers.Error. A platform that has images or networks implements images.Engine
// or networks.Engine too; a plan that needs one that is missing is refused before it runs.
type Platform interface {
	// Volume returns the volume that containers of this run mount for a named one: the
	// named one itself if it exists and is not written to, else one of the run, with a
	// copy of its files or empty. A second call replaces what was made; Clean removes it.
	Volume(ctx context.Context, name string, written bool) (containers.RunVolume, error)
	// Agent starts the agent's container on the networks, if the platform has some, and
	// connects to its standard input and output. Closing the connection ends it.
	Agent(ctx context.Context, networks []string) (io.ReadWriteCloser, error)
	// GPUs returns an error where a container cannot have that many;
	// containers.AllGPUs means all of them.
	GPUs(ctx context.Context, count int) error
	// Start creates a container, watches it, and only then starts it. On an error
	// it leaves nothing behind.
	Start(ctx context.Context, spec containers.Spec) (Instance, error)
	// ContainerStats follows the use of all containers on the engine except those
	// of trials.
	ContainerStats(ctx context.Context) (ContainerStats, error)
	// Local reports whether the engine's machine, whose boot ID the agent has
	// read, is this one: control groups and host figures are then read directly.
	Local(bootID string) bool
	// Evict drops the files of an image and of volumes from the page cache of the
	// engine's machine, except those that a neighbour uses.
	Evict(ctx context.Context, image string, volumes []containers.Volume) containers.Eviction
	// Away reports whether the engine could not be reached after a time. It waits until
	// the engine answers, and removes the containers of the trial; the error is that it
	// does not come back.
	Away(ctx context.Context, from time.Time) (bool, error)
	// Clean removes everything that carries the label of this run.
	Clean(ctx context.Context) error
}

// ContainerStats follows containers until it is closed.
type ContainerStats interface {
	// Readings returns the newest figures of each.
	Readings() []containers.Reading
	Close() error
}

// Instance is one container, from before its start to its removal.
type Instance interface {
	Name() string
	ID() string
	// Address returns host:port of the first exposed port, inside the network.
	Address() string
	// Events sends events from before the start on. Remove closes it.
	Events() <-chan containers.Event
	// Usage returns the newest sample; false before the first one.
	Usage() (containers.Usage, bool)
	// State returns the current state. After the end of the container it waits up
	// to half a second for late witnesses.
	State(ctx context.Context) (containers.State, error)
	// Healthcheck returns that of the image; without one its Command is empty.
	Healthcheck(ctx context.Context) (containers.Healthcheck, error)
	// Exec runs a command in the container and waits for its end. Where ctx ends
	// before, it kills the command, if it can.
	Exec(ctx context.Context, command []string) (containers.Exit, error)
	// SetCPUs changes its CPU limit while it runs.
	SetCPUs(ctx context.Context, cpus units.CPUs) error
	// Resident returns the bytes of files that its processes map, whichever control
	// group is charged for them; nil where they cannot be read, or it does not run.
	Resident(ctx context.Context) *units.Bytes
	// Processes returns its processes with their TCP sockets; nil where they cannot
	// be read, or it does not run.
	Processes(ctx context.Context) []containers.Process
	// Logs returns the last lines of both streams.
	Logs(ctx context.Context, lines int) ([]string, error)
	// LogCut reports whether lines of the log were lost, since it became longer than
	// containers.LogLimit; false where that is not known.
	LogCut(ctx context.Context) bool
	// Follow reads the log since the last start of the container, until the
	// container or ctx ends.
	Follow(ctx context.Context) (io.ReadCloser, error)
	// Remove kills and removes the container, in any state. If it takes time until it is
	// gone, the next Start waits for that.
	Remove(ctx context.Context) error
}
