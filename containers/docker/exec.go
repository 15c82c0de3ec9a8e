package docker

import (
	"context"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
	"golang.org/x/sys/unix"

	"plan/containers"
)

// Healthcheck returns the healthcheck of the container's image, which the engine
// is told not to run. Its Command is empty where the image has none.
func (i *Instance) Healthcheck(ctx context.Context) (containers.Healthcheck, error) {
	return i.docker.Images.Healthcheck(ctx, i.spec.Image)
}

// outputLimit is how much of a command's output is kept, in bytes.
const outputLimit = 200

// Exec runs a command in the container, with its user and environment, and waits
// for its end. When ctx ends first, the command is killed where this is the
// engine's machine and the process may kill it.
func (i *Instance) Exec(ctx context.Context, command []string) (containers.Exit, error) {
	failed := func(err error) (containers.Exit, error) {
		return containers.Exit{}, i.docker.errs.Wrap("no command can be run in the container "+i.name, err)
	}
	made, err := i.docker.engine.ContainerExecCreate(ctx, i.id,
		container.ExecOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return failed(err)
	}
	i.lifecycle.addExec(made.ID) // before its start event can arrive
	stream, err := i.docker.engine.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{})
	if err != nil {
		return failed(err)
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Close)
	defer stop()
	output := i.docker.mask.Tail()
	_, _ = stdcopy.StdCopy(output, output, stream.Reader) // the inspection below has the exit code
	if ctx.Err() != nil {
		host := i.docker.host.Load()
		if host == nil { // another machine's processes
			return containers.Exit{}, context.Cause(ctx)
		}
		lasting, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		found, err := i.docker.engine.ContainerExecInspect(lasting, made.ID)
		if err == nil && found.Running && found.Pid > 1 {
			// In another process namespace than the engine's, the number is that of another process.
			if _, err := host.hierarchy.GroupOf(found.Pid, i.id); err == nil {
				_ = unix.Kill(-found.Pid, unix.SIGKILL) // the process group; it may have ended just now
			}
		}
		return containers.Exit{}, context.Cause(ctx)
	}
	ended, err := i.docker.engine.ContainerExecInspect(ctx, made.ID)
	if err != nil {
		return failed(err)
	}
	text := strings.Join(strings.Fields(output.String()), " ")
	return containers.Exit{Code: ended.ExitCode, Output: strings.ToValidUTF8(text[max(0, len(text)-outputLimit):], "")},
		nil
}
