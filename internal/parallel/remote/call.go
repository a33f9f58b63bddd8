package remote

import (
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/printed"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

type block = memory.Block

// Call is a call that runs in the cluster. Its methods may be called from any goroutine.
type Call struct {
	cluster *Cluster
	number  uint64
	began   time.Time
	named   chan struct{} // closed when the id is known, or never will be
	done    chan struct{}
	out     *codec.Codec
	stop    func() bool // ends the watch on the context
	output  backend.Output
	texts   [2]printed.Texts // what engines have printed on standard output, and on standard error

	mu       sync.Mutex
	id       string
	results  unsafe.Pointer
	log      backend.Log
	report   backend.Report
	failures []backend.Failure
	over     bool
	err      error
	cancel   error // why the caller cancelled it
}

// newCall makes a call of the cluster, which is told what comes of it as soon as it has a number.
func newCall(c *Cluster, out backend.Output) *Call {
	return &Call{cluster: c, output: out, began: time.Now(), named: make(chan struct{}), done: make(chan struct{}), report: backend.Report{Engines: map[int]int{}}}
}

// answered takes the answer to what asked for the call.
func (call *Call) answered(r cluster.Reply) {
	call.mu.Lock()
	call.id = r.ID
	call.mu.Unlock()
	close(call.named)
	if r.Error != "" {
		call.finish(errors.New(r.Error), nil)
	}
}

// take handles what comes of the call. An error ends the connection.
func (call *Call) take(m wire.Message) error {
	switch m.Kind {
	case wire.Result:
		return call.store(m)
	case wire.Arrived:
		var landed cluster.Landed
		if err := wire.DecodePayload(m.Payload, &landed); err != nil {
			return err
		}
		call.arrive(m.First, m.Count, landed)
	case wire.Printed:
		return call.say(m)
	case wire.Ended:
		var end cluster.End
		if err := wire.DecodePayload(m.Payload, &end); err != nil {
			return err
		}
		call.ended(end)
	}
	return nil
}

// store decodes the results of a frame into the caller's memory. What cannot be decoded ends the call.
func (call *Call) store(m wire.Message) error {
	call.mu.Lock()
	defer call.mu.Unlock()
	if call.over || call.out == nil {
		m.Drop()
		return nil
	}
	if m.First < 0 || m.Count < 1 || m.First+m.Count > call.report.Items {
		return fmt.Errorf("it sent results of items %d to %d of %d", m.First, m.First+m.Count-1, call.report.Items)
	}
	if err := call.out.Decode(m.Payload, m.Blocks, unsafe.Add(call.results, uintptr(m.First)*call.out.Type.Size()), m.Count); err != nil {
		call.finishLocked(fmt.Errorf("results of items %d to %d: %w", m.First, m.First+m.Count-1, err), nil)
	}
	return nil
}

// arrive notes which items are done.
func (call *Call) arrive(first, count int, landed cluster.Landed) {
	a := backend.Arrival{First: first, Count: count, Engine: landed.Engine}
	for _, f := range landed.Failures {
		a.Failures = append(a.Failures, backend.Failure{
			Item: f.Item, Engine: f.Engine, Panic: f.Panic, Value: f.Value, Err: codec.DecodeError(f.Error), Stack: f.Stack, Death: f.Death,
		})
	}
	call.mu.Lock()
	defer call.mu.Unlock()
	if call.over {
		return
	}
	call.failures = append(call.failures, a.Failures...)
	call.report.Done += count
	call.report.Engines[landed.Engine] += count
	call.log.Add(a)
}

// say takes what an engine has printed or shown.
func (call *Call) say(m wire.Message) error {
	switch {
	case m.First == cluster.Shows:
		if call.output != nil {
			call.output.Show(m.Count, m.Payload)
		}
		return nil
	case m.First != cluster.Stdout && m.First != cluster.Stderr:
		return fmt.Errorf("it sent output %d of an engine", m.First)
	}
	i := m.First - cluster.Stdout
	call.texts[i].Keep(m.Count, m.Payload)
	if call.output != nil && !call.cluster.o.Given {
		call.output.Print(m.First == cluster.Stderr, m.Count, m.Payload)
	} else {
		call.cluster.print(m.First, printed.Prefixed(printed.Streams[i], m.Count, m.Payload))
	}
	return nil
}

// Output returns what the items have printed so far on standard output, or on standard error, by engine.
func (call *Call) Output(stderr bool) map[int]string {
	if stderr {
		return call.texts[1].All()
	}
	return call.texts[0].All()
}

// ended takes the end of the call.
func (call *Call) ended(end cluster.End) {
	var err error
	if end.Error != "" {
		err = errors.New(end.Error)
		call.mu.Lock()
		if end.Cancelled && call.cancel != nil {
			err = fmt.Errorf("cancelled after %d of %d items: %w", call.report.Done, call.report.Items, call.cancel)
		}
		call.mu.Unlock()
	}
	call.finish(err, end.Report)
}

// lose ends a call whose connection has ended.
func (call *Call) lose(err error) {
	call.mu.Lock()
	if call.id != "" {
		err = fmt.Errorf("%w (its id is %q)", err, call.id)
	}
	call.mu.Unlock()
	select {
	case <-call.named:
	default:
		close(call.named) // the receiver has ended: nobody else does
	}
	call.finish(err, nil)
}

// finish ends the call, with the cluster's report if there is one.
func (call *Call) finish(err error, report *backend.Report) {
	call.mu.Lock()
	defer call.mu.Unlock()
	call.finishLocked(err, report)
}

func (call *Call) finishLocked(err error, report *backend.Report) {
	if call.over {
		return
	}
	call.over, call.err = true, err
	if call.stop != nil {
		call.stop()
	}
	r := &call.report
	r.Elapsed = time.Since(call.began)
	if report != nil {
		report.Function, report.Remote, report.Items, report.Done, report.Elapsed = r.Function, r.Remote, r.Items, r.Done, r.Elapsed
		report.Engines = r.Engines
		call.report = *report
	}
	c := call.cluster
	c.mu.Lock()
	delete(c.calls, call.number)
	if report != nil && report.Overhead > 0 {
		c.overhead = report.Overhead
	}
	c.mu.Unlock()
	call.results = nil // whoever keeps the call to read its report does not keep the data
	backend.SortFailures(call.failures)
	call.log.End()
	close(call.done)
}

// ID waits until the call has an id and returns it.
func (call *Call) ID() string {
	<-call.named
	call.mu.Lock()
	defer call.mu.Unlock()
	return call.id
}

// Done is closed when the call has ended.
func (call *Call) Done() <-chan struct{} { return call.done }

// AwaitOutput has nothing to wait for: what engines printed comes before the end.
func (call *Call) AwaitOutput() {}

// Err returns why the call as a whole failed, once it is done.
func (call *Call) Err() error {
	<-call.done
	return call.err
}

// Failures returns the items that failed, by index, once the call is done.
func (call *Call) Failures() []backend.Failure {
	<-call.done
	return call.failures
}

// Report returns what the call has cost so far: before its end, no more than how far it is.
func (call *Call) Report() backend.Report {
	call.mu.Lock()
	defer call.mu.Unlock()
	r := call.report.Copy()
	if !call.over {
		r.Elapsed = time.Since(call.began)
	}
	return r
}

// Arrivals returns the items that have arrived; see [backend.Call].
func (call *Call) Arrivals(seen int) ([]backend.Arrival, <-chan struct{}) {
	call.mu.Lock()
	defer call.mu.Unlock()
	return call.log.Since(seen)
}

// Cancel ends the call in the cluster, for everybody, unless it is over.
func (call *Call) Cancel(cause error) {
	call.mu.Lock()
	if call.over || call.cancel != nil {
		call.mu.Unlock()
		return
	}
	call.cancel = cause
	call.mu.Unlock()
	call.cluster.tell(wire.Envelope{Kind: wire.Cancel, Call: call.number})
	// The caller's memory must be its own soon, whatever the controller does.
	time.AfterFunc(cancelTime, func() {
		call.finish(fmt.Errorf("cancelled, which the cluster has not confirmed within %v: %w", cancelTime, cause), nil)
	})
}

// cancelTime limits the wait for the end of a call that was cancelled.
const cancelTime = 3 * time.Second

// tell sends a message of which the envelope says all. An error shows in the receiver as well.
func (c *Cluster) tell(e wire.Envelope) {
	c.link.Send(&wire.Message{Envelope: e})
	c.link.Flush()
}

// Help has nothing to take in: the connection's receiver does.
func (call *Call) Help() {}
