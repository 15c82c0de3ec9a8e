package inference

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"plan/internal/exchange"
)

// connectGap is the pause between two new connections: a server that takes all
// that wait at once would have one process take them all.
const connectGap = 5 * time.Millisecond

// Connections are open connections to an API, over which nothing was sent at
// first.
type Connections struct{ list []net.Conn }

// Connect opens connections one after the other; as many as could be opened,
// where that were any.
func Connect(ctx context.Context, address string, number int) (*Connections, error) {
	c := &Connections{}
	for range number {
		connection, err := (&net.Dialer{Timeout: exchange.DefaultTimeout}).DialContext(ctx, "tcp", address)
		if err != nil && len(c.list) == 0 {
			return nil, err
		}
		if err != nil {
			break
		}
		c.list = append(c.list, connection)
		select {
		case <-ctx.Done():
			c.Close()
			return nil, ctx.Err()
		case <-time.After(connectGap):
		}
	}
	return c, nil
}

// From are the addresses of this side, host:port, in order.
func (c *Connections) From() []string {
	var from []string
	for _, connection := range c.list {
		from = append(from, connection.LocalAddr().String())
	}
	return from
}

// Close closes them all.
func (c *Connections) Close() {
	for _, connection := range c.list {
		connection.Close()
	}
}

// errUsed is a connection over which no more can be sent.
var errUsed = errors.New("the connection is used up")

// Ask sends requests over one of the connections, in order, whatever each comes
// to, and ends where the API closes it. The connection is then closed.
func (c *Connections) Ask(ctx context.Context, index int, requests []exchange.Request) []exchange.Outcome {
	if index < 0 || index >= len(c.list) {
		return nil
	}
	connection := c.list[index]
	defer connection.Close()
	var dialled atomic.Int64
	client := exchange.NewClient(func(context.Context, string, string) (net.Conn, error) {
		if dialled.Add(1) > 1 {
			return nil, errUsed
		}
		return connection, nil
	}, true, &exchange.KeepAlives{})
	client.Transport.(*http.Transport).MaxConnsPerHost = 1 // so that it waits for the one it has
	defer client.CloseIdleConnections()
	var outcomes []exchange.Outcome
	for _, request := range requests {
		outcome := exchange.Do(ctx, client, connection.RemoteAddr().String(), request)
		if dialled.Load() > 1 && mute(outcome) { // it was not sent
			break
		}
		outcomes = append(outcomes, outcome)
		if mute(outcome) {
			break
		}
	}
	return outcomes
}
