package docker

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// Logs gives the last lines of both streams, in the order they were written.
func (i *Instance) Logs(ctx context.Context, lines int) ([]string, error) {
	stream, err := i.docker.engine.ContainerLogs(ctx, i.id, container.LogsOptions{
		ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(lines),
	})
	if err != nil {
		return nil, i.docker.fault("the log of "+i.name+" cannot be read", err)
	}
	defer stream.Close()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, stream); err != nil {
		return nil, i.docker.fault("the log of "+i.name+" cannot be read", err)
	}
	return lastLines(text.String(), lines), nil
}

func lastLines(text string, n int) []string {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for at, line := range lines {
		lines[at] = strings.TrimRight(line, "\r")
	}
	return lines[max(0, len(lines)-n):]
}

// Follow reads the log of both streams since the container was started, the
// last time, until it ends, ctx does, or the reader is closed.
func (i *Instance) Follow(ctx context.Context) (io.ReadCloser, error) {
	found, err := i.inspect(ctx)
	if err != nil {
		return nil, err
	}
	options := container.LogsOptions{ShowStdout: true, ShowStderr: true, Follow: true}
	ended := moment(found.State.FinishedAt)
	if again := found.RestartCount > 0 || ended.Before(moment(found.State.StartedAt)); again && !ended.IsZero() {
		options.Since = found.State.FinishedAt // what it started with may be older than StartedAt
	}
	stream, err := i.docker.engine.ContainerLogs(ctx, i.id, options)
	if err != nil {
		return nil, i.docker.fault("the log of "+i.name+" cannot be read", err)
	}
	reader, writer := io.Pipe()
	go func() {
		_, err := stdcopy.StdCopy(writer, writer, stream)
		_ = writer.CloseWithError(err)
	}()
	return followed{reader, stream}, nil
}

// followed ends the engine's stream with its reader.
type followed struct {
	*io.PipeReader
	stream io.Closer
}

func (f followed) Close() error {
	_ = f.PipeReader.Close() // never fails
	return f.stream.Close()
}
