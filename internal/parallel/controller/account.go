package controller

import (
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// farAway is what a frame costs that a call must know of while it runs: frames that are chosen for less would keep engines waiting
// for each of them. Below that the estimate of the call's beginning will do, and one busy moment of this machine changes nothing.
const farAway = 5 * time.Millisecond

// account notes what a frame has cost: for the schedule, for the measured
// overhead of frames, and for the report. The answer arrived and its results
// were stored at these times since the call began. The cluster is locked.
func (call *Call) account(e *engine, a *attempt, m wire.Message, arrived, stored time.Duration) {
	p := call.pace[e]
	queue, decode, run, encode := time.Duration(m.Queue), time.Duration(m.Decode), time.Duration(m.Run), time.Duration(m.Encode)
	spent := decode + run + encode
	size := max(a.bytes/a.Count, m.Size()/m.Count)
	call.schedule.Answered(p.index, a.Frame, m.Count, spent, size)
	if a.alone {
		call.cluster.overhead.Add(arrived - a.sent - a.pack - queue - spent)
		if overhead, _ := call.cluster.overhead.Estimate(); overhead > farAway {
			call.schedule.Costs(overhead)
		}
	}

	r := &call.report
	r.Frames++
	r.BytesIn += m.Size()
	r.Engines[e.id] += m.Count
	unpack := stored - arrived
	r.Work += run
	// An engine's time in the call is divided among its frames: each has what
	// passed since the one before it was answered. What happened to it before that
	// was hidden behind the other's work.
	begin := max(a.sent, p.answered)
	rest := max(0, stored-begin)
	share := func(d time.Duration) time.Duration {
		d = max(0, min(d, rest))
		rest -= d
		return d
	}
	r.Idle += begin - p.answered
	r.Run += share(run)
	r.Decode += share(decode) + share(unpack)
	r.Encode += share(encode) + share(a.pack-(begin-a.sent))
	r.Queue += share(queue - (begin - a.sent))
	r.Wire += rest
	p.answered = max(stored, p.answered)
	end := call.start.Add(arrived)
	e.noteSpan(backend.Span{From: end.Add(-spent).UnixNano(), To: end.UnixNano(), Call: call.id, Failed: m.Failures})
	call.cluster.observer.answered(e, m.Count, a.bytes, m.Size(), run, arrived-a.sent-queue-spent)

	if len(r.Trace) < backend.MaxTrace {
		if r.Trace == nil && r.Chunk > 0 {
			r.Trace = make([]backend.FrameTrace, 0, min((r.Items+r.Chunk-1)/r.Chunk, backend.MaxTrace))
		}
		r.Trace = append(r.Trace, backend.FrameTrace{
			Engine: e.id, First: m.First, Items: m.Count, Bytes: m.Size(),
			Sent: a.sent, Received: stored, Queue: queue, Decode: decode, Run: run, Encode: encode,
		})
	}
}
