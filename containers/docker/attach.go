package docker

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types"
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
	errors *tail
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
	if err := a.docker.discard(ctx, a.id); err != nil {
		return errors.Join(err, closed)
	}
	return nil
}

// longestTail is how much of standard error is kept, in bytes.
const longestTail = 4 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - longestTail; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}
