package wire

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// MaxMessage limits the bytes of one message, in either direction.
const MaxMessage = 1 << 30

// Sizes of the buffers of a connection. Larger writes are not copied.
const (
	readBuffer  = 64 << 10
	writeBuffer = 64 << 10
)

// conn is the connection that zmq4 sees once the peer is known: it buffers
// reads, collects writes until Flush, and checks the sizes that frames of the
// handshake announce.
type conn struct {
	net.Conn
	socket *socket // the same; nil where the peer is on another machine
	r      *bufio.Reader
	from   io.Reader   // what r reads from
	filled time.Time   // when that returned last; belongs to whoever receives
	files  *fileReader // nil where no files can come along
	guard  guard

	mu       sync.Mutex
	w        []byte
	attached []int       // files that go along with w
	collect  atomic.Bool // writes wait for Flush; false during zmq4's handshake
}

func newConn(c net.Conn) *conn {
	n := &conn{Conn: c, w: make([]byte, 0, writeBuffer)}
	n.from = c
	if s, ok := c.(*socket); ok {
		n.socket, n.files = s, newFileReader(s)
		n.from = n.files
	}
	n.r = bufio.NewReaderSize(filler{n}, readBuffer)
	return n
}

// filler notes when bytes came.
type filler struct{ *conn }

func (f filler) Read(p []byte) (int, error) {
	n, err := f.from.Read(p)
	if n > 0 {
		f.filled = time.Now()
	}
	return n, err
}

// fill reads what has arrived into the empty buffer, and returns false where nothing has. It
// can be used where files is not nil.
func (c *conn) fill() (bool, error) {
	c.files.atOnce = true
	defer func() { c.files.atOnce = false }()
	_, err := c.r.Peek(1)
	if err == errNothing {
		return false, nil
	}
	return err == nil, err
}

// Read returns bytes of the peer as long as the frames in them keep the limit.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if bad := c.guard.pass(p[:n]); bad != nil {
		return 0, bad
	}
	return n, err
}

// Write appends p to what Flush will send. It sends by itself what is large.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.put(p)
	if err == nil && !c.collect.Load() {
		err = c.flush()
	}
	return len(p), err
}

// put is Write for who holds c.mu.
func (c *conn) put(p []byte) error {
	if len(p) >= cap(c.w)/2 && len(c.attached) == 0 {
		err := c.send(c.w, p) // p is not copied
		c.w = c.w[:0]
		return err
	}
	if len(c.w)+len(p) > cap(c.w) {
		if err := c.flush(); err != nil {
			return err
		}
		if len(p) > cap(c.w) {
			return c.send(p)
		}
	}
	c.w = append(c.w, p...)
	return nil
}

// send writes pieces of memory, to a unix socket by one system call.
func (c *conn) send(parts ...[]byte) error {
	if c.socket != nil {
		return c.socket.send(nil, parts...)
	}
	for _, p := range parts {
		if _, err := c.Conn.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// Flush sends what Write collected.
func (c *conn) Flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flush()
}

func (c *conn) flush() error {
	if len(c.w) == 0 {
		return nil
	}
	var err error
	if len(c.attached) > 0 {
		err = c.writeAttached()
	} else {
		err = c.send(c.w)
	}
	c.w = c.w[:0]
	return err
}

// Close ends the connection. Files that have not left stay here.
func (c *conn) Close() error {
	err := c.Conn.Close() // a writer that is at work gets an error
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closeAttached()
	return err
}

// Bits of the first byte of a ZMTP frame, the largest header, and the length of the
// greeting before the first frame (rfc.zeromq.org/spec/23).
const (
	moreFrames   = 1 << 0
	longSize     = 1 << 1
	maxHeader    = 9
	greetingSize = 64
)

// guard follows the ZMTP frames in a stream of bytes. zmq4 allocates what a
// frame's header announces, so the header must not reach it unseen.
type guard struct {
	greeted uint64  // bytes of the greeting seen
	header  [9]byte // the frame's header, as far as it was seen
	have    int     // bytes of it
	body    uint64  // bytes of the frame still to come
	message uint64  // bytes of the message so far
}

// pass looks at the next bytes of the stream.
func (g *guard) pass(b []byte) error {
	if g.greeted < greetingSize {
		n := min(greetingSize-g.greeted, uint64(len(b)))
		g.greeted += n
		b = b[n:]
	}
	for len(b) > 0 {
		if g.body > 0 {
			n := min(g.body, uint64(len(b)))
			g.body -= n
			b = b[n:]
			continue
		}
		g.header[g.have] = b[0]
		g.have++
		b = b[1:]
		var size uint64
		switch long := g.header[0]&longSize != 0; {
		case long && g.have == 9:
			size = binary.BigEndian.Uint64(g.header[1:])
		case !long && g.have == 2:
			size = uint64(g.header[1])
		default:
			continue
		}
		// Each frame counts for more than its body: a message of countless empty
		// frames needs memory as well.
		if size > MaxMessage || g.message+size+64 > MaxMessage+4*64 {
			return fmt.Errorf("the peer announced a message of more than %d bytes", MaxMessage)
		}
		g.message += size + 64
		if g.header[0]&moreFrames == 0 {
			g.message = 0
		}
		g.body, g.have = size, 0
	}
	return nil
}
