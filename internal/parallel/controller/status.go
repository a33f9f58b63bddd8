package controller

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
)

// Status returns what engines and calls do now.
func (c *Cluster) Status(context.Context) (backend.Status, error) {
	s := backend.Status{At: time.Now()}
	children := map[int]*launch.Child{}
	c.mu.Lock()
	for _, e := range c.engines {
		if e.removed {
			continue
		}
		if child, ok := e.process.(*launch.Child); ok && (e.link != nil || e.coming) {
			children[len(s.Engines)] = child
		}
		s.Engines = append(s.Engines, e.status())
	}
	for _, call := range c.calls {
		s.Calls = append(s.Calls, backend.CallStatus{
			Call: call.id, Function: call.job.Function.String(), Label: call.job.Label, Items: call.job.Items,
			Done: call.report.Done, Away: call.away, Failed: len(call.failures), Elapsed: time.Since(call.start),
		})
	}
	c.mu.Unlock()
	slices.SortFunc(s.Calls, func(a, b backend.CallStatus) int { return cmp.Compare(a.Call, b.Call) })
	for i, child := range children {
		e := &s.Engines[i]
		e.Pid, e.Memory = child.Pid(), child.Memory()
		if call, item := child.Last(); e.State == backend.Busy && call == e.Call {
			e.Item = item
		}
	}
	return s, nil
}

// keptSpans limits the frames of which an engine's status says when they ran.
const keptSpans = 64

// noteSpan notes when a frame ran. The cluster is locked.
func (e *engine) noteSpan(s backend.Span) {
	if len(e.spans) < keptSpans {
		e.spans = append(e.spans, s)
		return
	}
	e.spans[e.span] = s
	e.span = (e.span + 1) % keptSpans
}

// status is what an engine does now. The cluster is locked.
func (e *engine) status() backend.EngineStatus {
	s := backend.EngineStatus{ID: e.id, State: backend.Down, Why: e.gone, Item: -1, Queue: len(e.sent), Done: e.done, Failed: e.failed, Deaths: e.ends}
	s.Spans = slices.Concat(e.spans[e.span:], e.spans[:e.span])
	switch {
	case e.coming, e.link == nil && e.gone == "":
		s.State = backend.Starting
	case e.link != nil && len(e.sent) > 0:
		s.State = backend.Busy
	case e.link != nil:
		s.State = backend.Idle
	}
	var first *attempt // frames are worked through in the order in which they were sent
	for _, a := range e.sent {
		if first == nil || a.id < first.id {
			first = a
		}
	}
	if first != nil {
		s.Call, s.Function = first.call.id, cmp.Or(first.call.job.Label, first.call.job.Function.String())
		s.Busy = time.Since(first.call.start) - first.sent
		if n := len(s.Spans); n > 0 { // it waited behind the frame before
			s.Busy = min(s.Busy, time.Since(time.Unix(0, s.Spans[n-1].To)))
		}
	}
	return s
}
