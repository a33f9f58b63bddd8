package parallel

import (
	"maps"
	"runtime"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Tier is where the items of a call run.
type Tier = backend.Tier

// The tiers, from the cheapest to the one that needs most to pay.
const (
	// Caller: one after the other, in the goroutine of the caller.
	Caller = backend.Caller
	// Goroutines: in several goroutines of this process.
	Goroutines = backend.Goroutines
	// Engines: in engine processes.
	Engines = backend.Engines
)

// FrameTrace is what became of one frame of a call. Sent and Received are times
// since the call began, on the caller's clock; Queue, Decode, Run and Encode are
// what the engine measured.
type FrameTrace = backend.FrameTrace

// Explanation is what a call has cost, and why. All times in it are measured;
// what follows from them is computed by its methods. A call that still runs has
// an explanation up to now.
type Explanation struct {
	// Function is what was called, Label what the caller calls the call; see [Label].
	Function, Label string
	// Tier says where the items ran, and Why why there.
	Tier Tier
	Why  string
	// Mapped is true where a function was applied to items. It is false for calls
	// that run once on each engine or on one, as Apply and Push do; these have an item
	// for each.
	Mapped bool
	// Items is the number of items, Done how many of them are finished.
	Items, Done int
	// Chunk is the caller's chunk size; 0 if the planner chose.
	Chunk int
	// Frames is the number of messages with items that were answered. In the caller's
	// process it is the number of pieces that goroutines took.
	Frames int
	// BytesOut and BytesIn are the encoded items sent, and results received.
	BytesOut, BytesIn int
	// Workers is the number of engines or goroutines that could take part, Engines the
	// number of items that each engine ran.
	Workers int
	Engines map[int]int
	// Redone is the number of items sent again because their engine died, Retried of those
	// that ran again because they had failed; see [Retries].
	Redone, Retried int

	// Elapsed is the time from the call to its end, or until now.
	Elapsed time.Duration
	// Work is what the function took for all items, summed over engines: about what a
	// loop would take.
	Work time.Duration
	// Run, Encode, Decode, Queue, Wire and Idle say where the time of the workers
	// went. Each worker took part for Elapsed; their sum is Workers · Elapsed when the call
	// has ended. Run is the function. Encode and Decode are of items and results, on both
	// sides. Queue is the wait of a frame that had arrived at an engine, for another one. Wire is all
	// else between sending a frame and having its results: the way there and
	// back, and waking who waits. Idle is the time in which an engine had no frame. What was
	// hidden behind an earlier frame of the same engine is not counted twice.
	Run, Encode, Decode, Queue, Wire, Idle time.Duration

	// Overhead is what a frame costs beside its items that is sent to an engine without
	// others, there and back, as measured on this cluster: the lower quartile of the last such frames.
	Overhead time.Duration
	// Trace lists the frames in the order in which they were answered, the first
	// 10000 of them.
	Trace []FrameTrace

	remote bool // this process has no code of the function
}

// explanation takes a backend's report apart.
func explanation(r backend.Report) Explanation {
	return Explanation{
		Label: r.Label, Retried: r.Retried, Function: r.Function[strings.LastIndex(r.Function, "/")+1:], Tier: r.Tier, Why: r.Why, Mapped: r.Mapped, Items: r.Items, Done: r.Done, Chunk: r.Chunk, Frames: r.Frames,
		BytesOut: r.BytesOut, BytesIn: r.BytesIn, Workers: r.Workers, Engines: maps.Clone(r.Engines), Redone: r.Redone,
		Elapsed: r.Elapsed, Work: r.Work, Run: r.Run, Encode: r.Encode, Decode: r.Decode, Queue: r.Queue, Wire: r.Wire, Idle: r.Idle,
		Overhead: r.Overhead, Trace: r.Trace, remote: r.Remote,
	}
}

// PerItem is what an item cost beside the function: encoding and decoding it and its result.
func (e Explanation) PerItem() time.Duration {
	if e.Done == 0 {
		return 0
	}
	return (e.Encode + e.Decode) / time.Duration(e.Done)
}

// speedup is how many times faster than a loop the workers could be at best.
func (e Explanation) speedup() float64 { return float64(min(e.Workers, runtime.NumCPU())) }

// BreakEven is the total work from which on engines are faster than a loop in the
// caller's process: a loop takes the work W; P engines on as many processors take W/P, the
// overhead of a frame, and what the items cost beside the function. Below zero
// it means never: one engine cannot be faster.
func (e Explanation) BreakEven() time.Duration {
	p := e.speedup()
	if p <= 1 {
		return -1
	}
	fixed := float64(e.Overhead) + float64(e.Encode+e.Decode)
	return time.Duration(fixed / (1 - 1/p))
}

// Planned is between what times the call would have ended on engines with frames of the
// planner's choice, by the same model. Most assumes that encoding and decoding depend on
// the items alone, and would have taken what they took; least, that they depend on the
// frames, of which there would have been few. A call of many small frames cannot tell.
func (e Explanation) Planned() (least, most time.Duration) {
	work := time.Duration(float64(e.Work) / max(1, e.speedup()))
	return e.Overhead + work, 2*e.Overhead + e.Encode + e.Decode + work
}

// PerFrame is what a frame of this call took of an engine's time beside the function: of
// several that travel together each costs much less than [Explanation.Overhead], which is
// there and back.
func (e Explanation) PerFrame() time.Duration {
	if e.Frames == 0 {
		return 0
	}
	return (e.total() - e.Run - e.Idle) / time.Duration(e.Frames)
}

// Speedup is the work divided by the time that it took.
func (e Explanation) Speedup() float64 {
	if e.Elapsed == 0 {
		return 0
	}
	return float64(e.Work) / float64(e.Elapsed)
}
