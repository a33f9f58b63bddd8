package controller

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/plan"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Call is a job that runs. Its methods may be called from any goroutine.
type Call struct {
	job     backend.Job
	cluster *Cluster
	id      uint64
	in, out *codec.Codec
	encoded *Encoded          // items and results of another process; nil where they are in the caller's memory
	values  []*value          // all that the opening may have to bring
	uses    []*pushed         // whose memory its items are
	brings  []registry.Module // of types that they hold in interfaces
	opening wire.Opening
	targets []*engine
	outputs *outputs
	start   time.Time
	stop    func() bool // ends the watch on the context
	done    chan struct{}

	// The fields below are guarded by cluster.mu.

	schedule *plan.Schedule // engines are numbered as in targets
	pace     map[*engine]*pace
	away     int                 // items in frames that are not answered
	strikes  map[int]int         // items that ran when an engine died
	tries    map[int]int         // items that failed and run again
	retrying map[int]*time.Timer // items that wait until they run again
	log      backend.Log
	poison   int           // processes that items took with them
	deaths   int           // engines that died while they were opening the call
	lost     int           // nodes that were lost one after the other, since an item was finished
	lostAt   time.Duration // when the last of them was, since the call began
	failures []backend.Failure
	err      error
	over     bool
	decoding int // answers being decoded into the caller's memory
	report   backend.Report
}

// pace is an engine's part in a call.
type pace struct {
	index    int           // of the engine in targets
	sent     int           // frames that are not answered yet
	answered time.Duration // when the last frame was answered, since the call began
}

// Submit starts a job. The context's end cancels it.
func (c *Cluster) Submit(ctx context.Context, job backend.Job) (backend.Call, error) {
	return c.submit(ctx, &Call{job: job})
}

// submit starts a call of which no more is there than what the caller wants.
func (c *Cluster) submit(ctx context.Context, call *Call) (backend.Call, error) {
	job := &call.job
	call.cluster, call.start, call.done = c, time.Now(), make(chan struct{})
	call.pace, call.strikes = map[*engine]*pace{}, map[int]int{}
	call.report = backend.Report{Function: job.Function.String(), Remote: job.Function.Runner.Call == nil, Why: job.Why, Label: job.Label, Items: job.Items, Engines: map[int]int{}}
	var err error
	if call.targets, err = c.find(job.Targets); err != nil {
		return nil, err
	}
	if job.Pinned && job.Items != len(call.targets) {
		return nil, errChanged
	}
	call.report.Workers = len(call.targets)
	if !job.Pinned && !job.Applied && (job.In != nil || call.encoded != nil && call.encoded.Items != nil) {
		call.report.Mapped, call.report.Chunk = true, job.Chunk
	}
	if err := call.prepare(); err != nil {
		return nil, err
	}
	targets := call.targets // others may join
	if err := c.admit(ctx, call); err != nil {
		return nil, err
	}
	for _, e := range targets {
		if call.small() {
			e.sendNow()
		} else {
			e.poke()
		}
	}
	return call, nil
}

// smallJob is the size in bytes up to which the caller's goroutine sends itself.
const smallJob = 64 << 10

// small reports whether the caller's goroutine may send and read itself.
func (call *Call) small() bool { return uintptr(call.job.Items)*call.size() <= smallJob }

// admit makes a call one that runs.
func (c *Cluster) admit(ctx context.Context, call *Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.lastCall++
	call.id = c.lastCall
	c.calls = append(c.calls, call)
	c.listenTo(call)
	c.watch()
	c.out.Renew()
	c.err.Renew()
	for _, ns := range c.nodes {
		ns.renew()
	}
	c.observer.began(call)
	call.plan(call.number())
	call.stop = context.AfterFunc(ctx, func() { call.Cancel(context.Cause(ctx)) })
	if call.job.Items == 0 {
		call.finish(nil)
	}
	call.checkTargets()
	for _, e := range call.targets {
		if !call.job.Direct && e.stuck() {
			call.handOver(e)
		}
	}
	return nil
}

// number numbers the call's engines for its schedule, and returns how many run. Of a
// balanced call these come first: others may take long to start. The cluster is locked.
func (call *Call) number() (present int) {
	var order, away []*engine
	for _, e := range call.targets {
		if e.link == nil && !call.job.Pinned && !call.job.Direct {
			away = append(away, e)
		} else {
			order = append(order, e)
		}
	}
	for i, e := range append(order, away...) {
		call.pace[e] = &pace{index: i}
	}
	return len(order)
}

// size is the number of bytes of an item or its result, as far as it is known.
func (call *Call) size() (size uintptr) {
	if call.encoded != nil {
		size = uintptr(call.encoded.Size)
	}
	if call.in != nil {
		size = call.in.Type.Size()
	}
	if call.out != nil {
		size = max(size, call.out.Type.Size())
	}
	return size
}

// plan makes the schedule. The cluster is locked.
func (call *Call) plan(present int) {
	c, job := call.cluster, &call.job
	overhead, _ := c.overhead.Estimate()
	config := plan.Config{
		Items: job.Items, Engines: len(call.targets), Present: present, Chunk: job.Chunk, Size: int(call.size()),
		Overhead: overhead, Cost: c.costs[job.Function.Name],
	}
	switch {
	case job.Pinned:
		config.Order = plan.Pinned
	case job.Direct:
		config.Order = plan.Direct
	}
	call.schedule = plan.New(config)
}

// Done is closed when the call is over and nothing writes to the caller's memory
// any more.
func (call *Call) Done() <-chan struct{} {
	call.read()
	return call.done
}

// Cancel ends the call with an error, unless it is over. Engines stop its items
// at their next poll; one that has not stopped after a second is killed and
// started again.
func (call *Call) Cancel(cause error) {
	c := call.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if call.over {
		return
	}
	call.finish(fmt.Errorf("cancelled after %d of %d items: %w", call.report.Done, call.job.Items, cause))
}

// stopTime is how long an engine may take to stop a cancelled call.
const stopTime = time.Second

// finish ends the call. The cluster is locked.
func (call *Call) finish(err error) {
	if call.over {
		return
	}
	call.over, call.err = true, err
	for _, timer := range call.retrying {
		timer.Stop()
	}
	r := &call.report
	r.Elapsed = time.Since(call.start)
	r.Overhead, _ = call.cluster.overhead.Estimate()
	for _, p := range call.pace {
		r.Idle += r.Elapsed - p.answered
	}
	if call.stop != nil {
		call.stop()
	}
	calls := call.cluster.calls
	if i := slices.Index(calls, call); i >= 0 {
		call.cluster.calls = slices.Concat(calls[:i], calls[i+1:])
	}
	call.cluster.mute(call)
	call.cluster.observer.callEnded(call)
	call.cluster.costs.Learn(call.job.Function.Name, call.schedule.Cost())
	for _, e := range call.targets {
		if e.link == nil || !e.opened[call] {
			continue
		}
		p := call.pace[e]
		if p.sent == 0 {
			e.forget(call)
			continue
		}
		e.stale += p.sent
		e.control = append(e.control, &wire.Message{Envelope: wire.Envelope{Kind: wire.Cancel, Call: call.id}})
		e.poke()
		process := e.process
		time.AfterFunc(stopTime, func() { e.overdue(call, process) })
	}
	call.close()
}

// close announces the end of a call that is over, once no answer is being decoded
// any more. The cluster is locked.
func (call *Call) close() {
	if call.decoding > 0 {
		return
	}
	backend.SortFailures(call.failures)
	call.log.End()
	// Whoever keeps the call to read its report does not keep the data.
	call.job.In, call.job.Out, call.values = nil, nil, nil
	if call.err == nil { // else a sender may still be at it
		for _, p := range call.uses {
			p.drop()
		}
	}
	close(call.done)
}

// Err returns why the call as a whole failed, once it is done; failed items are
// no such reason.
func (call *Call) Err() error {
	<-call.done
	return call.err
}

// Failures returns the items that failed, by index, once the call is done.
func (call *Call) Failures() []backend.Failure {
	<-call.done
	return call.failures
}

// Report returns what the call has cost so far.
func (call *Call) Report() backend.Report {
	call.cluster.mu.Lock()
	defer call.cluster.mu.Unlock()
	r := call.report.Copy()
	if !call.over {
		r.Elapsed = time.Since(call.start)
	}
	return r
}

// Arrivals returns the items that have arrived; see [backend.Call].
func (call *Call) Arrivals(seen int) ([]backend.Arrival, <-chan struct{}) {
	call.read()
	call.cluster.mu.Lock()
	defer call.cluster.mu.Unlock()
	return call.log.Since(seen)
}

// outputLimit limits the wait for what engines printed: who takes it may be stuck. On a busy machine it may be long on its
// way, through a node above all.
const outputLimit = 5 * time.Second

// AwaitOutput waits, after the end of the call, until what its engines printed is
// passed on.
func (call *Call) AwaitOutput() {
	var waits []func()
	call.cluster.mu.Lock()
	targets := call.targets
	call.cluster.mu.Unlock()
	for _, e := range targets {
		call.cluster.mu.Lock()
		process := e.process
		connected := e.link != nil && call.report.Engines[e.id] > 0
		call.cluster.mu.Unlock()
		if connected {
			if wait := process.FlushOutput(outputLimit); wait != nil {
				waits = append(waits, wait)
			}
		}
	}
	for _, wait := range waits {
		wait()
	}
}
