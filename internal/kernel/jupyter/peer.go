package jupyter

import (
	"encoding/binary"
	"net"
	"sync"
	"time"
)

const (
	// highWater is how many bytes may wait for one peer before output of cells
	// has to wait too.
	highWater = 4 << 20
	// hardLimit is how many bytes may wait for one peer at all. What must never
	// wait (replies, status) is queued beyond highWater, and a peer that lets it
	// grow this far is dropped.
	hardLimit = 256 << 20
	// stallLimit is how long a peer may take no byte at all before it is dropped.
	stallLimit = 30 * time.Second
)

// peer is one connection to a socket. Sending queues a message and never
// blocks; a goroutine of the peer's writes the queue.
type peer struct {
	id   string // routing identity
	conn net.Conn

	mu     sync.Mutex
	change *sync.Cond // queue grew or shrank, or closed
	queue  net.Buffers
	queued int // bytes in queue and being written
	closed bool

	topics map[string]struct{} // subscriptions; guarded by the publisher's mu
}

func newPeer(id string, conn net.Conn) *peer {
	p := &peer{id: id, conn: conn, topics: map[string]struct{}{}}
	p.change = sync.NewCond(&p.mu)
	return p
}

// send queues a message.
func (p *peer) send(frames ...[]byte) {
	data := appendZMTP(nil, frames)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.queue = append(p.queue, data)
	p.queued += len(data)
	p.change.Broadcast()
	if p.queued > hardLimit {
		p.closeLocked()
	}
}

// write writes the queue until the peer is closed.
func (p *peer) write() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for len(p.queue) == 0 && !p.closed {
			p.change.Wait()
		}
		if p.closed {
			return
		}
		data := p.queue[0]
		p.queue = p.queue[1:]
		p.mu.Unlock()
		err := p.writeAll(data)
		p.mu.Lock()
		p.queued -= len(data)
		p.change.Broadcast()
		if err != nil {
			p.closeLocked()
			return
		}
	}
}

// writeAll gives the peer stallLimit for every 64 KiB.
func (p *peer) writeAll(data []byte) error {
	for len(data) > 0 {
		n := min(len(data), 64<<10)
		p.conn.SetWriteDeadline(time.Now().Add(stallLimit))
		if _, err := p.conn.Write(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// waitBelow returns when no more than limit bytes wait, or the peer is closed.
func (p *peer) waitBelow(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.queued > limit && !p.closed {
		p.change.Wait()
	}
}

func (p *peer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeLocked()
}

func (p *peer) closeLocked() {
	if !p.closed {
		p.closed = true
		p.change.Broadcast()
		p.conn.Close()
	}
}

// finish tells the peer that no more will come. It is called after the queue
// has been written; the peer's own end of the stream closes the connection.
func (p *peer) finish() {
	if c, ok := p.conn.(interface{ CloseWrite() error }); ok {
		c.CloseWrite()
	}
}

// appendZMTP appends a multipart message in ZMTP 3.0 framing, so that it
// leaves in one write.
func appendZMTP(b []byte, frames [][]byte) []byte {
	const more, long = 1, 2
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = more
		}
		if len(f) > 255 {
			b = append(b, flags|long)
			b = binary.BigEndian.AppendUint64(b, uint64(len(f)))
		} else {
			b = append(b, flags, byte(len(f)))
		}
		b = append(b, f...)
	}
	return b
}
