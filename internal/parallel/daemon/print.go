package daemon

import (
	"bytes"
	"fmt"

	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// maxPrinted limits what waits until a client reads it.
const maxPrinted = 1 << 20

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
		text = append(fmt.Appendf(nil, "[parallel] %d bytes that engines printed are left out: this process did not read them\n", c.left), text...)
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
