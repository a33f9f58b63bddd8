package wire

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// scheme is the name under which zmq4 knows the transport of this package.
const scheme = "goparallel"

// doors holds connections that have been authenticated, by the endpoint under
// which a zmq4 socket is about to pick them up.
var doors sync.Map

var lastDoor atomic.Uint64

// passage is the transport registered with zmq4: "dialling" picks up a
// connection whose peer is known, and nothing can be listened to.
type passage struct{}

func (passage) Dial(_ context.Context, _ transport.Dialer, address string) (net.Conn, error) {
	c, ok := doors.LoadAndDelete(address)
	if !ok {
		return nil, fmt.Errorf("no authenticated connection is waiting at %s", address)
	}
	return c.(*conn), nil
}

func (passage) Listen(context.Context, string) (net.Listener, error) {
	return nil, fmt.Errorf("%s connections are accepted by wire.Listen, not by zmq4", scheme)
}

func (passage) Addr(endpoint string) (string, error) { return endpoint, nil }

func init() {
	if err := zmq4.RegisterTransport(scheme, passage{}); err != nil {
		panic(err) // the name is taken: two copies of this package in one program
	}
}

// Link is one connection between a controller and an engine. One goroutine may
// send while another receives.
type Link struct {
	conn   *conn
	socket zmq4.Socket
	ended  bool // zmq4's reader has given its last, an error; the receiver's field
}

// newLink opens a ZeroMQ DEALER over a connection whose peer is known.
func newLink(c net.Conn) (*Link, error) {
	l := &Link{
		conn: newConn(c),
		socket: zmq4.NewDealer(context.Background(), zmq4.WithAutomaticReconnect(false), zmq4.WithDialerMaxRetries(0),
			zmq4.WithLogger(log.New(io.Discard, "", 0))), // its errors are returned as well
	}
	door := strconv.FormatUint(lastDoor.Add(1), 10)
	doors.Store(door, l.conn)
	if err := l.socket.Dial(scheme + "://" + door); err != nil {
		doors.Delete(door)
		c.Close()
		l.socket.Close()
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
	return newLink(c)
}

// Send hands a message over; it leaves at the next [Link.Flush] at the latest.
// The payload may be used again when Send has returned.
func (l *Link) Send(m *Message) error {
	if size := len(m.Payload) + EnvelopeSize; size > MaxMessage {
		return &TooLarge{Bytes: size}
	}
	envelope := m.AppendTo(make([]byte, 0, EnvelopeSize))
	return l.socket.SendMulti(zmq4.NewMsgFrom(envelope, m.Payload))
}

// TooLarge is the error of a message above [MaxMessage].
type TooLarge struct{ Bytes int }

// Error says how to go on.
func (e *TooLarge) Error() string {
	return fmt.Sprintf("a message of %d bytes is larger than the limit of %d; use a smaller chunk size", e.Bytes, MaxMessage)
}

// Flush sends what was handed over.
func (l *Link) Flush() error { return l.conn.Flush() }

// Recv waits for the next message. After an error the link is of no more use,
// and its receiver must call [Link.Close].
func (l *Link) Recv() (Message, error) {
	m, err := l.socket.Recv()
	if err != nil {
		l.ended = true
		return Message{}, err
	}
	if m.Type == zmq4.CmdMsg || len(m.Frames) != 2 {
		return Message{}, fmt.Errorf("the peer sent a message of %d frames instead of 2", len(m.Frames))
	}
	e, err := ParseEnvelope(m.Frames[0])
	return Message{e, m.Frames[1]}, err
}

// Hangup ends the connection: the receiver gets an error soon.
func (l *Link) Hangup() { l.conn.Close() }

// Close ends the connection and frees what belongs to it. Only the receiver may
// call it: zmq4's own reader ends when somebody has taken all it has read.
func (l *Link) Close() {
	l.conn.Close()
	for !l.ended {
		_, err := l.socket.Recv()
		l.ended = err != nil
	}
	l.socket.Close()
}
