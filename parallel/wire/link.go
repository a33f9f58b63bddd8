package wire

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"github.com/goparallel/goparallel/parallel/memory"
)

// Link is one connection between a controller and an engine. Any number of
// goroutines may send while one receives.
type Link struct {
	conn *conn
	zmtp *zmq4.Conn

	sending  sync.Mutex // held while a message is written
	envelope [EnvelopeSize]byte
	outgoing outgoing

	incoming incoming // belongs to whoever receives
}

// newLink opens a ZeroMQ DEALER over a connection whose peer is known. What is
// large goes through shared memory of the pool, where the connection can carry
// files.
func newLink(c net.Conn, pool *memory.Pool) (*Link, error) {
	l := &Link{conn: newConn(c), outgoing: outgoing{pool: pool}}
	var err error
	if l.zmtp, err = zmq4.Open(l.conn, null.Security(), zmq4.Dealer, nil, false, nil); err != nil {
		c.Close()
		return nil, err
	}
	l.conn.collect.Store(true)
	return l, c.SetDeadline(time.Time{})
}

// Dial connects to the controller that listens at the path and presents the
// secret.
func Dial(ctx context.Context, path string, secret Secret) (*Link, error) {
	c, err := (&net.Dialer{Timeout: handshakeTime}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the controller: %w", err)
	}
	c.SetDeadline(time.Now().Add(handshakeTime))
	if err := introduce(c, secret); err != nil {
		c.Close()
		return nil, err
	}
	return newLink(c, memory.NewPool())
}

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
	frames := make([][]byte, 2, 3)
	frames[0], frames[1] = m.AppendTo(l.envelope[:0]), m.Payload
	size := EnvelopeSize + len(m.Payload)
	var table []byte
	if len(m.Blocks) > 0 {
		table, frames = l.outgoing.table(l, m.Blocks, append(frames, nil))
		frames[2] = table
		for _, f := range frames[2:] {
			size += len(f)
		}
	}
	if size > MaxMessage {
		l.outgoing.takeBack(table)
		return &TooLarge{Bytes: size}
	}
	return l.zmtp.SendMsg(zmq4.NewMsgFrom(frames...))
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
		switch {
		case err != nil:
			l.incoming.close()
			l.conn.files.close()
			return Message{}, err
		case m.Kind == blockDone:
			l.outgoing.release(m.Call)
		case m.Kind == segmentGone:
			l.incoming.forget(m.Call)
		default:
			return m, nil
		}
	}
}

func (l *Link) receive() (Message, error) {
	z, err := l.zmtp.RecvMsg()
	if err != nil {
		return Message{}, err
	}
	if z.Type == zmq4.CmdMsg || len(z.Frames) < 2 {
		return Message{}, fmt.Errorf("the peer sent a message of %d frames instead of 2 or more", len(z.Frames))
	}
	m := Message{Payload: z.Frames[1]}
	if m.Envelope, err = ParseEnvelope(z.Frames[0]); err == nil && len(z.Frames) > 2 {
		m.Blocks, err = l.incoming.blocks(l, z.Frames[2], z.Frames[3:])
	}
	return m, err
}

// Close ends the connection: whoever receives gets an error soon. It may be called
// by any goroutine, and again.
func (l *Link) Close() {
	l.conn.Close()
	l.outgoing.close()
}
