package wire

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// Link is one connection between a controller and an engine. Any number of
// goroutines may send while one receives.
type Link struct {
	conn *conn
	peer Address // that was dialled

	sending  sync.Mutex // held while a message is written
	envelope [EnvelopeSize]byte
	frames   [][]byte // of the message that is written
	outgoing outgoing

	// These belong to whoever receives.

	header   [EnvelopeSize]byte
	parts    [][]byte // of the message that was read last
	incoming incoming
}

// newLink opens a ZeroMQ DEALER over a connection whose peer is known. What is
// large goes through shared memory of the pool, where the connection can carry
// files.
func newLink(c net.Conn, pool *memory.Pool) (*Link, error) {
	c.SetDeadline(time.Time{})
	if u, ok := c.(*net.UnixConn); ok {
		s, err := newSocket(u)
		if err != nil {
			return nil, err
		}
		c = s
	}
	late := time.AfterFunc(handshakeTime, func() { c.Close() })
	defer late.Stop()
	l := &Link{conn: newConn(c), outgoing: outgoing{pool: pool}}
	if _, err := zmq4.Open(l.conn, null.Security(), zmq4.Dealer, nil, false, nil); err != nil {
		c.Close()
		return nil, err
	}
	l.conn.collect.Store(true)
	return l, nil
}

// Dial connects to the controller that listens at an address, presents the secret,
// and says which build this process runs. Credentials are needed where the listener
// wants TLS, and nil elsewhere.
func Dial(ctx context.Context, to Address, secret Secret, build Build, credentials *Credentials) (*Link, error) {
	return DialAny(ctx, []Address{to}, secret, build, credentials)
}

// DialAny is Dial for a controller of which nobody knows at which of several addresses this
// process can reach it. It tries one after the other, without waiting long for one, and its error says
// what became of each.
func DialAny(ctx context.Context, to []Address, secret Secret, build Build, credentials *Credentials) (*Link, error) {
	ctx, cancel := context.WithTimeout(ctx, knockTime)
	defer cancel()
	c, at, err := knockAny(ctx, to, secret, credentials == nil)
	if err == nil && credentials != nil {
		c, err = encrypt(ctx, c, at, credentials)
	}
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(handshakeTime))
	if err := introduce(c, secret, build); err != nil {
		c.Close()
		return nil, err
	}
	l, err := newLink(c, poolFor(at))
	if err == nil {
		l.peer = at
	}
	return l, err
}

// Peer is the address at which [DialAny] has found the controller.
func (l *Link) Peer() Address { return l.peer }

// poolFor returns a pool for links to an address. Where files cannot come along it
// has no segments.
func poolFor(a Address) *memory.Pool {
	p := memory.NewPool()
	if a.Network != "unix" {
		p.Close()
	}
	return p
}

// Leave makes the link leave blocks of a depot to the peer's node, instead of sending them.
func (l *Link) Leave(depot *memory.Depot) { l.outgoing.depot = depot }

// FromNode sets how what was left is found, by its number, as a file for [memory.Open].
func (l *Link) FromNode(ask func(number uint64, size int) (*os.File, error)) { l.incoming.node = ask }

// Pool is where the link finds shared memory for what it sends. All links of a
// listener have one.
func (l *Link) Pool() *memory.Pool { return l.outgoing.pool }

// Send hands a message over; it leaves at the next [Link.Flush] at the latest.
// Payload and blocks may be used again when Send has returned.
func (l *Link) Send(m *Message) error {
	l.sending.Lock()
	defer l.sending.Unlock()
	return l.send(m)
}

func (l *Link) send(m *Message) error {
	frames := append(l.frames[:0], m.AppendTo(l.envelope[:0]), m.Payload)
	size := EnvelopeSize + len(m.Payload)
	var table []byte
	if len(m.Blocks) > 0 {
		table, frames = l.outgoing.table(l, m.Blocks, append(frames, nil))
		frames[2] = table
		for _, f := range frames[2:] {
			size += len(f) + 64
		}
	}
	l.frames = frames
	defer clear(frames) // they are the caller's
	if size > MaxMessage {
		l.outgoing.takeBack(table)
		return &TooLarge{Bytes: size}
	}
	return l.conn.writeMessage(frames)
}

// TooLarge is the error of a message above [MaxMessage].
type TooLarge struct{ Bytes int }

// Error says how to go on.
func (e *TooLarge) Error() string {
	return fmt.Sprintf("a message of %d bytes is larger than the limit of %d; use a smaller chunk size", e.Bytes, MaxMessage)
}

// Flush sends what was handed over.
func (l *Link) Flush() error { return l.conn.Flush() }

// sendNow sends a message of the link's own.
func (l *Link) sendNow(kind Kind, segment uint64) {
	l.Send(&Message{Envelope: Envelope{Kind: kind, Call: segment}}) // an error shows in the receiver as well
	l.Flush()
}

// Recv waits for the next message. After an error the link is of no more use, and
// Recv must not be called again.
func (l *Link) Recv() (Message, error) {
	for {
		m, err := l.receive()
		if err != nil {
			return Message{}, l.broken(err)
		}
		if !l.handled(m) {
			return m, nil
		}
	}
}

// handled takes in a message that is the link's own, and returns false for others.
func (l *Link) handled(m Message) bool {
	switch m.Kind {
	case blockDone:
		l.outgoing.release(m.Call)
	case segmentGone:
		l.incoming.forget(m.Call)
	default:
		return false
	}
	return true
}

// broken ends receiving where there is an error, which it returns.
func (l *Link) broken(err error) error {
	if err != nil {
		l.incoming.close()
		l.conn.files.close()
	}
	return err
}

// Poll is Recv for who does not want to wait: it returns false where no message has begun to
// arrive. It can be used where [Link.Polls].
func (l *Link) Poll() (Message, bool, error) {
	for l.conn.r.Buffered() == 0 {
		switch got, err := l.conn.fill(); {
		case err != nil:
			m, err := l.Recv() // the error, and what follows from it
			return m, err == nil, err
		case !got:
			return Message{}, false, nil
		}
	}
	m, err := l.receive()
	if err == nil && l.handled(m) {
		return Message{}, false, nil
	}
	return m, err == nil, l.broken(err)
}

// Polls reports whether [Link.Poll] can be used: the connection is one of this machine.
func (l *Link) Polls() bool { return l.conn.files != nil }

// Arrived is when the message that [Link.Recv] returned last had arrived, at the latest:
// several are read from the connection at once. It belongs to whoever receives.
func (l *Link) Arrived() time.Time { return l.conn.filled }

// Buffered reports whether bytes of a further message were read already. It belongs to
// whoever receives.
func (l *Link) Buffered() bool { return l.conn.r.Buffered() > 0 }

// Arriving is Buffered after a look into the connection, where [Link.Polls].
func (l *Link) Arriving() bool {
	if !l.Buffered() && l.Polls() {
		l.conn.fill() // an error shows when the next message is received
	}
	return l.Buffered()
}

func (l *Link) receive() (m Message, err error) {
	frames, err := l.conn.readMessage(l.header[:], l.parts[:0])
	if err != nil {
		return m, err
	}
	l.parts = frames
	defer clear(frames)
	if len(frames) < 2 {
		return m, fmt.Errorf("the peer sent a message of %d frames instead of 2 or more", len(frames))
	}
	m.Payload = frames[1]
	if m.Envelope, err = ParseEnvelope(frames[0]); err == nil && len(frames) > 2 {
		m.Blocks, err = l.incoming.blocks(l, frames[2], frames[3:])
	}
	return m, err
}

// Close ends the connection: whoever receives gets an error soon. It may be called
// by any goroutine, and again.
func (l *Link) Close() {
	l.conn.Close()
	l.outgoing.close()
}
