// Package wire carries messages between a controller and its engines: ZeroMQ
// messages of two frames, an envelope of fixed layout and a payload, between
// DEALER sockets of github.com/go-zeromq/zmq4. Large pieces of memory follow as
// frames of their own, written straight from where they are; or, on one machine,
// they are left in shared memory and only their place follows (shared.go).
//
// zmq4 is guarded from outside. Each connection is a unix socket in a folder
// that only its owner may enter, whose peer must be a process of the same user, or
// a TLS connection with certificates of the cluster (transport.go, keys.go). The
// peer must present a secret of 256 bits, and be of the same build, within a deadline, before
// zmq4 sees a byte (auth.go). Who shows the hash of a secret with its first bytes is served
// whatever others do (door.go). What zmq4 reads and writes then passes through a connection that
// refuses frames above a limit before memory is allocated for them, and puts
// small writes together (conn.go). Of zmq4 the connection (zmq4.Open) is used and not
// the sockets: those cost a timer and a goroutine for each message, three times the
// time in all, and add queues, reconnects and an accept loop that are not wanted.
// After the handshake, frames are written and read in frames.go.
package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// Kind says what a message means.
type Kind byte

// What the controller sends: Open introduces a call (payload: the engine
// package's Opening), Again introduces one that is as the last one, which has ended, Frame brings items of it, Cancel ends it, Withdraw asks for a
// Frame back that has not begun. What an engine
// sends: Result answers a Frame with results, Failed answers it with the reason
// why none of its items could run (payload: text), Stopped answers a Cancel,
// Withdrawn answers a Withdraw that did not come too late. Expired says that an item
// has run longer than its call allows and cannot be stopped: the engine ends.
const (
	Open Kind = 1 + iota
	Frame
	Cancel
	Withdraw
	Result
	Failed
	Stopped
	Withdrawn
	Expired
	Again

	// A program that uses another process's cluster sends Ask, which the controller answers with Answer
	// of the same Call (payloads: package cluster); Items, which brings some of a call that was asked for; and
	// Cancel, which ends it. Of a call it is sent Result, of whole frames, Arrived, which says which items are done
	// or have failed, and Ended. Printed is what an
	// engine printed or showed for a call, whose number is Count, or what was printed for none: First says on which output.
	Ask
	Answer
	Items
	Arrived
	Ended
	Printed

	// Links send these two to each other: one block of a segment is not needed any
	// more, a segment is gone. Call is the number of the segment.
	blockDone
	segmentGone
	kinds
)

// Envelope is the fixed part of a message. Fields that a kind does not use are
// zero.
type Envelope struct {
	Kind Kind
	// Call is the number of the call that the message belongs to.
	Call uint64
	// Frame numbers the attempt to run some items. Each attempt has a number of
	// its own, so that a late answer to an earlier one is recognised.
	Frame uint64
	// First and Count are the range of items; in a Result, of those that ran.
	First, Count int
	// Failures is the number of items of a Result that failed.
	Failures int
	// Limit is the nanoseconds after which the engine is to answer a Frame with the
	// items that have run by then, at least one; 0 means no limit.
	Limit int64
	// Queue is the nanoseconds that a frame waited for the engine; Decode, Run and
	// Encode are those that the engine spent.
	Queue, Decode, Run, Encode int64
}

// Message is an envelope, its payload, and the blocks that belong to it.
type Message struct {
	Envelope
	Payload []byte
	Blocks  []*memory.Block
}

// Size is the number of bytes of payload and blocks.
func (m *Message) Size() int { return len(m.Payload) + memory.Total(m.Blocks) }

// Drop gives up the blocks of a message that nobody wants.
func (m *Message) Drop() {
	for _, b := range m.Blocks {
		b.Release()
	}
}

// version is the first byte of each envelope. Both ends are the same program, so
// another version is an error.
const version = 1

// EnvelopeSize is the length of an encoded envelope in bytes.
const EnvelopeSize = 2 + 10*8

// AppendTo appends the encoded envelope to b.
func (e *Envelope) AppendTo(b []byte) []byte {
	b = append(b, version, byte(e.Kind))
	for _, v := range [...]uint64{
		e.Call, e.Frame, uint64(e.First), uint64(e.Count), uint64(e.Failures),
		uint64(e.Limit), uint64(e.Queue), uint64(e.Decode), uint64(e.Run), uint64(e.Encode),
	} {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// ParseEnvelope decodes an envelope and checks that its numbers make sense.
func ParseEnvelope(b []byte) (Envelope, error) {
	if len(b) != EnvelopeSize {
		return Envelope{}, fmt.Errorf("an envelope has %d bytes, not %d", EnvelopeSize, len(b))
	}
	if b[0] != version {
		return Envelope{}, fmt.Errorf("the message has version %d, this program speaks %d", b[0], version)
	}
	var v [10]uint64
	for i := range v {
		v[i] = binary.LittleEndian.Uint64(b[2+8*i:])
		if i >= 2 && v[i] > 1<<62 {
			return Envelope{}, fmt.Errorf("field %d of the envelope is out of range", i)
		}
	}
	e := Envelope{
		Kind: Kind(b[1]), Call: v[0], Frame: v[1], First: int(v[2]), Count: int(v[3]), Failures: int(v[4]),
		Limit: int64(v[5]), Queue: int64(v[6]), Decode: int64(v[7]), Run: int64(v[8]), Encode: int64(v[9]),
	}
	if e.Kind == 0 || e.Kind >= kinds {
		return Envelope{}, fmt.Errorf("messages of kind %d are unknown", e.Kind)
	}
	if e.Failures > e.Count {
		return Envelope{}, fmt.Errorf("%d of %d items cannot have failed", e.Failures, e.Count)
	}
	return e, nil
}
