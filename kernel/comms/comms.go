// Package comms connects values of a session with objects in the front end, by the
// protocol's comms. Widgets are made of them; see package widgets. People need it for
// front-end extensions of their own:
//
//	c, err := comms.Open("my-extension", map[string]any{"size": 3})
//	c.OnMessage(func(m comms.Message) { fmt.Println(string(m.Data)) })
//	err = c.Send(map[string]any{"size": 4})
//
// Handlers are called one at a time, in a goroutine of their own, whether or not a cell
// runs; an interrupt stops them. What they print appears below the cell that ran last.
package comms

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// A Message is what the front end sends.
type Message struct {
	// Data and Metadata are JSON objects.
	Data, Metadata json.RawMessage
	// Buffers are binary data beside them.
	Buffers [][]byte
}

// ErrClosed is what sending on a closed comm fails with.
var ErrClosed = errors.New("the comm is closed")

// A Comm is an open connection with an object in the front end. Its methods may be
// called by several goroutines.
type Comm struct {
	id     string
	target string // of one that was opened here

	mu       sync.Mutex
	received func(Message)
	ended    func()
	closed   bool
	refused  bool // the front end has closed it
}

// links is what is open, and what the front end may open.
var links struct {
	sync.Mutex
	send    func(cell.Comm)
	open    map[string]*Comm
	targets map[string]func(*Comm, Message)
}

// SetSink sets where messages for the front end go. The process that runs a notebook's
// cells calls it once at its start; without it, as in a program, nothing is sent.
func SetSink(send func(cell.Comm)) {
	links.Lock()
	defer links.Unlock()
	links.send = send
}

// Open opens a comm to a target that the front end has; one that it does not know closes
// it again. Data must become a JSON object.
func Open(target string, data any) (*Comm, error) { return OpenWith(rand.Text(), target, data, nil) }

// OpenWith opens a comm as Open does, with an id of the caller's choice and metadata.
func OpenWith(id, target string, data, metadata any) (*Comm, error) {
	m := cell.Comm{Kind: cell.CommOpen, ID: id, Target: target}
	if err := fill(&m, data, metadata); err != nil {
		return nil, err
	}
	c := &Comm{id: id, target: target}
	keep(c)
	send(m)
	return c, nil
}

// Handle sets what happens when the front end opens a comm to a target of this name:
// opened gets the comm and the message that opened it. It replaces what was set before.
func Handle(target string, opened func(*Comm, Message)) {
	links.Lock()
	defer links.Unlock()
	if links.targets == nil {
		links.targets = make(map[string]func(*Comm, Message))
	}
	links.targets[target] = opened
}

// ID returns the comm's id.
func (c *Comm) ID() string { return c.id }

// OnMessage sets what is called with each message that the front end sends.
func (c *Comm) OnMessage(f func(Message)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received = f
}

// OnClose sets what is called when the front end closes the comm.
func (c *Comm) OnClose(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = f
}

// Send sends data, which must become a JSON object, and buffers. It fails with [ErrClosed] where the comm
// is closed, as the front end does with one that nobody there answers.
func (c *Comm) Send(data any, buffers ...[]byte) error {
	c.mu.Lock()
	closed, refused := c.closed, c.refused
	c.mu.Unlock()
	switch {
	case closed && refused && c.target != "":
		return fmt.Errorf("%w by the front end, which does so where it knows no target %q", ErrClosed, c.target)
	case closed:
		return ErrClosed
	}
	m := cell.Comm{Kind: cell.CommMessage, ID: c.id, Buffers: buffers}
	if err := fill(&m, data, nil); err != nil {
		return err
	}
	send(m)
	return nil
}

// Close closes the comm. It may be called again.
func (c *Comm) Close() {
	if c.end() {
		send(cell.Comm{Kind: cell.CommClose, ID: c.id})
	}
}

// end forgets the comm, and reports whether it was open.
func (c *Comm) end() bool {
	c.mu.Lock()
	was := !c.closed
	c.closed = true
	c.mu.Unlock()
	links.Lock()
	defer links.Unlock()
	delete(links.open, c.id)
	return was
}

// Any reports whether a comm is open, on which a message may come.
func Any() bool {
	links.Lock()
	defer links.Unlock()
	return len(links.open) > 0
}

// Deliver handles a message of the front end's. The process that runs a notebook's
// cells calls it.
func Deliver(m cell.Comm) {
	links.Lock()
	c, opened := links.open[m.ID], links.targets[m.Target]
	links.Unlock()
	message := Message{Data: m.Data, Metadata: m.Metadata, Buffers: m.Buffers}
	switch {
	case m.Kind == cell.CommOpen && opened != nil:
		c = &Comm{id: m.ID}
		keep(c)
		opened(c, message)
	case c == nil:
		if m.Kind != cell.CommClose {
			send(cell.Comm{Kind: cell.CommClose, ID: m.ID})
		}
	case m.Kind == cell.CommClose:
		c.end()
		c.mu.Lock()
		f := c.ended
		c.refused = true
		c.mu.Unlock()
		if f != nil {
			f()
		}
	case m.Kind == cell.CommMessage:
		c.mu.Lock()
		f := c.received
		c.mu.Unlock()
		if f != nil {
			f(message)
		}
	}
}

func keep(c *Comm) {
	links.Lock()
	defer links.Unlock()
	if links.open == nil {
		links.open = make(map[string]*Comm)
	}
	links.open[c.id] = c
}

func send(m cell.Comm) {
	links.Lock()
	f := links.send
	links.Unlock()
	if f != nil {
		f(m)
	}
}

// fill writes data and metadata into a message.
func fill(m *cell.Comm, data, metadata any) (err error) {
	for _, part := range []struct {
		to *json.RawMessage
		of any
	}{{&m.Data, data}, {&m.Metadata, metadata}} {
		if part.of == nil {
			continue
		}
		if *part.to, err = json.Marshal(part.of); err != nil {
			return fmt.Errorf("a message of a comm cannot be made: %w", err)
		}
		if (*part.to)[0] != '{' {
			return fmt.Errorf("a message of a comm must be a JSON object, and %.40s is none", *part.to)
		}
	}
	return nil
}
