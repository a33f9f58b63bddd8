package engine

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// inbox gets the executor its messages. The executor reads the link itself, which saves
// waking it for each message. While it runs items for longer than relief, a goroutine
// reads in its place, and keeps what comes for it, but for what cannot wait.
type inbox struct {
	link *wire.Link
	stop func(call uint64) // called for a call that is cancelled

	begun   atomic.Uint64 // frames that the executor has begun
	armed   atomic.Bool   // relief is to come
	timer   *time.Timer   // calls relieve
	often   bool          // messages come soon after one another; belongs to the executor, as does crowded
	crowded bool          // the last message was there already

	mu        sync.Mutex
	arrived   sync.Cond
	reading   bool   // somebody reads the link
	waiting   bool   // the executor waits for who reads
	seen      uint64 // of begun, when relieve looked last
	messages  []received
	closed    bool
	cancelled map[uint64]bool // calls that are cancelled and not yet stopped
}

// received is a message that waits, and since when.
type received struct {
	wire.Message
	at time.Time
}

// relief is how long items may run until somebody else reads the link: up to twice this time.
const relief = 200 * time.Microsecond

func newInbox(link *wire.Link, stop func(call uint64)) *inbox {
	in := &inbox{link: link, stop: stop, cancelled: map[uint64]bool{}}
	in.arrived.L = &in.mu
	in.timer = time.AfterFunc(time.Hour, in.relieve)
	in.timer.Stop()
	return in
}

// busy notes that the executor begins to run items.
func (in *inbox) busy() {
	in.begun.Add(1)
	if !in.armed.Swap(true) {
		in.timer.Reset(relief)
	}
}

// relieve reads in place of the executor if that has run the same frame since the last
// look. It looks again as long as frames are begun.
func (in *inbox) relieve() {
	in.mu.Lock()
	begun := in.begun.Load()
	same := begun == in.seen
	in.seen = begun
	if in.reading || in.closed {
		in.armed.Store(false)
		in.mu.Unlock()
		return
	}
	if !same {
		in.mu.Unlock()
		in.timer.Reset(relief)
		return
	}
	in.armed.Store(false)
	in.reading = true
	for in.read(in.link.Recv) && !in.waiting {
	}
	in.reading = false
	in.arrived.Signal()
	in.mu.Unlock()
}

// read takes in the next message. It returns false when the link has ended. The inbox is
// locked, but not while it waits, and reading is set by the caller.
func (in *inbox) read(receive func() (wire.Message, error)) bool {
	in.mu.Unlock()
	m, err := receive()
	if err == nil && m.Kind == wire.Cancel {
		in.mu.Lock()
		in.cancelled[m.Call] = true
		in.mu.Unlock()
		in.stop(m.Call)
	}
	in.mu.Lock()
	switch {
	case err != nil:
		in.closed = true
		in.arrived.Signal()
		return false
	case m.Kind == wire.Withdraw:
		if in.withdraw(m.Frame) {
			in.link.Send(&wire.Message{Envelope: wire.Envelope{Kind: wire.Withdrawn, Call: m.Call, Frame: m.Frame}}) // an error shows in Recv
			in.link.Flush()
		}
	default:
		in.messages = append(in.messages, received{m, in.link.Arrived()})
		in.arrived.Signal()
	}
	return true
}

// await waits for a message. It does so without sleeping, for a moment, where the last one
// came within such a moment: who calls again and again does not wait until a process is awake.
func (in *inbox) await() (wire.Message, error) {
	began := time.Now()
	defer func() { in.often = time.Since(began) < wire.SpinTime }()
	in.crowded = in.link.Buffered()
	if in.often && in.link.Polls() {
		looked := false
		for spin := wire.NewSpin(); ; {
			if m, ok, err := in.link.Poll(); ok || err != nil {
				in.crowded = in.crowded || !looked
				return m, err
			}
			looked = true
			if !spin.Again() {
				break
			}
		}
	}
	return in.link.Recv()
}

// withdraw removes a frame that waits, and reports whether there was one. The inbox is locked.
func (in *inbox) withdraw(frame uint64) bool {
	for i, m := range in.messages {
		if m.Kind == wire.Frame && m.Frame == frame {
			m.Drop()
			in.messages = slices.Delete(in.messages, i, i+1)
			return true
		}
	}
	return false
}

// empty reports whether no message has arrived that the executor has not taken. It looks into the
// connection where the last message was there before it was asked for: then others are
// likely to have followed, and their answers travel together.
func (in *inbox) empty() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.messages) == 0 && (in.reading || !in.link.Buffered() && !(in.crowded && in.link.Arriving()))
}

// next waits for a message. It returns false when the link has ended.
func (in *inbox) next() (received, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.messages) == 0 && !in.closed {
		if in.reading {
			in.waiting = true
			in.arrived.Wait()
			in.waiting = false
			continue
		}
		in.reading = true
		in.read(in.await)
		in.reading = false
	}
	if in.closed {
		return received{}, false
	}
	m := in.messages[0]
	in.messages[0] = received{}
	in.messages = in.messages[1:]
	return m, true
}

// dropped reports whether a call was cancelled, so that its frames need not run.
func (in *inbox) dropped(call uint64) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.cancelled[call]
}

// stopped forgets that a call was cancelled.
func (in *inbox) stopped(call uint64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.cancelled, call)
}
