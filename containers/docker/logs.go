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

// Logs returns the last lines of both streams, in the order of writing, without secrets; of a line its first
// longestLine bytes.
func (i *Instance) Logs(ctx context.Context, lines int) ([]string, error) {
	stream, err := i.docker.engine.ContainerLogs(ctx, i.id, container.LogsOptions{
		ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(i.docker.mask.Ask(lines)),
	})
	if err != nil {
		return nil, i.docker.errs.Wrap("the log of "+i.name+" cannot be read", err)
	}
	defer stream.Close()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, stream); err != nil {
		return nil, i.docker.errs.Wrap("the log of "+i.name+" cannot be read", err)
	}
	return i.docker.mask.Lines(text.String(), lines, longestLine), nil
}

// longestLine is how much of a line of a log is kept, in bytes.
const longestLine = 4 << 10

// LogCut reports whether lines of the log were lost because it exceeded
// containers.LogLimit; false where that is unknown.
func (i *Instance) LogCut(ctx context.Context) bool {
	first := i.firstLine.Load()
	if first == nil || *first == "" {
		return false
	}
	oldest, err := i.oldestLine(ctx, false)
	return err == nil && oldest != *first
}

// oldestLine returns the time of the oldest line that is kept, as the engine writes
// it; "" where there is no line. With wait it waits for the first.
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

// Follow returns a reader of both streams since the last start of the container. It
// ends with the container, with ctx, or with Close.
func (i *Instance) Follow(ctx context.Context) (io.ReadCloser, error) {
	found, err := i.inspect(ctx)
	if err != nil {
		return nil, err
	}
	options := container.LogsOptions{ShowStdout: true, ShowStderr: true, Follow: true}
	ended := parseTime(found.State.FinishedAt)
	if again := found.RestartCount > 0 || ended.Before(parseTime(found.State.StartedAt)); again && !ended.IsZero() {
		options.Since = found.State.FinishedAt // its first lines may be older than StartedAt
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

// followed is a reader that closes the engine's stream too.
type followed struct {
	*io.PipeReader
	stream io.Closer
}

func (f followed) Close() error {
	_ = f.PipeReader.Close() // never fails
	return f.stream.Close()
}
