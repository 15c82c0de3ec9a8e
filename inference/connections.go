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

// connectGap is the pause between two new connections. Without it, one process
// of the server could accept all of them.
const connectGap = 5 * time.Millisecond

// Connections are open connections to an API. Nothing was sent over them at
// first.
type Connections struct{ list []net.Conn }

// Connect opens number connections to address (host:port) one after the other.
// It stops at the first failure, and returns an error only if none was opened.
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

// From returns the local addresses of the connections, host:port, in order.
func (c *Connections) From() []string {
	var from []string
	for _, connection := range c.list {
		from = append(from, connection.LocalAddr().String())
	}
	return from
}

// Close closes all connections.
func (c *Connections) Close() {
	for _, connection := range c.list {
		connection.Close()
	}
}

// errConnectionUsed prevents a client from opening a second connection.
var errConnectionUsed = errors.New("the connection is used up")

// Ask sends requests over the connection with this index, in order, whatever
// their outcomes, until the API closes it. Then Ask closes the connection; it
// can be used once. For an unknown index the result is nil.
func (c *Connections) Ask(ctx context.Context, index int, requests []exchange.Request) []exchange.Outcome {
	if index < 0 || index >= len(c.list) {
		return nil
	}
	connection := c.list[index]
	defer connection.Close()
	var dialled atomic.Int64
	client := exchange.NewClient(func(context.Context, string, string) (net.Conn, error) {
		if dialled.Add(1) > 1 {
			return nil, errConnectionUsed
		}
		return connection, nil
	}, true, &exchange.KeepAlives{})
	client.Transport.(*http.Transport).MaxConnsPerHost = 1 // it has only one connection
	defer client.CloseIdleConnections()
	var outcomes []exchange.Outcome
	for _, request := range requests {
		outcome := exchange.Do(ctx, client, connection.RemoteAddr().String(), request)
		if dialled.Load() > 1 && noResponse(outcome) { // it was not sent
			break
		}
		outcomes = append(outcomes, outcome)
		if noResponse(outcome) {
			break
		}
	}
	return outcomes
}
