package plan

import (
	"math"
	"slices"
	"time"
)

// Order is who may do which item.
type Order int

const (
	// Balanced: engines take what comes next when they are free.
	Balanced Order = iota
	// Direct: items are divided among the engines beforehand. Only items of an
	// engine that is gone go to another.
	Direct
	// Pinned: item i is done by engine i and no other.
	Pinned
)

// Config describes a call.
type Config struct {
	// Items and Engines are how many there are.
	Items, Engines int
	// Present is how many of the engines, the first ones, run already: a balanced call
	// leaves nothing for the others to begin with. 0 means all.
	Present int
	// Order is who may do which item.
	Order Order
	// Chunk is the number of items in each frame; 0 leaves it to the schedule.
	Chunk int
	// Size is the number of bytes of an item, as far as it is known.
	Size int
	// Overhead is what a frame costs beside its items.
	Overhead time.Duration
	// Cost is what is known of the items from earlier calls.
	Cost Cost
}

// Frame is a range of items that travels now.
type Frame struct {
	Span
	// Limit is the time after which the engine is to send back what it has: the
	// other items are returned. Zero means no limit.
	Limit time.Duration
}

// Schedule is the state of one call: which items are still to be sent, and what
// is known about their cost. Engines are numbered from 0. It is not for
// concurrent use.
//
// A balanced call without a chunk size works as follows. Each engine gets a lease,
// an equal share of the items; few engines, where earlier calls show that the work
// is little. A lease is sent in frames, two of which may be on their way to an
// engine at a time, so that it never waits. A frame's length in time is the root of
// 2 · (time left for the engine) · (overhead of a frame): there the sum is least of
// what more frames would cost and what a longer last one would. It is at least
// twice the overhead, at most 50 ms, and at most twice that of the engine's frame
// before. An engine that runs out of items takes half of the richest lease that is
// worth it. Where nothing is known of the cost, the frame is a quarter of the lease
// with a limit of twice the overhead: cheap items are done by then, and of dear
// ones the rest comes back with the first measurement.
type Schedule struct {
	config Config
	leases [][]Span
	shared []Span // came back, for any engine
	again  []failed
	behind int // the engine that works through its lease from the end
	left   int // items in leases, shared and again
	cost   estimate
	taught estimate   // of the items of frames that were not short
	seen   []estimate // of the items of each engine, the last ones above all
	frames []estimate // of whole frames of each engine
	last   []float64  // the length of the last frame of each engine, in nanoseconds
	size   int        // bytes of an item
}

// shortFrame is the time below which a frame teaches nothing for later calls: that the engine
// takes it up and looks at the clock is some 40 ns, of which a frame of one cheap item has most of
// its time.
const shortFrame = time.Microsecond

// failed is an item that failed on an engine, and is to run again on another.
type failed struct{ item, engine int }

// New makes the schedule of a call.
func New(config Config) *Schedule {
	n := config.Engines
	s := &Schedule{
		config: config, leases: make([][]Span, n), behind: n - 1, left: config.Items, size: config.Size,
		seen: make([]estimate, n), frames: make([]estimate, n), last: make([]float64, n),
	}
	switch {
	case config.Order == Pinned:
		for i := range n {
			s.leases[i] = []Span{{i, 1}}
		}
	case config.Order == Direct && config.Chunk > 0:
		s.leases = RoundRobin(config.Items, n, config.Chunk)
	case config.Order == Direct:
		s.lease(n)
	case config.Chunk > 0:
		s.shared = []Span{{0, config.Items}}
	case config.Present > 0:
		s.lease(min(s.wanted(), config.Present))
	default:
		s.lease(s.wanted())
	}
	return s
}

// lease gives the first n engines equal shares.
func (s *Schedule) lease(n int) {
	for i, share := range Shares(s.config.Items, n) {
		if share.Count > 0 {
			s.leases[i] = []Span{share}
		}
	}
}

// fewItems for each engine are always spread over all engines: whatever was
// remembered of others, one of them may be all the work.
const fewItems = 4

// firstEngines is the number of engines that find out what items of unknown cost
// are like, if there are more than manyItems for each engine: then it matters little
// that the others begin later.
const (
	firstEngines = 8
	manyItems    = 16
)

// wanted is the number of engines to begin with. One more engine costs about the
// overhead of a frame, and saves its part of the work, so the best number is near
// the root of 2 · work / overhead.
func (s *Schedule) wanted() int {
	items, n := s.config.Items, s.config.Engines
	switch {
	case s.config.Cost.Items > 0 && items > fewItems*n:
		work := s.config.Cost.Mean * float64(items)
		return max(1, min(n, int(math.Round(math.Sqrt(2*work/float64(s.config.Overhead))))))
	case s.config.Cost.Items == 0 && items > manyItems*n:
		return min(n, firstEngines)
	}
	return n
}

// timed reports whether frames are chosen by time.
func (s *Schedule) timed() bool { return s.config.Order == Balanced && s.config.Chunk == 0 }

// Ready reports whether there is a frame for an engine that has so many
// unanswered ones.
func (s *Schedule) Ready(engine, unanswered int) bool {
	if s.left == 0 || unanswered >= s.credit(engine) {
		return false
	}
	return len(s.leases[engine]) > 0 || len(s.shared) > 0 || s.retry(engine) >= 0 || s.timed() && s.richest() >= 0
}

// retry is the first item that failed elsewhere and may run on an engine, or -1.
func (s *Schedule) retry(engine int) int {
	return slices.IndexFunc(s.again, func(f failed) bool { return f.engine != engine })
}

// Open reports whether there is something that an engine with nothing to do could
// take.
func (s *Schedule) Open() bool {
	return s.left > 0 && (len(s.again) > 0 || s.timed()) && (len(s.again) > 0 || len(s.shared) > 0 || s.richest() >= 0)
}

// Take removes the next frame for an engine; the engine must be ready.
func (s *Schedule) Take(engine int) Frame {
	fixed, limit := s.config.Chunk, time.Duration(0)
	if fixed == 0 && !s.timed() {
		fixed, limit = s.part(engine)
	}
	var f Frame
	switch retry := s.retry(engine); {
	case retry >= 0:
		f.Span = Span{s.again[retry].item, 1}
		s.again = slices.Delete(s.again, retry, retry+1)
	case len(s.shared) > 0 && s.config.Order == Balanced:
		f, s.shared = s.cut(engine, s.shared, fixed, front)
	case len(s.leases[engine]) > 0:
		cut := front
		if s.backwards(engine) {
			cut = back
		}
		f, s.leases[engine] = s.cut(engine, s.leases[engine], fixed, cut)
	case len(s.shared) > 0:
		f, s.shared = s.cut(engine, s.shared, fixed, front)
	default:
		rich := s.richest()
		var half Span
		half, s.leases[rich] = back(s.leases[rich], (count(s.leases[rich])+1)/2)
		s.leases[engine] = append(s.leases[engine], half)
		f, s.leases[engine] = s.cut(engine, s.leases[engine], fixed, front)
	}
	s.left -= f.Count
	if limit > 0 {
		f.Limit = limit
	}
	return f
}

// richest is the lease of which an idle engine may take half: the longest, if it is
// worth more than two frames; -1 if there is none.
func (s *Schedule) richest() int {
	rich, most := -1, 2*float64(s.config.Overhead)
	for i, lease := range s.leases {
		if n := count(lease); n > 0 {
			if mean, known := s.mean(i); known && mean*float64(n) >= most {
				rich, most = i, mean*float64(n)
			}
		}
	}
	return rich
}

// Answered tells what became of a frame: its first done items took the engine so
// much time in all, and one was carried in size bytes. The others, if any, are the
// engine's again.
func (s *Schedule) Answered(engine int, f Frame, done int, spent time.Duration, size int) {
	s.frames[engine].add(float64(spent), 1, 4)
	if done > 0 {
		mean := float64(spent) / float64(done)
		s.cost.add(mean, done, math.MaxInt)
		if spent >= shortFrame {
			s.taught.add(mean, done, math.MaxInt)
		}
		s.seen[engine].add(mean, 1, 2)
	}
	s.size = max(s.size, size)
	if rest := (Span{f.First + done, f.Count - done}); rest.Count > 0 {
		s.left += rest.Count
		if lease := s.leases[engine]; s.backwards(engine) {
			s.leases[engine] = join(append(lease, rest))
		} else {
			s.leases[engine] = join(append([]Span{rest}, lease...))
		}
	}
}

// Costs tells what a frame costs beside its items, as far as that is known by now: the first call to engines far away knows it no
// earlier than from its own first frames.
func (s *Schedule) Costs(overhead time.Duration) { s.config.Overhead = overhead }

// backwards reports whether an engine works through its lease from the end. Costs
// are often sorted, and then the dearest items are at one of the two ends of the
// call: both are begun at once.
func (s *Schedule) backwards(engine int) bool {
	return s.timed() && engine > 0 && engine == s.behind
}

// Return takes items back that were sent and are to be sent again, to any engine.
func (s *Schedule) Return(spans ...Span) {
	for _, span := range spans {
		if span.Count > 0 {
			s.shared = append(s.shared, span)
			s.left += span.Count
		}
	}
}

// ReturnTo is Return for a pinned item, which only one engine may do.
func (s *Schedule) ReturnTo(engine int, span Span) {
	s.leases[engine] = append(s.leases[engine], span)
	s.left += span.Count
}

// Anywhere is the engine of an item that may run again on each.
const Anywhere = -1

// Again takes an item back that failed on an engine, to run on another one, or anywhere. It is the next one.
func (s *Schedule) Again(item, engine int) {
	s.again = append(s.again, failed{item, engine})
	s.left++
}

// Alone tells that no other engine is there now: it may do what failed on it.
func (s *Schedule) Alone(engine int) {
	for i := range s.again {
		if s.again[i].engine == engine {
			s.again[i].engine = Anywhere
		}
	}
}

// Load is the part that so many unanswered frames are of what an engine may have.
func (s *Schedule) Load(engine, unanswered int) float64 {
	return float64(unanswered) / float64(s.credit(engine))
}

// Add tells that an engine has come, which takes from others' leases, and returns its number.
func (s *Schedule) Add() (engine int) {
	s.config.Engines++
	s.leases = append(s.leases, nil)
	s.seen, s.frames, s.last = append(s.seen, estimate{}), append(s.frames, estimate{}), append(s.last, 0)
	return len(s.leases) - 1
}

// Gone tells that an engine will not come back. Its lease is anybody's then; of
// a pinned call the items that nobody can do are returned instead.
func (s *Schedule) Gone(engine int) (lost []Span) {
	lease := s.leases[engine]
	s.leases[engine] = nil
	if s.config.Order == Pinned {
		s.left -= count(lease)
		return lease
	}
	s.shared = append(s.shared, lease...)
	return nil
}

// Cost is what the call has taught about its items so far: nothing if all frames were short.
func (s *Schedule) Cost() Cost { return Cost{s.taught.mean, int(s.taught.n)} }
