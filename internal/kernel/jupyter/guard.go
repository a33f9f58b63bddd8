package jupyter

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
)

const (
	greetingSize = 64
	// handshakeLimit bounds what a peer may send as its READY command.
	handshakeLimit = 16 << 10
	// messageLimit bounds one whole message, all frames together.
	messageLimit = 64 << 20
	// frameCost is charged for each frame beside its bytes, so that a message
	// of very many empty frames meets the limit as well.
	frameCost = 64
)

// guard is a connection that follows the ZMTP framing of what it reads and
// refuses a frame by its header. zmq4 allocates whatever size a header claims,
// from peers that have not shown a signature yet; with a guard below it the
// header of a frame that is too large never reaches it.
type guard struct {
	net.Conn
	r     *bufio.Reader
	limit int // bytes of one message; the reading goroutine's

	greeting int     // bytes of the greeting still to come
	header   [9]byte // header of the frame being read
	got      int     // bytes of the header read so far
	body     uint64  // bytes of the body still to come
	total    int     // cost of the message so far
}

func newGuard(conn net.Conn) *guard {
	return &guard{Conn: conn, r: bufio.NewReaderSize(conn, 8<<10), limit: handshakeLimit, greeting: greetingSize}
}

// Read passes on what the peer sent, up to the end of the header of a frame
// that is not allowed.
func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if refused := g.scan(p[:n]); refused != nil {
		return 0, refused
	}
	return n, err
}

func (g *guard) scan(p []byte) error {
	for len(p) > 0 {
		switch {
		case g.greeting > 0:
			n := min(g.greeting, len(p))
			g.greeting -= n
			p = p[n:]
		case g.body > 0:
			n := min(g.body, uint64(len(p)))
			g.body -= n
			p = p[n:]
		default:
			g.header[g.got] = p[0]
			g.got++
			p = p[1:]
			if err := g.frame(); err != nil {
				return err
			}
		}
	}
	return nil
}

// frame looks at the header once it is whole.
func (g *guard) frame() error {
	const more, long = 1, 2
	flags := g.header[0]
	var size uint64
	switch {
	case flags&long == 0 && g.got == 2:
		size = uint64(g.header[1])
	case flags&long != 0 && g.got == 9:
		size = binary.BigEndian.Uint64(g.header[1:])
	default:
		return nil
	}
	room := g.limit - g.total - frameCost
	if room < 0 || size > uint64(room) {
		return fmt.Errorf("a message of more than %d bytes was announced", g.limit)
	}
	g.total += int(size) + frameCost
	if flags&more == 0 {
		g.total = 0
	}
	g.got, g.body = 0, size
	return nil
}
