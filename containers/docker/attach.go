package docker

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/docker/docker/api/types"

	"plan/internal/mask"
)

// endTimeout is how long an agent may take to end after its input has ended. Then
// it is removed by force.
const endTimeout = time.Second

// attachedContainer is the standard streams of a container. Reads return its standard
// output; their errors carry the end of its standard error.
type attachedContainer struct {
	docker *Docker
	id     string
	conn   types.HijackedResponse
	output *io.PipeReader
	errors *mask.Tail
	ended  chan struct{} // closed when the output has ended
	close  func() error
}

func (a *attachedContainer) Read(p []byte) (int, error)  { return a.output.Read(p) }
func (a *attachedContainer) Write(p []byte) (int, error) { return a.conn.Conn.Write(p) }

// Close ends the container's input, gives it a second to end, and removes it.
func (a *attachedContainer) Close() error { return a.close() }

func (a *attachedContainer) shutDown(ctx context.Context) error {
	closed := a.conn.CloseWrite()
	go func() { _, _ = io.Copy(io.Discard, a.output) }() // unread output would block the container
	select {
	case <-a.ended:
	case <-time.After(endTimeout):
	}
	a.conn.Close()
	<-a.ended
	if err := a.docker.resources.discard(ctx, a.id); err != nil {
		return errors.Join(err, closed)
	}
	return nil
}
