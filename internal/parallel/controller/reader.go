package controller

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// reader takes the answers of an engine's process. Either a goroutine of its own does, or,
// for a moment, who waits for a call ([Call.Help]): that saves waking two goroutines, and
// maybe a processor, for each answer. The goroutine reads while answers are to come that nobody
// helps with, and while nothing happens, when it sleeps until the process ends.
type reader struct {
	engine *engine
	link   connection

	turn   sync.Mutex // held by whoever reads
	failed bool       // the link has ended; guarded by turn

	wanted chan struct{} // tells the goroutine to read
	used   atomic.Uint64 // counts what was sent and read
	seen   uint64        // of used, when the timer looked last; belongs to the timer
	armed  atomic.Bool
	timer  *time.Timer
}

// restTime is after how long without anything sent or read the goroutine reads: up to twice this time.
const restTime = time.Millisecond

func newReader(e *engine, link connection) *reader {
	r := &reader{engine: e, link: link, wanted: make(chan struct{}, 1)}
	r.timer = time.AfterFunc(time.Hour, r.look)
	r.timer.Stop()
	r.want()
	return r
}

// want makes the goroutine read, unless somebody reads. It returns to its rest when no answer is to come.
func (r *reader) want() {
	select {
	case r.wanted <- struct{}{}:
	default:
	}
}

// use notes that something was sent or read, so that somebody reads soon.
func (r *reader) use() {
	r.used.Add(1)
	if !r.armed.Swap(true) {
		r.timer.Reset(restTime)
	}
}

// look makes the goroutine read when nothing happens any more.
func (r *reader) look() {
	if used := r.used.Load(); used != r.seen {
		r.seen = used
		r.timer.Reset(restTime)
		return
	}
	r.armed.Store(false)
	r.want()
}

// receive is the goroutine. It ends with the link.
func (r *reader) receive(ended <-chan struct{}) {
	defer r.link.Close()
	defer r.timer.Stop()
	for {
		select {
		case <-r.wanted:
		case <-ended:
		}
		r.turn.Lock()
		for r.read() {
		}
		failed := r.failed
		r.turn.Unlock()
		if failed {
			return
		}
	}
}

// read takes in one message. It returns false when the goroutine is to rest: none is to come,
// or the link has ended. The turn is held.
func (r *reader) read() bool {
	if r.failed {
		return false
	}
	m, err := r.link.Recv()
	if err != nil {
		r.failed = true
		return false
	}
	if r.engine.take(m) && r.engine.wants() {
		r.engine.poke()
	}
	if !r.link.Polls() || r.link.Buffered() || r.engine.awaited() {
		return true
	}
	select {
	case <-r.wanted: // for what was answered meanwhile
	default:
	}
	r.use()
	return r.engine.awaited()
}

// poll takes in what has arrived, if nobody else reads. It reports whether there was something,
// and whether it could look.
func (r *reader) poll() (got, looked bool) {
	if !r.turn.TryLock() {
		return false, false
	}
	more := false
	defer func() {
		r.turn.Unlock()
		if more {
			r.engine.sendNow()
		}
	}()
	if r.failed {
		return false, false
	}
	for first := true; first || r.link.Buffered(); first = false {
		m, ok, err := r.link.Poll()
		if err != nil {
			r.failed = true
			r.want()
			return got, false
		}
		if ok {
			more = r.engine.take(m) || more
			got = true
		}
	}
	if got {
		r.use()
	}
	return got, true
}

// awaited reports whether answers of the engine are to come.
func (e *engine) awaited() bool {
	e.cluster.mu.Lock()
	defer e.cluster.mu.Unlock()
	return len(e.sent) > 0 || e.stale > 0
}

// wants reports whether there is something to send to the engine, whose sender need not be woken otherwise.
func (e *engine) wants() bool {
	e.cluster.mu.Lock()
	defer e.cluster.mu.Unlock()
	return e.ready() != nil
}

// take takes in an engine's message, and reports whether there may be more to send to the engine.
func (e *engine) take(m wire.Message) (more bool) {
	switch m.Kind {
	case wire.Result, wire.Failed:
		return e.answered(m)
	case wire.Stopped:
		e.stopped(m.Call)
	case wire.Withdrawn:
		e.withdrawn(m.Frame)
	case wire.Expired:
		e.expires(m)
	}
	return false
}

// Help takes in the call's answers in the calling goroutine, as long as they come soon. Who is
// about to wait for the call's end calls it first.
func (call *Call) Help() {
	if !call.small() {
		return // who sends much must not be the one who reads
	}
	var readers []*reader
	for spin := wire.NewSpin(); ; {
		got, looked := false, false
		readers = call.readers(readers[:0])
		for _, r := range readers {
			g, l := r.poll()
			got, looked = got || g, looked || l
		}
		select {
		case <-call.done:
			return
		default:
		}
		if got {
			spin = wire.NewSpin()
		} else if !looked || !spin.Again() {
			return
		}
	}
}

// readers appends those from whom answers to the call are to come soon.
func (call *Call) readers(to []*reader) []*reader {
	c := call.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.costs[call.job.Function.Name].Mean > float64(wire.SpinTime) {
		return to
	}
	for _, e := range call.targets {
		if e.link != nil && e.link.Polls() && call.pace[e].sent > 0 {
			to = append(to, e.reader)
		}
	}
	return to
}

// read has the answers read that are to come, by others than the caller.
func (call *Call) read() {
	call.cluster.mu.Lock()
	defer call.cluster.mu.Unlock()
	for _, e := range call.targets {
		if e.link != nil && call.pace[e].sent > 0 {
			e.reader.want()
		}
	}
}
