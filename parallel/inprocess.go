package parallel

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/poll"
	"github.com/goparallel/goparallel/internal/parallel/stack"
	"github.com/goparallel/goparallel/internal/parallel/text"
)

// loop runs items *next to end-1, one after the other, with *next being the one
// that runs, and a context that ends with the call. It returns early on an error, with *next at the item that failed. After
// the last item *next is still that.
type loop func(ctx context.Context, next *int, end int) error

// Pieces are what goroutines take from the items that are left: the first ones
// small, to learn what an item costs, then a part of the rest for each, so that
// the last ones are small again.
const (
	pieceGrowth = 8
	leastPiece  = 20 * time.Microsecond // much more than it takes to take a piece
	mostPiece   = 10 * time.Millisecond // how often a cancellation is seen
	worthWaking = 50 * time.Microsecond // of work left, for one more goroutine
)

// inProcess is a call whose items run in this process. Goroutines take pieces of the
// items, every second one of them from the end: costs are often sorted, and then
// the dearest items are at one of the two ends.
type inProcess struct {
	loop  loop
	start time.Time
	most  int // goroutines
	done  chan struct{}
	stop  func() bool     // ends the watch on the context
	ctx   context.Context // ends with the call
	end   context.CancelCauseFunc
	log   backend.Log

	// elsewhere is asked, once the cost of an item is known, whether the other
	// items had better run on engines; it may be nil.
	elsewhere func(mean float64, left int) (why string)
	// send starts them there.
	send func(first, count int) (backend.Call, error)

	mu        sync.Mutex
	low, high int          // items that nobody has taken
	mean      float64      // nanoseconds of an item, as the last ones were; 0 while unknown
	pieces    []int        // size of the last piece of each goroutine
	busy      int          // goroutines that run a piece
	remote    backend.Call // runs the items that were sent elsewhere, from base on
	base      int
	away      bool // the remote call's end has not been taken in yet
	over      bool
	err       error
	failures  []backend.Failure
	report    backend.Report
}

// begin starts the first goroutine.
func (h *inProcess) begin(ctx context.Context, items int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.start, h.done, h.high = time.Now(), make(chan struct{}), items
	h.most = min(runtime.GOMAXPROCS(0), runtime.NumCPU(), items)
	h.pieces = make([]int, h.most)
	h.report.Items, h.report.Tier, h.report.Mapped = items, Caller, true
	h.ctx, h.end = context.WithCancelCause(ctx)
	h.stop = context.AfterFunc(ctx, func() { h.Cancel(context.Cause(ctx)) })
	if err := context.Cause(ctx); err != nil {
		h.err = fmt.Errorf("cancelled before the first item: %w", err)
	}
	if items == 0 || h.err != nil {
		h.finish()
		return
	}
	go h.work(0, piece{})
}

// piece is a range of items that a goroutine runs. Those before next are done.
type piece struct{ first, next, end int }

// work runs pieces until there are no more. It begins with one that another
// goroutine could not finish, unless that is the zero piece.
func (h *inProcess) work(id int, p piece) {
	if id == 0 && h.most > 1 && p.end == 0 {
		go h.work(1, piece{}) // before the first item, which may take long
	}
	began := time.Now()
	returned := false
	defer func() {
		if !returned { // the function ended the goroutine, or an interrupt did
			h.ended(id, p)
		}
	}()
	for {
		if p.end == 0 {
			if p = h.take(id); p.end == 0 {
				returned = true
				return
			}
			began = time.Now()
		}
		for p.next < p.end {
			h.run(&p)
		}
		h.pieceDone(id, p, began)
		p = piece{}
	}
}

// run runs a piece up to its end or to the first item that fails.
func (h *inProcess) run(p *piece) {
	defer func() {
		if v := recover(); v != nil {
			err, _ := v.(error)
			h.fail(p, backend.Failure{Panic: true, Value: text.Message(context.Background(), v), Err: err, Stack: stack.Panic()})
		}
	}()
	if err := h.loop(h.ctx, &p.next, p.end); err != nil {
		h.fail(p, backend.Failure{Value: text.Message(context.Background(), err), Err: err})
	} else {
		p.next = p.end
	}
}

// fail notes that the current item of a piece failed, and goes on to the next.
func (h *inProcess) fail(p *piece, f backend.Failure) {
	f.Item, f.Engine = p.next, Here
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures = append(h.failures, f)
	p.next++
}

// take takes the next piece for a goroutine: the zero piece, if there is none.
func (h *inProcess) take(id int) piece {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mean > 0 && h.elsewhere != nil && h.low < h.high {
		h.promote()
	}
	left := h.high - h.low
	if left == 0 {
		return piece{}
	}
	n := 1
	if h.mean > 0 {
		length := max(float64(leastPiece), min(h.mean*float64(left)/float64(4*h.most), float64(mostPiece)))
		n = int(max(1, min(length/h.mean, float64(left), float64(max(h.pieces[id], 1)*pieceGrowth))))
	}
	if h.pieces[id] == 0 && id > 0 && id+1 < h.most && (h.mean == 0 || h.mean*float64(left) > float64(worthWaking)) {
		go h.work(id+1, piece{})
	}
	h.pieces[id] = n
	h.busy++
	if id%2 == 1 {
		h.high -= n
		return piece{h.high, h.high, h.high + n}
	}
	h.low += n
	return piece{h.low - n, h.low - n, h.low}
}

// promote sends the items that are left to engines, if that is better. h is
// locked.
func (h *inProcess) promote() {
	why := h.elsewhere(h.mean, h.high-h.low)
	if why == "" {
		return
	}
	h.elsewhere = nil
	first, count := h.low, h.high-h.low
	call, err := h.send(first, count)
	if err != nil {
		return // it cannot travel: it goes on here
	}
	h.low, h.base, h.remote, h.away = h.high, first, call, true
	h.report.Why = why
	go func() {
		<-call.Done()
		h.mu.Lock()
		defer h.mu.Unlock()
		h.remoteEnded()
	}()
}

// remoteEnded takes in how the items on engines ended. h is locked.
func (h *inProcess) remoteEnded() {
	for _, f := range h.remote.Failures() {
		f.Item += h.base
		h.failures = append(h.failures, f)
	}
	if err := h.remote.Err(); err != nil && h.err == nil {
		h.err = err
	}
	h.away = false
	parts, _ := h.remote.Arrivals(0)
	for _, part := range parts {
		h.arrived(h.base+part.First, part.Count, part.Engine)
	}
	h.endIfDone()
}

// pieceDone notes that a piece is done.
func (h *inProcess) pieceDone(id int, p piece, began time.Time) {
	now := time.Now()
	spent := now.Sub(began)
	h.mu.Lock()
	defer h.mu.Unlock()
	mean := max(float64(spent)/float64(p.end-p.first), 0.1)
	if h.mean == 0 {
		h.mean = mean
	} else {
		h.mean = (h.mean + mean) / 2
	}
	r := &h.report
	r.Work += spent
	r.Run += spent
	r.Frames++
	r.Done += p.end - p.first
	h.arrived(p.first, p.end-p.first, Here)
	if len(r.Trace) < backend.MaxTrace {
		r.Trace = append(r.Trace, FrameTrace{Engine: id, First: p.first, Items: p.end - p.first, Sent: began.Sub(h.start), Received: now.Sub(h.start), Run: spent})
	}
	if id > 0 {
		r.Tier = Goroutines
	}
	h.busy--
	h.endIfDone()
}

// ended notes that a goroutine ended within an item. Where the function called runtime.Goexit,
// another one goes on with the piece. Where the cell was interrupted the call ends, whose context
// may not say so yet.
func (h *inProcess) ended(id int, p piece) {
	poll.IfEnding(func() { h.Cancel(context.Canceled) })
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err == nil {
		h.failures = append(h.failures, backend.Failure{Item: p.next, Engine: Here, Value: "the function ended its goroutine (runtime.Goexit)"})
		p.next++
		go h.work(id, p)
		return
	}
	h.busy--
	h.endIfDone()
}

// arrived notes that items are done, with those of their failures that are known. h is locked.
func (h *inProcess) arrived(first, count, engine int) {
	a := backend.Arrival{First: first, Count: count, Engine: engine}
	for _, f := range h.failures {
		if f.Item >= first && f.Item < first+count {
			a.Failures = append(a.Failures, f)
		}
	}
	backend.SortFailures(a.Failures)
	h.log.Add(a)
}

// Arrivals returns the items that are done; see [backend.Call].
func (h *inProcess) Arrivals(seen int) ([]backend.Arrival, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.log.Since(seen)
}

// endIfDone ends the call when nothing of it is left to do. h is locked.
func (h *inProcess) endIfDone() {
	if h.busy == 0 && h.low == h.high && !h.away {
		h.finish()
	}
}

// finish ends the call. h is locked.
func (h *inProcess) finish() {
	if h.over {
		return
	}
	h.over = true
	h.stop()
	h.end(nil)
	backend.SortFailures(h.failures)
	h.log.End()
	r := &h.report
	r.Elapsed = time.Since(h.start)
	r.Workers = 0
	for _, n := range h.pieces {
		if n > 0 {
			r.Workers++
		}
	}
	r.Idle = max(0, time.Duration(r.Workers)*r.Elapsed-r.Run)
	h.loop, h.send = nil, nil // whoever keeps the call to read its report does not keep the data
	close(h.done)
}

// Done is closed when the call has ended and no item of it runs.
func (h *inProcess) Done() <-chan struct{} { return h.done }

// Help has nothing to take in: engines' answers come to those who wait for them.
func (h *inProcess) Help() {}

// AwaitOutput waits until what engines printed is passed on.
func (h *inProcess) AwaitOutput() {
	h.mu.Lock()
	remote := h.remote
	h.mu.Unlock()
	if remote != nil {
		remote.AwaitOutput()
	}
}

// Output is what items on engines have printed.
func (h *inProcess) Output(stderr bool) map[int]string {
	h.mu.Lock()
	remote := h.remote
	h.mu.Unlock()
	if remote != nil {
		return remote.Output(stderr)
	}
	return map[int]string{}
}

// Cancel ends the call, unless it has ended. Items that run already run to their end, or to
// their next poll in a notebook.
func (h *inProcess) Cancel(cause error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over || h.err != nil {
		return
	}
	done := h.report.Done
	if h.remote != nil {
		done += h.remote.Report().Done
	}
	h.err = fmt.Errorf("cancelled after %d of %d items: %w", done, h.report.Items, cause)
	h.low = h.high
	h.end(cause)
	if h.remote != nil {
		h.remote.Cancel(cause)
	}
	h.endIfDone()
}

// Err is why the call ended early, or nil.
func (h *inProcess) Err() error {
	<-h.done
	return h.err
}

// Failures lists the items that failed, lowest first.
func (h *inProcess) Failures() []backend.Failure {
	<-h.done
	return h.failures
}

// Report returns what the call has cost so far.
func (h *inProcess) Report() backend.Report {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.report
	if !h.over {
		r.Elapsed = time.Since(h.start)
	}
	r.Trace = slices.Clone(r.Trace)
	if h.remote != nil {
		return h.both(r)
	}
	return r
}

// both is the report of a call whose items ran here at first, and then on
// engines.
func (h *inProcess) both(r backend.Report) backend.Report {
	on := h.remote.Report()
	on.Function, on.Why, on.Items, on.Elapsed = r.Function, r.Why, r.Items, r.Elapsed
	on.Done += r.Done
	on.Work += r.Work
	return on
}
