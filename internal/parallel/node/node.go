// Package node keeps engines on another machine. A node is a process there, the same program
// started by a launcher: it connects to the controller, starts engines as its children when it is
// told to, passes on what they print and how they end, and ends with all of them when the controller
// is gone. [Main] is its life; a [Node] is what the controller has of it. Engines have connections of their own.
//
// The link between the two carries orders in messages of the kind wire.Frame, and news in those of
// the kind wire.Result.
package node

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Ticket is what a node's process reads on standard input: a line of JSON. It is secret.
type Ticket struct {
	// Node is the node's number, Engines how many it is to have.
	Node, Engines int
	// Addresses, Credentials and Secret are for the connection to the controller.
	Addresses   []wire.Address
	Credentials *wire.Credentials
	Secret      wire.Secret
	// Attached is true where standard input stays open for as long as the controller lives.
	Attached bool
	// Args are the program's name and arguments, which engines have as well; Folder is where it was
	// started, and where engines are if there is such a folder.
	Args   []string
	Folder string
	// Bound is how much of a stream of an engine is passed on between calls; 0 means all.
	Bound int
}

// Encode returns the line.
func (t *Ticket) Encode() []byte {
	line, err := json.Marshal(t)
	if err != nil {
		panic(err) // never: there is nothing in it that JSON lacks
	}
	return append(line, '\n')
}

// order is what the controller wants of a node. It is about one of its processes, or about none.
type order struct {
	Process uint64         // numbers processes
	Start   *launch.Config // of an engine
	Kill    bool
	Why     string // it is killed
	Flush   uint64 // numbers the wish that what was printed be passed on
	Renew   bool   // the bound of output begins anew
	Piece   *piece // of a file
}

// news is what a node has to say. It is about one of its processes, or about none.
type news struct {
	Process  uint64
	Hello    *Hello
	Pid      int    // of a process that was started
	Failed   string // it could not be started
	Out, Err []byte // whole lines about engines
	Printed  *output
	Ended    *ended
	Flushed  uint64
	Want     *want  // a file
	Leaving  string // why the node will end soon
}

// output is what an engine has printed or shown.
type output struct {
	Call   uint64
	Engine int
	Stderr bool
	Lines  []byte // whole ones
	Shown  []byte
}

// Hello is how a node describes itself.
type Hello struct {
	// Host is the machine's name, Pid the number of the node's process.
	Host string
	Pid  int
	// Processors are those that it may use.
	Processors int
	// Arch is its architecture, as GOARCH names it.
	Arch string
}

// ended says how a process ended.
type ended struct {
	How  string
	Call uint64 // that it noted last
	Item int
}

// Controller and node send each other something every beat. Who has heard nothing for the time of
// Silence takes the other for gone, and so does, much sooner, who sees that the other's machine, which does that by itself, has acknowledged
// nothing for the time of cutOff: a busy machine, or a process that stands still, is no network that is cut.
const (
	beat    = 500 * time.Millisecond
	cutOff  = 3 * time.Second
	Silence = 15 * time.Second
)

// channel sends and receives messages of one kind, in the order in which they were given, from any
// goroutine and without waiting for the other side.
type channel struct {
	link *wire.Link
	kind wire.Kind

	wake chan struct{}
	done sync.WaitGroup

	mu      sync.Mutex
	queue   []any
	outputs int           // bytes of what engines have printed and shown, in the queue
	drained chan struct{} // made by who waits until there is less; closed when the queue was taken
	ended   bool          // nothing is sent any more
	closed  bool
	cut     bool      // the other's machine has not acknowledged anything
	waiting bool      // for a message
	heard   time.Time // when the last one came, or the wait began
}

func newChannel(link *wire.Link, kind wire.Kind) *channel {
	c := &channel{link: link, kind: kind, wake: make(chan struct{}, 1)}
	c.done.Go(func() {
		ended := make(chan struct{})
		c.done.Go(func() { c.watch(ended) })
		c.write()
		close(ended)
	})
	return c
}

// send queues a message.
func (c *channel) send(v any) {
	c.mu.Lock()
	c.queue = append(c.queue, v)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// maxOutputs limits the bytes of what engines print and show that wait to be sent.
const maxOutputs = 8 << 20

// sendOutput queues what an engine has printed or shown. It waits while there is much of that, so that the engine does.
func (c *channel) sendOutput(v any, bytes int) {
	c.mu.Lock()
	for c.outputs > 0 && c.outputs+bytes > maxOutputs && !c.ended {
		if c.drained == nil {
			c.drained = make(chan struct{})
		}
		drained := c.drained
		c.mu.Unlock()
		<-drained
		c.mu.Lock()
	}
	c.outputs += bytes
	c.mu.Unlock()
	c.send(v)
}

// emptied lets those go on who wait to send. The channel is locked.
func (c *channel) emptied() {
	c.outputs = 0
	if c.drained != nil {
		close(c.drained)
		c.drained = nil
	}
}

// write sends what is queued, and otherwise beats, until the link ends or the other side is silent.
func (c *channel) write() {
	ticks := time.NewTicker(beat)
	defer ticks.Stop()
	defer func() {
		c.link.Close()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ended = true
		c.emptied()
	}()
	for {
		c.mu.Lock()
		queue, closed, silent := c.queue, c.closed, c.waiting && time.Since(c.heard) > Silence
		c.queue = nil
		c.emptied()
		c.mu.Unlock()
		for _, v := range queue {
			payload, err := wire.EncodePayload(v)
			if err != nil || c.link.Send(&wire.Message{Envelope: wire.Envelope{Kind: c.kind}, Payload: payload}) != nil {
				return
			}
		}
		if c.link.Flush() != nil || closed || silent {
			return
		}
		select {
		case <-c.wake:
		case <-ticks.C:
			if err := c.link.Send(&wire.Message{Envelope: wire.Envelope{Kind: c.kind}}); err != nil {
				return
			}
		}
	}
}

// watch ends the link when the other's machine cannot be reached, until it has ended.
func (c *channel) watch(ended <-chan struct{}) {
	ticks := time.NewTicker(beat)
	defer ticks.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticks.C:
		}
		if c.link.Unanswered() > cutOff {
			c.mu.Lock()
			c.cut = true
			c.mu.Unlock()
			c.link.Close() // which ends what is being written
			return
		}
	}
}

// receive waits for the next message and decodes it.
func (c *channel) receive(v any) error {
	for {
		c.hears(true)
		m, err := c.link.Recv()
		if err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.cut {
				return fmt.Errorf("its machine cannot be reached: for %v it has acknowledged nothing", cutOff)
			}
			if time.Since(c.heard) > Silence {
				return fmt.Errorf("nothing was heard of it for %v", Silence)
			}
			return fmt.Errorf("its connection was lost (%w)", err)
		}
		c.hears(false)
		m.Drop()
		if len(m.Payload) > 0 {
			return wire.DecodePayload(m.Payload, v)
		}
	}
}

// hears notes that a message has come, or that the wait for one begins. What is done with messages
// in between may take its time.
func (c *channel) hears(waiting bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting, c.heard = waiting, time.Now()
}

// close sends what is queued and ends the link.
func (c *channel) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
