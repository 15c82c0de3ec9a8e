package docker

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/pkg/stdcopy"
	"golang.org/x/sys/unix"

	"plan/containers"
)

// Docker's own where a healthcheck gives none.
const (
	checkTimeout  = 30 * time.Second
	checkInterval = 30 * time.Second
)

// Intervals are those of the healthchecks of images, by reference, of those
// that are on the engine and have one.
func (d *Docker) Intervals(ctx context.Context, references []string) (map[string]time.Duration, error) {
	intervals := map[string]time.Duration{}
	for _, reference := range references {
		found, err := d.engine.ImageInspect(ctx, reference)
		switch {
		case notFound(err):
		case err != nil:
			return nil, d.fault("the image "+reference+" cannot be read", err)
		case checked(found):
			intervals[reference] = cmp.Or(found.Config.Healthcheck.Interval, checkInterval)
		}
	}
	return intervals, nil
}

// checked says whether an image has a healthcheck; NONE is none.
func checked(found image.InspectResponse) bool {
	return found.Config != nil && found.Config.Healthcheck != nil && len(found.Config.Healthcheck.Test) > 1
}

// Healthcheck is that of the container's image, which the engine is told not to
// run; without one its Command is empty.
func (i *Instance) Healthcheck(ctx context.Context) (containers.Healthcheck, error) {
	found, err := i.docker.engine.ImageInspect(ctx, i.spec.Image)
	if err != nil {
		return containers.Healthcheck{}, i.docker.fault("the image "+i.spec.Image+" cannot be read", err)
	}
	if !checked(found) {
		return containers.Healthcheck{}, nil
	}
	check := containers.Healthcheck{Timeout: cmp.Or(found.Config.Healthcheck.Timeout, checkTimeout)}
	switch how, words := found.Config.Healthcheck.Test[0], found.Config.Healthcheck.Test[1:]; how {
	case "CMD":
		check.Command = words
	case "CMD-SHELL":
		shell := found.Config.Shell
		if len(shell) == 0 {
			shell = []string{"/bin/sh", "-c"}
		}
		check.Command = slices.Concat(shell, words)
	}
	return check, nil
}

// outputLimit is how much of what a command printed is told, in bytes.
const outputLimit = 200

// Exec runs a command in the container, as its user and with its environment,
// and waits for its end. When ctx ends before, the command is killed where this
// is the engine's machine and its processes are ours to kill.
func (i *Instance) Exec(ctx context.Context, command []string) (containers.Exit, error) {
	failed := func(err error) (containers.Exit, error) {
		return containers.Exit{}, i.docker.fault("no command can be run in the container "+i.name, err)
	}
	made, err := i.docker.engine.ContainerExecCreate(ctx, i.id, container.ExecOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return failed(err)
	}
	i.mu.Lock()
	i.execs = append(i.execs, made.ID) // before its start can be told of
	i.mu.Unlock()
	stream, err := i.docker.engine.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{})
	if err != nil {
		return failed(err)
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Close)
	defer stop()
	output := &tail{}
	_, _ = stdcopy.StdCopy(output, output, stream.Reader) // its end says how the command ended
	if ctx.Err() != nil {
		i.killExec(ctx, made.ID)
		return containers.Exit{}, context.Cause(ctx)
	}
	ended, err := i.docker.engine.ContainerExecInspect(ctx, made.ID)
	if err != nil {
		return failed(err)
	}
	text := strings.Join(strings.Fields(output.String()), " ")
	return containers.Exit{Code: ended.ExitCode, Output: strings.ToValidUTF8(text[max(0, len(text)-outputLimit):], "")}, nil
}

// killExec ends what a command has started: it leads a group of its own.
func (i *Instance) killExec(ctx context.Context, id string) {
	if i.docker.host.Load() == nil { // another machine's processes
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if found, err := i.docker.engine.ContainerExecInspect(ctx, id); err == nil && found.Running && found.Pid > 1 {
		_ = unix.Kill(-found.Pid, unix.SIGKILL) // it may have ended just now
	}
}
