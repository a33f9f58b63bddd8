package controller

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/plan"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// world is a cluster whose engines are what a test says: no processes and no sockets, so that the test chooses what
// happens, and in which order. It runs in a bubble of testing/synctest and has one goroutine, so time passes only
// where the test sleeps.
type world struct {
	t       *testing.T
	cluster *Cluster
	workers map[*engine]*worker // what is at the other end of an engine's connection now
	pids    int
	jobs    []*work
}

// work is a call and the memory that it reads and writes.
type work struct {
	*Call
	in, out []int
}

// worker is an engine's process with the other end of its connection, as package engine behaves.
type worker struct {
	pid     int
	ended   chan struct{}
	how     string
	call    uint64 // that its record says
	item    int
	stopped bool
	killed  []string // for what

	sent    []wire.Message // by the controller, not looked at yet
	closed  bool
	opened  map[uint64]bool
	last    uint64 // that was opened
	frames  []wire.Message
	answers []wire.Message // that are on their way before those to frames
}

var (
	_ launch.Process = (*worker)(nil)
	_ connection     = (*fakeLink)(nil)
)

func newWorld(t *testing.T, engines int) *world {
	c := &Cluster{
		closing: make(chan struct{}), news: make(chan struct{}), printing: map[uint64]*outputs{}, costs: plan.Memory{},
		observer: newObserver(backend.Observer{}),
	}
	discard := func() io.Writer { return io.Discard }
	c.out, c.err = &launch.Sink{Stream: "stdout", Writer: discard}, &launch.Sink{Stream: "stderr", Writer: discard}
	w := &world{t: t, cluster: c, workers: map[*engine]*worker{}}
	for id := range engines {
		c.engines = append(c.engines, newEngine(c, id, 1))
	}
	return w
}

// close ends the timers of the cluster.
func (w *world) close() {
	w.cluster.end()
	w.pass(time.Minute) // all that was to happen later
}

// connects lets a new process of an engine connect.
func (w *world) connects(e *engine) *worker {
	w.t.Helper()
	w.pids++
	worker := &worker{pid: w.pids, ended: make(chan struct{}), item: idle, opened: map[uint64]bool{}}
	e.comes(worker)
	if !e.adopt(worker, worker.link()) {
		w.t.Fatalf("engine %d was not adopted", e.id)
	}
	w.workers[e] = worker
	return worker
}

// submit starts a call of so many items, each of which is doubled.
func (w *world) submit(items int, job backend.Job) *work {
	w.t.Helper()
	one := &work{in: make([]int, items), out: make([]int, items)}
	for i := range one.in {
		one.in[i] = i + 1
	}
	job.Items = items
	job.Function = registry.Call{Function: &registry.Function{Name: "double", Runner: registry.Runner{In: reflect.TypeFor[int](), Out: reflect.TypeFor[int]()}}}
	job.In, job.Out = unsafe.Pointer(&one.in[0]), unsafe.Pointer(&one.out[0])
	call, err := w.cluster.Submit(context.Background(), job)
	if err != nil {
		w.t.Fatal(err)
	}
	one.Call = call.(*Call)
	w.jobs = append(w.jobs, one)
	w.send()
	return one
}

// send lets each engine's sender send what there is.
func (w *world) send() {
	for _, e := range w.cluster.engines {
		if e.link == nil {
			continue
		}
		e.sending.Lock()
		e.pump(e.link)
		e.sending.Unlock()
		w.allowed(e)
		w.workers[e].receive(w.t)
	}
}

// allowed checks that an engine may have the frames that it was sent.
func (w *world) allowed(e *engine) {
	w.t.Helper()
	for _, m := range w.workers[e].sent {
		if m.Kind != wire.Frame {
			continue
		}
		i := slices.IndexFunc(w.jobs, func(one *work) bool { return one.id == m.Call })
		job := w.jobs[i].job
		switch {
		case e.apart:
			w.t.Errorf("engine %d, which is being removed, was sent a frame", e.id)
		case job.Pinned && w.jobs[i].targets[m.First] != e:
			w.t.Errorf("engine %d was sent item %d, which is another one's", e.id, m.First)
		case e.draining && !job.Pinned:
			w.t.Errorf("engine %d, whose node will end, was sent a frame", e.id)
		}
	}
}

// receive does with messages what an engine does, and checks that they keep to the protocol.
func (k *worker) receive(t *testing.T) {
	t.Helper()
	for _, m := range k.sent {
		switch m.Kind {
		case wire.Open:
			var o wire.Opening
			if err := wire.DecodePayload(m.Payload, &o); err != nil {
				t.Errorf("an opening cannot be read: %v", err)
			}
			for _, id := range o.Ended {
				if !k.opened[id] {
					t.Errorf("call %d was closed, which process %d does not know", id, k.pid)
				}
				delete(k.opened, id)
			}
			k.opened[m.Call], k.last = true, m.Call
		case wire.Again:
			if !k.opened[k.last] {
				t.Errorf("call %d is as the last one, which process %d does not know", m.Call, k.pid)
			}
			delete(k.opened, k.last)
			k.opened[m.Call], k.last = true, m.Call
		case wire.Frame:
			if !k.opened[m.Call] {
				t.Errorf("a frame of call %d came to process %d, which does not know it", m.Call, k.pid)
			}
			k.frames = append(k.frames, m)
		case wire.Cancel:
			if !k.opened[m.Call] {
				t.Errorf("call %d was cancelled, which process %d does not know", m.Call, k.pid)
			}
			k.frames = slices.DeleteFunc(k.frames, func(f wire.Message) bool { return f.Call == m.Call })
			k.answers = append(k.answers, wire.Message{Envelope: wire.Envelope{Kind: wire.Stopped, Call: m.Call}})
		case wire.Withdraw: // what runs has begun
			if i := slices.IndexFunc(k.frames, func(f wire.Message) bool { return f.Frame == m.Frame }); i > 0 {
				k.frames = slices.Delete(k.frames, i, i+1)
				k.answers = append(k.answers, wire.Message{Envelope: wire.Envelope{Kind: wire.Withdrawn, Call: m.Call, Frame: m.Frame}})
			}
		default:
			t.Errorf("a controller sent a message of kind %d", m.Kind)
		}
	}
	k.sent = nil
}

// answer answers the first frame, of which some items failed, and the others are what they should be.
func (w *world) answer(e *engine, failed ...int) bool {
	w.t.Helper()
	k := w.workers[e]
	if k == nil || len(k.frames) == 0 {
		return false
	}
	f := k.frames[0]
	k.frames = k.frames[1:]
	ints, err := codec.For(reflect.TypeFor[int]())
	if err != nil {
		w.t.Fatal(err)
	}
	values := make([]int, f.Count)
	if err := ints.Decode(f.Payload, nil, unsafe.Pointer(&values[0]), f.Count); err != nil {
		w.t.Fatal(err)
	}
	answer := wire.Message{Envelope: wire.Envelope{Kind: wire.Result, Call: f.Call, Frame: f.Frame, First: f.First, Count: f.Count, Run: int64(f.Count) * int64(time.Millisecond)}}
	outcome := wire.Outcome{}
	for i := range values {
		values[i] *= 2
		if slices.Contains(failed, f.First+i) {
			values[i] = 0
			outcome.Failures = append(outcome.Failures, wire.Failure{Item: f.First + i, Value: "it failed"})
		}
	}
	if answer.Payload, _, err = ints.Encode(unsafe.Pointer(&values[0]), len(values)); err != nil {
		w.t.Fatal(err)
	}
	if answer.Failures = len(outcome.Failures); answer.Failures > 0 {
		outcome.Values = answer.Payload
		if answer.Payload, err = wire.EncodePayload(outcome); err != nil {
			w.t.Fatal(err)
		}
	}
	e.take(answer)
	return true
}

// replies lets what an engine says besides results arrive.
func (w *world) replies(e *engine) bool {
	k := w.workers[e]
	if k == nil || len(k.answers) == 0 {
		return false
	}
	answers := k.answers
	k.answers = nil
	for _, m := range answers {
		e.take(m)
	}
	return true
}

// dies ends an engine's process while it ran an item of a call.
func (w *world) dies(e *engine, call uint64, item int) bool {
	k := w.workers[e]
	if k == nil {
		return false
	}
	k.call, k.item, k.how = call, item, "died"
	if n := len(k.killed); n > 0 {
		k.how = "was killed"
	}
	close(k.ended)
	k.closed = true
	delete(w.workers, e)
	e.died(k)
	return true
}

// finish lets all that is left happen as it should: processes that were killed end, others take their place, frames
// are answered.
func (w *world) finish() {
	w.t.Helper()
	c := w.cluster
	for range 300 {
		busy := false
		for _, e := range c.engines {
			if k := w.workers[e]; k != nil && len(k.killed) > 0 {
				w.dies(e, 0, idle)
			}
			if e.draining && len(e.sent) == 0 { // its node has ended
				w.dies(e, 0, idle)
				if e.gone == "" {
					e.leave("its node has ended")
				}
			}
			if e.link == nil && !e.removed && !e.draining && !c.closed {
				w.connects(e)
			}
		}
		w.send()
		for _, e := range c.engines {
			w.replies(e)
			w.answer(e)
			busy = busy || len(e.sent) > 0 && !c.closed
		}
		w.check()
		if len(c.calls) == 0 && !busy {
			break
		}
		w.pass(50 * time.Millisecond)
	}
	for _, one := range w.jobs {
		w.ended(one)
	}
	for _, e := range c.engines {
		if e.link != nil && !c.closed && len(e.opened) > 0 {
			w.t.Errorf("engine %d keeps %d calls that are over", e.id, len(e.opened))
		}
	}
}

// again runs another call, which must succeed if an engine is left.
func (w *world) again(items int) {
	w.t.Helper()
	one := w.submit(items, backend.Job{})
	w.finish()
	for _, e := range w.cluster.engines {
		if e.link != nil && !e.removed && one.err != nil {
			w.t.Errorf("engine %d runs, and a call fails: %v", e.id, one.err)
		}
	}
}

// ended checks the outcome of a call: each item has arrived once, with its result, or the call says why not.
func (w *world) ended(one *work) {
	w.t.Helper()
	if !one.over {
		w.t.Errorf("call %d has not ended: %d of %d items are done, %d away", one.id, one.report.Done, one.job.Items, one.away)
		return
	}
	select {
	case <-one.done:
	default:
		w.t.Errorf("call %d is over, and nobody was told", one.id)
	}
	times := make([]int, len(one.in))
	failed := map[int]bool{}
	arrivals, _ := one.log.Since(0)
	for _, a := range arrivals {
		for i := range a.Count {
			times[a.First+i]++
		}
		for _, f := range a.Failures {
			failed[f.Item] = true
		}
	}
	for i, n := range times {
		switch {
		case n > 1 || n == 0 && one.err == nil:
			w.t.Errorf("item %d of call %d has arrived %d times (%v)", i, one.id, n, one.err)
		case n == 1 && !failed[i] && one.out[i] != 2*one.in[i]:
			w.t.Errorf("item %d of call %d is %d instead of %d", i, one.id, one.out[i], 2*one.in[i])
		}
	}
}

// pass lets time pass, and all that happens meanwhile, under the lock of the cluster. What tests look at
// without it comes before, or after.
func (w *world) pass(d time.Duration) {
	w.cluster.mu.Lock()
	//lint:ignore SA2001 it orders what was read before what is written now
	w.cluster.mu.Unlock()
	time.Sleep(d)
	synctest.Wait()
}

// check compares what is counted twice.
func (w *world) check() {
	w.t.Helper()
	c := w.cluster
	away, sent := map[*Call]int{}, map[*Call]map[*engine]int{}
	for _, e := range c.engines {
		stale := 0
		for id, a := range e.sent {
			if a.id != id {
				w.t.Errorf("frame %d is noted as %d", a.id, id)
			}
			if sent[a.call] == nil {
				sent[a.call] = map[*engine]int{}
			}
			away[a.call] += a.Count
			sent[a.call][e]++
			if a.call.over {
				stale++
			}
		}
		if stale != e.stale {
			w.t.Errorf("engine %d has %d stale frames and counts %d", e.id, stale, e.stale)
		}
		if e.link == nil && len(e.sent) > 0 && !c.closed {
			w.t.Errorf("engine %d does not run and has %d frames", e.id, len(e.sent))
		}
	}
	for _, one := range w.jobs {
		arrived := 0
		arrivals, _ := one.log.Since(0)
		for _, a := range arrivals {
			arrived += a.Count
		}
		if arrived != one.report.Done || one.report.Done > one.job.Items {
			w.t.Errorf("%d items of call %d have arrived, %d of %d are counted", arrived, one.id, one.report.Done, one.job.Items)
		}
		if one.over == slices.Contains(c.calls, one.Call) {
			w.t.Errorf("call %d is over: %v, and runs: %v", one.id, one.over, slices.Contains(c.calls, one.Call))
		}
		if away[one.Call] != one.away {
			w.t.Errorf("%d items of call %d are away, %d are counted", away[one.Call], one.id, one.away)
		}
		if one.job.Most > 0 && one.away > one.job.Most {
			w.t.Errorf("%d items of call %d are away, at most %d may be", one.away, one.id, one.job.Most)
		}
		for e, p := range one.pace {
			if p.sent != sent[one.Call][e] {
				w.t.Errorf("engine %d has %d frames of call %d, and %d are counted", e.id, sent[one.Call][e], one.id, p.sent)
			}
		}
	}
}

// The process.

func (k *worker) Ended() <-chan struct{}           { return k.ended }
func (k *worker) Pid() int                         { return k.pid }
func (k *worker) Last() (uint64, int)              { return k.call, k.item }
func (k *worker) KillFor(why string)               { k.killed = append(k.killed, why) }
func (k *worker) Tail() string                     { return "" }
func (k *worker) FlushOutput(time.Duration) func() { return nil }
func (k *worker) WorksFor(uint64)                  {}
func (k *worker) Stopped() bool                    { return k.stopped }
func (k *worker) End() string                      { return k.how }
func (k *worker) Close()                           {}
func (k *worker) link() *fakeLink                  { return (*fakeLink)(k) }

// fakeLink is the controller's end of a connection to a worker.
type fakeLink worker

var errNothing = errors.New("nobody reads here: a test says what has arrived")

func (l *fakeLink) Send(m *wire.Message) error {
	if l.closed {
		return net.ErrClosed
	}
	kept := *m
	kept.Payload = bytes.Clone(m.Payload)
	l.sent = append(l.sent, kept)
	return nil
}

func (l *fakeLink) Flush() error {
	if l.closed {
		return net.ErrClosed
	}
	return nil
}

func (l *fakeLink) Recv() (wire.Message, error)       { return wire.Message{}, errNothing }
func (l *fakeLink) Poll() (wire.Message, bool, error) { return wire.Message{}, false, errNothing }
func (l *fakeLink) Polls() bool                       { return false }
func (l *fakeLink) Buffered() bool                    { return false }
func (l *fakeLink) Close()                            { l.closed = true }

// describe says what an engine and a call are like.
func (w *world) describe(e *engine, one *work) string {
	text := "no process"
	switch {
	case e.link != nil:
		text = "runs"
	case e.coming:
		text = "comes"
	}
	for _, flag := range []struct {
		is   bool
		text string
	}{
		{e.removed, "removed"}, {e.apart && !e.removed, "apart"}, {e.draining, "drains"}, {e.gone != "" && !e.removed, "gone"},
		{e.deaths > 0, fmt.Sprintf("%d deaths", e.deaths)}, {len(e.sent) > 0, fmt.Sprintf("%d frames", len(e.sent))},
		{e.stale > 0, fmt.Sprintf("%d stale", e.stale)},
		{w.workers[e] != nil && len(w.workers[e].killed) > 0, "killed"},
	} {
		if flag.is {
			text += ", " + flag.text
		}
	}
	text += fmt.Sprintf(" | %d done", one.report.Done)
	for _, count := range []struct {
		n    int
		text string
	}{{one.away, "away"}, {one.report.Redone, "again"}, {one.report.Retried, "retried"}, {one.poison, "poison"}, {one.deaths, "deaths"}, {len(one.failures), "failed"}} {
		if count.n > 0 {
			text += fmt.Sprintf(", %d %s", count.n, count.text)
		}
	}
	if len(one.strikes) > 0 {
		text += fmt.Sprintf(", strikes %v", one.strikes)
	}
	if one.over {
		text += fmt.Sprintf(", over: %v", one.err)
	}
	return text
}
