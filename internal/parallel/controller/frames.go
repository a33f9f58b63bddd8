package controller

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/plan"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// attempt is a frame that was sent and is not answered yet.
type attempt struct {
	call *Call
	id   uint64
	plan.Frame
	sent  time.Duration // when, since the call began
	pack  time.Duration // what encoding the items took
	bytes int           // that they became
	alone bool          // the engine had nothing to do, the call was open there, and at most one other frame followed

	withdrawn bool // the engine was asked to give it back
	expired   bool // an item of it ran too long, and the engine ends for it
}

// next returns what the sender is to send now: nothing, if there is nothing to
// send yet. It returns false when the link is no longer the engine's.
func (e *engine) next(link connection) ([]*wire.Message, bool) {
	c := e.cluster
	c.mu.Lock()
	if e.link != link {
		c.mu.Unlock()
		return nil, false
	}
	if len(e.control) > 0 {
		messages := e.control
		e.control = nil
		c.mu.Unlock()
		return messages, true
	}
	a := e.pick()
	if a == nil {
		c.mu.Unlock()
		return nil, true
	}
	var messages []*wire.Message
	a.alone = len(e.sent) == 0 && e.opened[a.call]
	if !e.opened[a.call] {
		opening := e.open(a.call)
		if opening == nil {
			c.mu.Unlock()
			return nil, true
		}
		messages = append(messages, opening)
	}
	if len(e.sent) == 2 {
		for _, before := range e.sent { // what leaves together waits for all of it: no measure of one frame
			before.alone = false
		}
	}
	if len(e.sent) == 0 && (e.printing == nil || e.printing.over) { // else there will be marks
		e.printing = a.call.outputs
		e.process.WorksFor(a.call.id)
	}
	c.lastFrame++
	a.id, a.sent = c.lastFrame, time.Since(a.call.start)
	e.sent[a.id] = a
	a.call.pace[e].sent++
	a.call.away += a.Count
	items := a.call.job.In
	c.mu.Unlock()

	m := &wire.Message{Envelope: wire.Envelope{Kind: wire.Frame, Call: a.call.id, Frame: a.id, First: a.First, Count: a.Count, Limit: int64(a.Limit)}}
	if in := a.call.in; in != nil {
		var err error
		m.Payload, m.Blocks, err = in.EncodeInto(e.encoded, unsafe.Add(items, uintptr(a.First)*in.Type.Size()), a.Count)
		if !in.Raw() && cap(m.Payload) <= keptBuffer {
			e.encoded = m.Payload
		}
		if err == nil && len(m.Payload) > wire.MaxMessage-wire.EnvelopeSize {
			err = &wire.TooLarge{Bytes: len(m.Payload)}
		}
		if err != nil {
			e.unsendable(a, err)
			return messages, true
		}
	} else if x := a.call.encoded; x != nil && x.Items != nil {
		m.Payload, m.Blocks = x.Items(a.First, a.Count)
	}
	c.mu.Lock()
	a.pack = time.Since(a.call.start) - a.sent
	a.bytes = m.Size()
	a.call.report.BytesOut += a.bytes
	c.mu.Unlock()
	return append(messages, m), true
}

// keptBuffer limits the bytes of the buffer that an engine's sender encodes items
// into.
const keptBuffer = 4 << 20

// pick chooses the next frame for the engine. The cluster is locked.
func (e *engine) pick() *attempt {
	call := e.ready()
	if call == nil {
		return nil
	}
	return &attempt{call: call, Frame: call.schedule.Take(call.pace[e].index)}
}

// mostLoad is how much an engine is given ahead, of all calls: what keeps it busy is 1.
const mostLoad = 2

// ready returns the call that has a frame for the engine now and comes first, or nil: by
// priority, then the one of which the engine has least, then the oldest. A balanced call's
// frame does not wait behind those of other calls where another engine is idle. The cluster is locked.
func (e *engine) ready() *Call {
	load := 0.0
	if len(e.cluster.calls) > 1 { // there is nobody to share the engine with otherwise
		for _, call := range e.cluster.calls {
			if p := call.pace[e]; p != nil && p.sent > 0 {
				load += call.schedule.Load(p.index, p.sent)
			}
		}
	}
	var best *Call
	for _, call := range e.cluster.calls {
		if p := call.pace[e]; p == nil || !call.allows(e) || best != nil && !call.before(best, e) {
			continue
		} else if load > 0 && !call.job.Pinned && !call.job.Direct {
			if others := load - call.schedule.Load(p.index, p.sent); others >= mostLoad || others >= 1 && call.idler(e) {
				continue
			}
		}
		best = call
	}
	return best
}

// allows reports whether the call has a frame that the engine may have now. The cluster
// is locked.
func (call *Call) allows(e *engine) bool {
	if !call.job.Pinned && (e.stuck() || e.draining) || e.apart || call.job.Most > 0 && call.away+call.job.Chunk > call.job.Most {
		return false
	}
	if call.report.Retried > 0 && !call.others(e) {
		call.schedule.Alone(call.pace[e].index)
	}
	return call.schedule.Ready(call.pace[e].index, call.pace[e].sent)
}

// before reports whether a call comes before another one on an engine. The cluster is locked.
func (call *Call) before(other *Call, e *engine) bool {
	return cmp.Or(cmp.Compare(other.job.Priority, call.job.Priority),
		cmp.Compare(call.pace[e].sent, other.pace[e].sent), cmp.Compare(call.id, other.id)) < 0
}

// others reports whether another engine than this one runs for the call. The cluster is
// locked.
func (call *Call) others(e *engine) bool {
	return slices.ContainsFunc(call.targets, func(o *engine) bool { return o != e && o.link != nil && !o.draining })
}

// idler reports whether another engine has nothing to do and could have the call's next
// frame. The cluster is locked.
func (call *Call) idler(e *engine) bool {
	return slices.ContainsFunc(call.targets, func(o *engine) bool {
		return o != e && o.link != nil && !o.draining && len(o.sent) == 0 && call.schedule.Ready(call.pace[o].index, 0)
	})
}

// remove takes a frame off those that are not answered, unless the process that it was
// for is gone. The cluster is locked.
func (e *engine) remove(a *attempt) {
	if e.sent[a.id] != a {
		return
	}
	delete(e.sent, a.id)
	if e.apart && len(e.sent) == 0 {
		e.cluster.changed()
	}
	a.call.pace[e].sent--
	a.call.away -= a.Count
	if a.call.over {
		e.stale--
	}
}

// unsendable ends a call whose items cannot be encoded.
func (e *engine) unsendable(a *attempt, err error) {
	c := e.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	e.remove(a)
	var large *wire.TooLarge
	if errors.As(err, &large) {
		err = fmt.Errorf("items %d to %d: %w", a.First, a.First+a.Count-1, err)
	} else {
		err = fmt.Errorf("of items %d to %d, %w", a.First, a.First+a.Count-1, err)
	}
	a.call.finish(err)
}

// answered takes the answer to a frame, and reports whether there may be more to send to the engine.
func (e *engine) answered(m wire.Message) (more bool) {
	c := e.cluster
	c.mu.Lock()
	a := e.sent[m.Frame]
	if a == nil || a.call.id != m.Call || a.First != m.First || m.Count != a.Count && (a.Limit == 0 || m.Count < 1 || m.Count > a.Count) {
		c.mu.Unlock()
		m.Drop()
		return false // the answer to an attempt that was given up
	}
	e.remove(a)
	call := a.call
	e.deaths = 0
	if call.over {
		c.mu.Unlock()
		m.Drop()
		return false // Stopped follows
	}
	call.decoding++
	c.mu.Unlock()

	arrived := time.Since(call.start)
	failures, err := call.store(plan.Span{First: m.First, Count: m.Count}, m)
	stored := time.Since(call.start)

	c.mu.Lock()
	defer c.mu.Unlock()
	call.decoding--
	if call.over {
		call.close()
		return false
	}
	if err != nil {
		if m.Kind == wire.Failed {
			clear(e.modules) // it may not have loaded them all
		}
		call.finish(fmt.Errorf("%s on engine %d: %w", call.job.Function, e.id, err))
		return false
	}
	call.account(e, a, m, arrived, stored)
	call.acquit(m.First, m.Count)
	part := backend.Arrival{First: m.First, Count: m.Count, Engine: e.id}
	for _, f := range failures {
		failure := backend.Failure{Item: f.Item, Engine: e.id, Panic: f.Panic, Value: f.Value, Err: call.failure(f.Error), Stack: f.Stack}
		if call.retry(e, f.Item) {
			// It is not done: what is before it has arrived, and what is after it.
			before := part
			before.Count = f.Item - part.First
			call.completed(before)
			part = backend.Arrival{First: f.Item + 1, Count: part.First + part.Count - f.Item - 1, Engine: e.id}
			continue
		}
		part.Failures = append(part.Failures, failure)
	}
	call.completed(part)
	call.pokeIdle(e)
	return len(c.calls) > 0
}

// pokeIdle wakes the other engines that had nothing to do for the call and may have now,
// because items came back or turned out to be dearer than was thought. The cluster
// is locked.
func (call *Call) pokeIdle(but *engine) {
	if call.over || call.job.Most == 0 && !call.schedule.Open() {
		return
	}
	for _, e := range call.targets {
		if e != but && call.pace[e].sent == 0 {
			e.poke()
		}
	}
}

// completed takes in finished items. The cluster is locked.
func (call *Call) completed(a backend.Arrival) {
	if a.Count == 0 || call.over {
		return
	}
	if a.Engine >= 0 && a.Engine < len(call.cluster.engines) {
		e := call.cluster.engines[a.Engine]
		call.cluster.observer.count(backend.ItemFailures, e, len(a.Failures))
		e.done, e.failed = e.done+a.Count, e.failed+len(a.Failures)
	}
	call.failures = append(call.failures, a.Failures...)
	call.log.Add(a)
	switch call.report.Done += a.Count; {
	case call.report.Done == call.job.Items:
		call.finish(nil)
	case call.job.StopAtError && len(a.Failures) > 0:
		call.finish(fmt.Errorf("stopped at the first error, after %d of %d items", call.report.Done, call.job.Items))
	}
}

// failed takes in the failure of one item. The cluster is locked.
func (call *Call) failed(e *engine, item int, f backend.Failure) {
	f.Item, f.Engine = item, e.id
	call.completed(backend.Arrival{First: item, Count: 1, Engine: e.id, Failures: []backend.Failure{f}})
}

// store writes the results of a frame to the caller's memory.
func (call *Call) store(span plan.Span, m wire.Message) ([]wire.Failure, error) {
	if m.Kind == wire.Failed {
		return nil, errors.New(string(m.Payload))
	}
	values := m.Payload
	var failures []wire.Failure
	if m.Failures > 0 {
		var o wire.Outcome
		if err := wire.DecodePayload(m.Payload, &o); err != nil {
			return nil, err
		}
		values, failures = o.Values, o.Failures
		for _, f := range failures {
			if f.Item < span.First || f.Item >= span.First+span.Count {
				return nil, fmt.Errorf("it reported the failure of item %d, which it was not sent", f.Item)
			}
		}
	}
	if call.encoded != nil && call.encoded.Store != nil {
		return failures, call.encoded.Store(span.First, span.Count, values, m.Blocks)
	}
	if call.out == nil {
		return failures, nil
	}
	return failures, decodeInto(call.out, values, m.Blocks, call.job.Out, span)
}

// decodeInto decodes the results of a span into the array of all results.
func decodeInto(c *codec.Codec, data []byte, blocks []*memory.Block, results unsafe.Pointer, span plan.Span) error {
	return c.Decode(data, blocks, unsafe.Add(results, uintptr(span.First)*c.Type.Size()), span.Count)
}
