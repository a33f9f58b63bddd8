package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// Overhead is what ways of mapping one function over the same items cost, measured
// in turns by [View.Overhead]. Its String is a table, and what follows from it.
type Overhead struct {
	// Function is what was mapped.
	Function string
	// Items is the number of items that it was mapped over: the first ones of the Given,
	// where all would have taken too long.
	Items, Given int
	// Workers is the number of engines of the view.
	Workers int
	// Rounds says how often each way was measured.
	Rounds int

	// Serial is a plain loop in the caller's goroutine, Planned the view without
	// ChunkSize, and Auto the view that rc.Auto() returns.
	Serial, Planned, Auto Cost
	// Chunks are calls with ChunkSize, from small to large.
	Chunks []Cost
	// Omitted is the largest chunk size that was left out because one call would
	// have taken too long; those below it were left out as well. It is 0 if there is none.
	Omitted int
}

// Cost is what one way of mapping cost.
type Cost struct {
	// Chunk is the chunk size asked for, 0 if none was.
	Chunk int
	// Time is the median of the rounds, Low and High are the quartiles.
	Time, Low, High time.Duration
	// Explanation is that of the last call; a loop has none.
	Explanation Explanation
}

// OverheadOption changes what [View.Overhead] does.
type OverheadOption func(*overheadOptions)

type overheadOptions struct {
	limit time.Duration
	step  func(done float64, name string)
}

// Within limits how long the measurement takes in all, about. The default is four
// seconds.
func Within(limit time.Duration) OverheadOption {
	return func(o *overheadOptions) { o.limit = limit }
}

// OnStep has f called before each step of a measurement, with the part of the time
// limit that has passed, from 0 to 1, and what comes next.
func OnStep(f func(done float64, step string)) OverheadOption {
	return func(o *overheadOptions) { o.step = f }
}

// The parts of a measurement's time limit.
const (
	overheadLimit = 4 * time.Second
	loopPart      = 24 // a loop over the items takes at most limit/24
	callPart      = 10 // a call with a chunk size takes at most limit/10
	leastRounds   = 5  // of fewer, a median says nothing
	mostRounds    = 31
	leastSample   = 200 * time.Microsecond // shorter ways run several times in a sample
)

// Overhead measures what mapping f over the items costs: in a loop, through the view
// with chunk sizes from 1 to a share for each engine, with what the view chooses by
// itself, and with [Client.Auto]. The ways take turns, so that what else the machine does
// hits all of them. It takes a few seconds at most: where a loop would take too long it measures
// the first items only, and where one item does that is an error.
//
// f runs many times for each item, in this process as well. The measurement ends with the context of a view that has one ([DirectView.With]);
// other options of the view do not count.
func (v *View) Overhead[A, R any](f func(A) R, items []A, options ...OverheadOption) (*Overhead, error) {
	o := overheadOptions{limit: overheadLimit, step: func(float64, string) {}}
	for _, option := range options {
		if option == nil {
			return nil, errNilOption
		}
		option(&o)
	}
	given, err := v.complete(nil)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errors.New("there are no items to measure with")
	}
	out := make([]R, len(items))
	loop := func(n int) {
		for i, x := range items[:n] {
			out[i] = f(x)
		}
	}
	m := &meter{overheadOptions: o, ctx: given.ctx, start: time.Now()}
	n := m.fit(len(items), func(i int) { out[i] = f(items[i]) })
	if took := time.Since(m.start); n == 1 && took > o.limit/loopPart {
		return nil, fmt.Errorf("one item took %s, too long for a measurement of %s in all; items as long as that are worth a frame each", short(took), short(o.limit))
	}
	items = items[:n]

	own := &View{cluster: v.cluster, show: v.show, targets: v.targets, direct: v.direct}
	through := func(view *View, options ...Option) func() (Explanation, error) {
		return func() (Explanation, error) {
			r := view.Map(f, items, append(options, WithContext(m.ctx))...)
			r.chunked = false // nobody needs to be warned of a chunk size that is tried
			_, err := r.Get()
			return r.Explain(), err
		}
	}
	m.add(&way{name: "a loop", run: func() (Explanation, error) { loop(n); return Explanation{}, nil }})
	m.add(&way{name: "the view's choice", run: through(own)})
	m.add(&way{name: "rc.Auto()", run: through(&View{cluster: v.cluster, show: v.show, targets: v.targets, auto: true})})
	for chunk := equalChunks(n, v.engines()); chunk > 0; chunk = below(chunk) {
		m.add(&way{name: fmt.Sprintf("ChunkSize(%d)", chunk), chunk: chunk, run: through(own, ChunkSize(chunk))})
	}
	if err := m.measure(); err != nil {
		return nil, err
	}

	result := &Overhead{Items: n, Given: len(out), Workers: v.engines(), Rounds: m.rounds, Omitted: m.omitted}
	result.Serial, result.Planned, result.Auto = m.ways[0].cost(), m.ways[1].cost(), m.ways[2].cost()
	for _, w := range m.ways[3:] {
		result.Chunks = append(result.Chunks, w.cost())
	}
	slices.Reverse(result.Chunks)
	result.Function = result.Planned.Explanation.Function
	return result, nil
}

// equalChunks is the chunk size that gives each of p engines one frame of n items.
func equalChunks(n, p int) int { return (n + p - 1) / max(p, 1) }

// below is the next smaller chunk size to measure: 1, 3, 10, 30 and so on.
func below(chunk int) int {
	for power := 1; ; power *= 10 {
		switch {
		case chunk <= power:
			return 3 * (power / 10)
		case chunk <= 3*power:
			return power
		}
	}
}

// meter measures ways in turns.
type meter struct {
	overheadOptions
	ctx     context.Context
	start   time.Time
	ways    []*way
	rounds  int
	omitted int
}

// way is one way of mapping.
type way struct {
	name        string
	chunk       int
	run         func() (Explanation, error)
	loops       int // runs in a sample
	samples     []time.Duration
	explanation Explanation
}

func (m *meter) add(w *way) { m.ways = append(m.ways, w) }

// done is the part of the limit that has passed.
func (m *meter) done() float64 { return min(1, float64(time.Since(m.start))/float64(m.limit)) }

// fit runs items one after the other and returns how many of them a loop can run in
// its part of the limit, at least one.
func (m *meter) fit(items int, run func(i int)) int {
	m.step(0, "a loop")
	for i := range items {
		if i > 0 && (time.Since(m.start) > m.limit/loopPart || m.ctx.Err() != nil) {
			return i
		}
		run(i)
	}
	return items
}

// measure runs each way once, to see how long it takes, and then all in turns
// until the time is over.
func (m *meter) measure() error {
	slowest := time.Duration(0)
	for i, w := range m.ways {
		if last := m.ways[max(0, i-1)]; w.chunk > 0 && last.chunk > 0 {
			// With a third of the items in a frame there are three times the frames.
			if expected := last.samples[0] * time.Duration(last.chunk) / time.Duration(w.chunk); expected > m.limit/callPart && last.samples[0] > 2*m.ways[0].samples[0] {
				m.omitted = w.chunk
				m.ways = m.ways[:i]
				break
			}
		}
		w.loops = 1
		for range 2 { // the first call brings the function to the engines
			if err := m.sample(w); err != nil {
				return err
			}
		}
		first := w.samples[1]
		w.loops = int(max(1, min(leastSample/max(first, 1), 1000)))
		w.samples = w.samples[1:]
		slowest += first * time.Duration(w.loops)
	}
	// Where there is no time for enough rounds, the ways of the most frames are left out.
	for n := len(m.ways) - 1; m.ways[n].chunk > 0 && m.ways[n-1].chunk > 0 && time.Since(m.start)+(leastRounds-1)*slowest > m.limit; n-- {
		w := m.ways[n]
		slowest -= w.samples[0] * time.Duration(w.loops)
		m.ways, m.omitted = m.ways[:n], w.chunk
	}
	for m.rounds = 1; m.rounds < mostRounds && time.Since(m.start)+slowest < m.limit; m.rounds++ {
		runtime.GC() // here rather than in the middle of a way
		for _, w := range m.ways {
			if err := m.sample(w); err != nil {
				return err
			}
		}
	}
	return nil
}

// sample measures a way once.
func (m *meter) sample(w *way) (err error) {
	if err := context.Cause(m.ctx); err != nil {
		return err
	}
	m.step(m.done(), w.name)
	began := time.Now()
	for range w.loops {
		if w.explanation, err = w.run(); err != nil {
			return err
		}
	}
	w.samples = append(w.samples, time.Since(began)/time.Duration(w.loops))
	return nil
}

// cost sums a way's samples up.
func (w *way) cost() Cost {
	s := slices.Sorted(slices.Values(w.samples))
	return Cost{Chunk: w.chunk, Time: s[len(s)/2], Low: s[len(s)/4], High: s[len(s)-1-len(s)/4], Explanation: w.explanation}
}
