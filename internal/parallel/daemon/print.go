package daemon

import (
	"bytes"
	"fmt"

	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/printed"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// maxPrinted limits what waits until a client reads it.
const maxPrinted = 1 << 20

// What engines print and show for a call is events of the call, and goes to those who subscribe to it; what they print for none goes to
// all clients of their pool.

// saying takes what engines print and show for a call.
type saying struct {
	pool   *pool
	record *record
}

// Print takes an engine's lines. What comes after the call's end is nobody's.
func (s saying) Print(stderr bool, engine int, lines []byte) {
	stream := cluster.Stdout
	if stderr {
		stream = cluster.Stderr
	}
	if !s.record.say(stream, engine, lines) {
		printer{s.pool, stream}.Write(printed.Prefixed(printed.Streams[stream-cluster.Stdout], engine, lines))
	}
}

// Show takes what an engine shows.
func (s saying) Show(engine int, what []byte) { s.record.say(cluster.Shows, engine, what) }

// mostShown limits what is kept of what an engine shows in a call, in bytes.
const mostShown = 8 << 20

// say adds what an engine says, unless the call has ended. What is too much to keep is for those who subscribe to the call now.
func (r *record) say(stream, engine int, text []byte) bool {
	most := printed.Most
	if stream == cluster.Shows {
		most = mostShown
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end != nil {
		return false
	}
	e := event{kind: wire.Printed, first: stream, count: engine, payload: bytes.Clone(text)}
	said := [2]int{engine, stream}
	if r.said[said]+len(text) <= most {
		r.said[said] += len(text)
		r.add(e)
		return true
	}
	r.said[said] = most // nor is what comes after it
	for s := range r.subscriptions {
		s.add(e)
	}
	close(r.more)
	r.more = make(chan struct{})
	return true
}

// add adds what is not kept. The record is locked.
func (s *subscription) add(e event) {
	waiting := 0
	for _, w := range s.waiting {
		waiting += len(w.payload)
	}
	switch {
	case waiting > 0 && waiting+len(e.payload) > maxPrinted:
		s.left += len(e.payload)
		return
	case s.left > 0 && e.first != cluster.Shows:
		e.payload = append(leftOut(s.left), e.payload...)
		s.left = 0
	}
	s.waiting = append(s.waiting, e)
}

// leftOut is the line for what did not fit.
func leftOut(bytes int) []byte {
	return fmt.Appendf(nil, "[parallel] %d bytes that engines printed are left out: this process did not read them\n", bytes)
}

// tellUnkept sends what is not kept.
func (c *client) tellUnkept(number uint64, s *subscription) {
	s.record.mu.Lock()
	waiting := s.waiting
	s.waiting = nil
	s.record.mu.Unlock()
	for _, e := range waiting {
		c.link.Send(&wire.Message{Envelope: wire.Envelope{Kind: e.kind, Call: number, First: e.first, Count: e.count}, Payload: e.payload}) // an error shows in Recv
	}
}

// printer passes on what engines print for no call to the clients of their pool.
type printer struct {
	pool   *pool
	stream int
}

// Write gives whole lines to every client of the pool.
func (w printer) Write(text []byte) (int, error) {
	w.pool.mu.Lock()
	defer w.pool.mu.Unlock()
	for c := range w.pool.clients {
		c.print(w.stream, text)
	}
	return len(text), nil
}

// print sends what an engine printed, soon. What does not fit is left out, which a line says.
func (c *client) print(stream int, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := 0
	for _, m := range c.printed {
		waiting += len(m.Payload)
	}
	if waiting+len(text) > maxPrinted {
		c.left += len(text)
		return
	}
	if c.left > 0 {
		text = append(leftOut(c.left), text...)
		c.left = 0
	}
	c.printed = append(c.printed, &wire.Message{Envelope: wire.Envelope{Kind: wire.Printed, First: stream}, Payload: bytes.Clone(text)})
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// sendPrinted runs until the connection has ended.
func (c *client) sendPrinted() {
	for {
		select {
		case <-c.wake:
			c.flushPrinted()
		case <-c.gone.Done():
			return
		}
	}
}

// flushPrinted sends what was printed so far.
func (c *client) flushPrinted() {
	c.sending.Lock()
	defer c.sending.Unlock()
	c.mu.Lock()
	printed := c.printed
	c.printed = nil
	c.mu.Unlock()
	for _, m := range printed {
		c.link.Send(m) // an error shows in Recv
	}
	if len(printed) > 0 {
		c.link.Flush()
	}
}
