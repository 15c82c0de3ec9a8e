package truth

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"time"
)

// orders configure a referee.
type orders struct {
	Seed      uint64
	Listeners int
	Deeds     map[deed]float64 // by weight
	Least     time.Duration    // of a wait
	Most      time.Duration
	Idle      float64 // share of responses after which it closes the idle connection
	Timeout   time.Duration
	Withholds bool // near the end of the load it does not respond; otherwise it does only what needs no witness
}

// quiet is the interval before the end of a load in which a referee avoids
// everything that only the load could decide.
const quiet = 300 * time.Millisecond

// doubt is the minimum distance of a timeout from the end of the load for its
// class to be certain.
const doubt = 120 * time.Millisecond

// referee is the server.
type referee struct {
	orders orders
	begun  chan struct{}
	end    moment // of the load; set before begun is closed

	mu      sync.Mutex
	random  *rand.Rand
	log     []connection
	serving sync.WaitGroup
	open    map[*net.TCPConn]bool
	fault   error
}

// preside runs the referee's process. It prints its addresses, reads the end of
// the load, serves until its input ends, and writes its log.
func preside(o orders, in *bufio.Reader) error {
	r := &referee{orders: o, begun: make(chan struct{}), random: rand.New(rand.NewPCG(o.Seed, 1)), open: map[*net.TCPConn]bool{}}
	var listeners []*net.TCPListener
	var accepting sync.WaitGroup
	for i := range o.Listeners {
		listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return err
		}
		listeners = append(listeners, listener)
		accepting.Go(func() { r.accept(listener, i) })
		fmt.Println(listener.Addr())
	}
	if _, err := fmt.Fscanln(in, &r.end); err != nil {
		return err
	}
	close(r.begun)
	_, _ = io.Copy(io.Discard, in)
	for _, listener := range listeners { // some may wait to be accepted
		listener.SetDeadline(time.Now().Add(50 * time.Millisecond))
	}
	accepting.Wait()
	r.wait()
	if r.fault != nil {
		return r.fault
	}
	return gob.NewEncoder(os.Stdout).Encode(r.log)
}

func (r *referee) accept(listener *net.TCPListener, i int) {
	for {
		c, err := listener.AcceptTCP()
		if err != nil {
			return
		}
		r.hold(c)
		r.serving.Go(func() {
			<-r.begun
			s := session{referee: r, seen: connection{Listener: i}}
			err := s.run(c)
			r.keep(c, s.seen, err)
		})
	}
}

func (r *referee) hold(c *net.TCPConn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[c] = true
}

// keep logs a connection.
func (r *referee) keep(c *net.TCPConn, seen connection, err error) {
	c.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	seen.Open = !r.open[c]
	delete(r.open, c)
	r.log = append(r.log, seen)
	r.fault = errors.Join(r.fault, err)
}

// wait gives the load five seconds to close its connections.
func (r *referee) wait() {
	late := time.AfterFunc(5*time.Second, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for c := range r.open {
			c.Close()
			delete(r.open, c)
		}
	})
	r.serving.Wait()
	late.Stop()
}

// draw draws a deed for a request.
func (r *referee) draw(began moment) deed {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := pick(r.random, r.orders.Deeds)
	deadline := began.plus(r.orders.Timeout).after(r.end) // time after the end of the load
	ending := r.end.after(now()) < quiet
	switch {
	case ending && r.orders.Withholds && deadline > doubt:
		return withheld
	case ending && (r.orders.Withholds || !visible[d]), d == never && deadline.Abs() < doubt:
		return answers
	}
	return d
}

// visible are the deeds whose effect the referee can observe.
var visible = map[deed]bool{answers: true, waits: true, chunks: true, fills: true, moves: true, refuses: true, breaks: true}

func pick(random *rand.Rand, weights map[deed]float64) deed {
	sum := 0.0
	for _, d := range deeds {
		sum += weights[d]
	}
	x := random.Float64() * sum
	for _, d := range deeds {
		if x -= weights[d]; x < 0 {
			return d
		}
	}
	return answers
}

var deeds = []deed{answers, waits, chunks, fills, moves, refuses, breaks, parts, resets, hangsUp, tears, cuts, never}

// patience draws a wait, with equal probability for each doubling.
func (r *referee) patience() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return between(r.random, r.orders.Least, r.orders.Most)
}

// idles draws whether to close an idle connection, and after which time.
func (r *referee) idles() (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Duration(r.random.Int64N(int64(20 * time.Millisecond))), r.random.Float64() < r.orders.Idle && r.end.after(now()) > quiet
}

// size draws the length of a body, in bytes.
func (r *referee) size(most int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return 2 + r.random.IntN(most)
}
