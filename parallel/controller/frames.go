package controller

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/parallel/backend"

	"github.com/goparallel/goparallel/parallel/codec"
	"github.com/goparallel/goparallel/parallel/memory"
	"github.com/goparallel/goparallel/parallel/plan"
	"github.com/goparallel/goparallel/parallel/wire"
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
}

// next returns what the sender is to send now: nothing, if there is nothing to
// send yet. It returns false when the link is no longer the engine's.
func (e *engine) next(link *wire.Link) ([]*wire.Message, bool) {
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
	c.lastFrame++
	a.id, a.sent = c.lastFrame, time.Since(a.call.start)
	e.sent[a.id] = a
	a.call.pace[e].sent++
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

// ready returns the oldest call that has a frame for the engine now, or nil. The
// cluster is locked.
func (e *engine) ready() *Call {
	var oldest *Call
	for call := range e.cluster.calls {
		p := call.pace[e]
		if p == nil || oldest != nil && oldest.id < call.id || !call.job.Pinned && e.stuck() {
			continue
		}
		if call.schedule.Ready(p.index, p.sent) {
			oldest = call
		}
	}
	return oldest
}

// remove takes a frame off those that are not answered, unless the process that it was
// for is gone. The cluster is locked.
func (e *engine) remove(a *attempt) {
	if e.sent[a.id] != a {
		return
	}
	delete(e.sent, a.id)
	a.call.pace[e].sent--
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

// answered takes the answer to a frame.
func (e *engine) answered(m wire.Message) {
	c := e.cluster
	c.mu.Lock()
	a := e.sent[m.Frame]
	if a == nil || a.call.id != m.Call || a.First != m.First || m.Count != a.Count && (a.Limit == 0 || m.Count < 1 || m.Count > a.Count) {
		c.mu.Unlock()
		m.Drop()
		return // the answer to an attempt that was given up
	}
	e.remove(a)
	call := a.call
	e.deaths = 0
	if call.over {
		c.mu.Unlock()
		m.Drop()
		return // Stopped follows
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
		return
	}
	if err != nil {
		if m.Kind == wire.Failed {
			clear(e.modules) // it may not have loaded them all
		}
		call.finish(fmt.Errorf("%s on engine %d: %w", call.job.Function, e.id, err))
		return
	}
	for _, f := range failures {
		call.failures = append(call.failures, backend.Failure{Item: f.Item, Engine: e.id, Panic: f.Panic, Value: f.Value, Err: codec.DecodeError(f.Error), Stack: f.Stack})
	}
	call.account(e, a, m, arrived, stored)
	call.completed(m.Count)
	if e.ready() != nil {
		e.poke()
	}
	call.pokeIdle()
}

// pokeIdle wakes engines that had nothing to do for the call and may have now,
// because items came back or turned out to be dearer than was thought. The cluster
// is locked.
func (call *Call) pokeIdle() {
	if call.over || !call.schedule.Open() {
		return
	}
	for _, e := range call.targets {
		if call.pace[e].sent == 0 {
			e.poke()
		}
	}
}

// completed counts finished items. The cluster is locked.
func (call *Call) completed(n int) {
	if call.report.Done += n; call.report.Done == call.job.Items {
		call.finish(nil)
	}
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
	if call.out == nil {
		return failures, nil
	}
	return failures, decodeInto(call.out, values, m.Blocks, call.job.Out, span)
}

// decodeInto decodes the results of a span into the array of all results.
func decodeInto(c *codec.Codec, data []byte, blocks []*memory.Block, results unsafe.Pointer, span plan.Span) error {
	return c.Decode(data, blocks, unsafe.Add(results, uintptr(span.First)*c.Type.Size()), span.Count)
}
