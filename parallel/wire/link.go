package wire

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// Link is one connection between a controller and an engine. One goroutine may
// send while another receives.
type Link struct {
	conn *conn
	zmtp *zmq4.Conn
}

// newLink opens a ZeroMQ DEALER over a connection whose peer is known.
func newLink(c net.Conn) (*Link, error) {
	l := &Link{conn: newConn(c)}
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
	return newLink(c)
}

// Send hands a message over; it leaves at the next [Link.Flush] at the latest.
// The payload may be used again when Send has returned.
func (l *Link) Send(m *Message) error {
	if size := len(m.Payload) + EnvelopeSize; size > MaxMessage {
		return &TooLarge{Bytes: size}
	}
	envelope := m.AppendTo(make([]byte, 0, EnvelopeSize))
	return l.zmtp.SendMsg(zmq4.NewMsgFrom(envelope, m.Payload))
}

// TooLarge is the error of a message above [MaxMessage].
type TooLarge struct{ Bytes int }

// Error says how to go on.
func (e *TooLarge) Error() string {
	return fmt.Sprintf("a message of %d bytes is larger than the limit of %d; use a smaller chunk size", e.Bytes, MaxMessage)
}

// Flush sends what was handed over.
func (l *Link) Flush() error { return l.conn.Flush() }

// Recv waits for the next message. After an error the link is of no more use.
func (l *Link) Recv() (Message, error) {
	m, err := l.zmtp.RecvMsg()
	if err != nil {
		return Message{}, err
	}
	if m.Type == zmq4.CmdMsg || len(m.Frames) != 2 {
		return Message{}, fmt.Errorf("the peer sent a message of %d frames instead of 2", len(m.Frames))
	}
	e, err := ParseEnvelope(m.Frames[0])
	return Message{e, m.Frames[1]}, err
}

// Close ends the connection: whoever receives gets an error soon. It may be called
// by any goroutine, and again.
func (l *Link) Close() { l.conn.Close() }
