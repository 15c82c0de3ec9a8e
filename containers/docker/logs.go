package docker

import (
	"bufio"
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
		return nil, i.docker.errs.Wrap("the log of "+i.name+" cannot be read", err)
	}
	defer stream.Close()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, stream); err != nil {
		return nil, i.docker.errs.Wrap("the log of "+i.name+" cannot be read", err)
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

// awaitLine notes when the first line of the log was written, once it is, until
// ctx ends.
func (i *Instance) awaitLine(ctx context.Context) {
	i.idle.Go(func() {
		line, err := i.oldestLine(ctx, true)
		if err != nil {
			return // LogCut does not know then
		}
		i.mu.Lock()
		defer i.mu.Unlock()
		i.firstLine = line
	})
}

// LogCut tells whether lines of the log were lost, as it had become longer than
// LogLimit; false where that is not known.
func (i *Instance) LogCut(ctx context.Context) bool {
	i.mu.Lock()
	first := i.firstLine
	i.mu.Unlock()
	if first == "" {
		return false
	}
	oldest, err := i.oldestLine(ctx, false)
	return err == nil && oldest != first
}

// oldestLine is when the oldest line that is kept was written, as the engine
// tells it; "" where there is none. It can be waited for.
func (i *Instance) oldestLine(ctx context.Context, wait bool) (string, error) {
	stream, err := i.docker.engine.ContainerLogs(ctx, i.id, container.LogsOptions{
		ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: wait,
	})
	if err != nil {
		return "", err
	}
	defer stream.Close()
	reader, writer := io.Pipe()
	defer reader.Close()
	go func() {
		_, err := stdcopy.StdCopy(writer, writer, stream)
		_ = writer.CloseWithError(err)
	}()
	at, err := bufio.NewReader(reader).ReadString(' ')
	if err == io.EOF {
		err = nil
	}
	return strings.TrimSpace(at), err
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
		return nil, i.docker.errs.Wrap("the log of "+i.name+" cannot be read", err)
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
