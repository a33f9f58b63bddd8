package plan

import (
	"math"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/plan/shapes"
)

// Where the work is worth more than a few frames, the planner stays near the
// bound, whatever the shape and whether or not it knows the costs.
func TestNearTheBound(t *testing.T) {
	for _, h := range []time.Duration{20 * time.Microsecond, 100 * time.Microsecond, time.Millisecond, 8 * time.Millisecond} {
		for _, engines := range []int{1, 2, 8} {
			for _, shape := range shapes.All {
				// 200 frames' worth of work for each engine, in items that take a
				// twentieth of a frame.
				n := 4000 * engines
				costs := scaled(shape, n, float64(h)/20)
				for _, memory := range []struct {
					name  string
					cost  Cost
					bound float64
				}{
					{"unknown", Cost{}, 1.12},
					{"known", Cost{float64(h) / 20, n}, 1.12},
					{"far too low", Cost{float64(h) / 2000, n}, 1.2},
					{"too high", Cost{float64(h), n}, 1.12},
				} {
					c := Config{Items: n, Engines: engines, Overhead: h, Cost: memory.cost}
					if r := ratio(t, c, costs); r > memory.bound {
						t.Errorf("%v, %d engines, %s, cost %s: %.2f times the bound", h, engines, shape.Name, memory.name, r)
					}
				}
			}
		}
	}
}

// Little work goes to one engine in one frame once that is known, and is never
// much slower than that.
func TestLittleWorkIsNotDivided(t *testing.T) {
	for _, shape := range shapes.All {
		c := Config{Items: 3000, Engines: 64, Overhead: 100 * time.Microsecond}
		costs := scaled(shape, c.Items, 3)
		if first := simulate(t, c, costs); first.now > 4.5*ideal(c, costs) || first.frames > 2*firstEngines {
			t.Errorf("%s: %d frames, %v", shape.Name, first.frames, time.Duration(first.now))
		}
		c.Cost = Cost{3, 3000}
		if later := simulate(t, c, costs); later.frames != 1 {
			t.Errorf("%s: %d frames", shape.Name, later.frames)
		}
	}
}

// A few long items are spread over all engines at once, even if earlier ones
// were short.
func TestFewItemsAreSpread(t *testing.T) {
	for _, cost := range []Cost{{}, {100, 2}, {1e9, 2}} {
		c := Config{Items: 8, Engines: 8, Overhead: 100 * time.Microsecond, Cost: cost}
		costs := scaled(shapes.All[0], 8, 1e9)
		if r := ratio(t, c, costs); r > 1.01 {
			t.Errorf("%+v: %.2f", cost, r)
		}
	}
}

// A giant item is begun early, at whichever end it is.
func TestBothEndsAreBegunAtOnce(t *testing.T) {
	costs := scaled(shapes.All[5], 1000, 1e6)
	c := Config{Items: 1000, Engines: 2, Overhead: 100 * time.Microsecond}
	if r := ratio(t, c, costs); r > 1.1 {
		t.Errorf("the giant at the end: %.2f", r)
	}
	costs[0], costs[999] = costs[999], costs[0]
	if r := ratio(t, c, costs); r > 1.1 {
		t.Errorf("the giant at the beginning: %.2f", r)
	}
}

// A chunk size is kept to the letter, whatever is known.
func TestChunksAreFixed(t *testing.T) {
	s := New(Config{Items: 10, Engines: 2, Chunk: 4, Overhead: time.Millisecond, Cost: Cost{1, 1000}})
	for i, want := range []Frame{{Span: Span{0, 4}}, {Span: Span{4, 4}}, {Span: Span{8, 2}}} {
		if f := s.Take(i % 2); f != want {
			t.Errorf("frame %d is %+v, not %+v", i, f, want)
		}
	}
	if s.Ready(0, 0) || s.Ready(1, 0) {
		t.Error("there is more")
	}
}

func TestDirectItemsStayWhereTheyBelong(t *testing.T) {
	s := New(Config{Items: 10, Engines: 2, Order: Direct, Overhead: time.Millisecond})
	if f := s.Take(1); f.Span != (Span{5, 5}) {
		t.Errorf("%+v", f)
	}
	if s.Ready(1, 0) {
		t.Error("engine 1 would take of engine 0's share")
	}
	s.Return(Span{5, 5})
	s.Gone(1)
	var got []Span
	for s.Ready(0, 0) {
		got = append(got, s.Take(0).Span)
	}
	if len(got) != 2 || got[0] != (Span{0, 5}) || got[1] != (Span{5, 5}) {
		t.Errorf("after engine 1 was gone, engine 0 got %v", got)
	}
}

// TestSharesThatTakeLongAreDivided looks at how much an engine that dies takes with it: of items whose cost shows
// in the first frame, and of others.
func TestSharesThatTakeLongAreDivided(t *testing.T) {
	s := New(Config{Items: 20000, Engines: 2, Order: Direct})
	f := s.Take(0)
	if f.Span != (Span{0, 10000}) || f.Limit > 300*time.Millisecond {
		t.Errorf("%+v", f)
	}
	s.Answered(0, f, 100, 200*time.Millisecond, 8) // its time is up
	if f := s.Take(0); f.Span != (Span{100, 50}) || f.Limit > 300*time.Millisecond {
		t.Errorf("%+v", f)
	}
	s = New(Config{Items: 2000, Engines: 2, Order: Direct, Cost: Cost{1e5, 1000}}) // a share takes 0.1 s
	if f := s.Take(0); f.Span != (Span{0, 1000}) {
		t.Errorf("%+v", f)
	}
}

func TestPinnedItemsAreLostWithTheirEngine(t *testing.T) {
	s := New(Config{Items: 3, Engines: 3, Order: Pinned})
	if f := s.Take(0); f.Span != (Span{0, 1}) {
		t.Errorf("%+v", f)
	}
	s.ReturnTo(0, Span{0, 1})
	if lost := s.Gone(0); len(lost) != 1 || lost[0] != (Span{0, 1}) {
		t.Errorf("%+v", lost)
	}
	if s.Ready(0, 0) || !s.Ready(1, 0) || !s.Ready(2, 0) {
		t.Error("the wrong engines are ready")
	}
}

// Large items travel a few at a time, also where their size shows only later.
func TestFramesAreBoundedInBytes(t *testing.T) {
	s := New(Config{Items: 1000, Engines: 2, Size: 100 << 10, Overhead: 100 * time.Microsecond, Cost: Cost{1, 1000}})
	if f := s.Take(0); f.Count != 10 {
		t.Errorf("%d items of 100 KB in a frame", f.Count)
	}
	s = New(Config{Items: 1000, Engines: 2, Overhead: 100 * time.Microsecond, Cost: Cost{1, 1000}})
	f := s.Take(0)
	s.Answered(0, f, 10, time.Microsecond, 200<<10)
	if f := s.Take(0); f.Count != 5 {
		t.Errorf("%d items of 200 KB in a frame", f.Count)
	}
	s = New(Config{Items: 1000, Engines: 1, Size: 1 << 20, Order: Direct})
	if f := s.Take(0); f.Count != 64 {
		t.Errorf("%d items of 1 MB in a frame of a share", f.Count)
	}
}

// Engines of short frames get more of them ahead.
func TestCreditGrowsForShortFrames(t *testing.T) {
	s := New(Config{Items: 1000, Engines: 1, Chunk: 1})
	if !s.Ready(0, 1) || s.Ready(0, 2) {
		t.Error("at first two frames may be on their way")
	}
	s.Answered(0, s.Take(0), 1, time.Microsecond, 8)
	if !s.Ready(0, leadFrames-1) || s.Ready(0, leadFrames) {
		t.Errorf("then %d", leadFrames)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := Memory{}
	for i := range maxFunctions + 10 {
		m.Learn(string(rune(i+1)), Cost{1, 1})
	}
	if len(m) > maxFunctions {
		t.Errorf("%d functions are remembered", len(m))
	}
	m.Learn("f", Cost{10, 1})
	m.Learn("f", Cost{20, 1})
	m.Learn("f", Cost{})
	if m["f"].Mean != 15 {
		t.Errorf("%+v", m["f"])
	}
}

func TestShapesHaveTheSameMean(t *testing.T) {
	for _, shape := range shapes.All {
		for _, n := range []int{1, 100, 10000} {
			sum := 0.0
			for _, c := range shape.Costs(n) {
				sum += c
			}
			if n > 1 && math.Abs(sum/float64(n)-1) > 0.2 && shape.Name != "bimodal" {
				t.Errorf("%s of %d: mean %v", shape.Name, n, sum/float64(n))
			}
		}
	}
}

// TestLastFramesOfAFixedSizeAreSpread: an engine that asks before the others does not get
// two of the last frames.
func TestLastFramesOfAFixedSizeAreSpread(t *testing.T) {
	s := New(Config{Items: 5, Engines: 2, Chunk: 1, Overhead: time.Millisecond})
	for unanswered := range 2 { // five and four are enough for both
		if !s.Ready(0, unanswered) {
			t.Fatalf("no frame for an engine that has %d", unanswered)
		}
		s.Take(0)
	}
	s.Answered(0, Frame{Span: Span{0, 1}}, 1, time.Second, 0)
	s.Take(0) // two are left
	if s.Ready(0, 2) || s.Ready(0, 1) {
		t.Error("an engine that has frames gets one of the last two")
	}
	if !s.Ready(1, 0) {
		t.Error("the other one gets none")
	}
}

func TestOverheadIsTheLowerQuartileOfTheLast(t *testing.T) {
	var o Overhead
	if d, measured := o.Estimate(); measured || d != usualOverhead {
		t.Error(d, measured)
	}
	for i := range 1000 {
		o.Add(time.Duration(1000000 - i*7919%1000))
	}
	for i := range 31 {
		o.Add(time.Duration(i*12%31+1) * time.Millisecond) // 1 to 31 ms in another order
	}
	if d, measured := o.Estimate(); !measured || d != 8*time.Millisecond || len(o.sorted) != 31 {
		t.Error(d, measured, len(o.sorted))
	}
}

// What cheap items cost is not learned from frames of one of them, in which taking up the frame
// is most of the time: recorded were 55 ns, and 17 ns for an item in frames of many.
func TestShortFramesTeachNothing(t *testing.T) {
	memory := make(Memory)
	call := func(chunk int) (frames int) {
		s := New(Config{Items: 3000, Engines: 2, Chunk: chunk, Overhead: 20 * time.Microsecond, Cost: memory["f"]})
		for s.left > 0 {
			for engine := range 2 {
				if s.Ready(engine, 0) {
					f := s.Take(engine)
					s.Answered(engine, f, f.Count, 38*time.Nanosecond+time.Duration(f.Count)*17, 8)
					frames++
				}
			}
		}
		memory.Learn("f", s.Cost())
		return frames
	}
	for _, chunk := range []int{1, 3, 10} {
		call(chunk)
		if c := memory["f"]; c.Items > 0 {
			t.Errorf("frames of %d items have taught %v ns", chunk, c.Mean)
		}
	}
	call(0)
	for _, chunk := range []int{1, 0, 3, 1, 1} {
		if call(chunk); memory["f"].Mean > 1.05*17 {
			t.Errorf("after frames of %d items, an item costs %v ns", chunk, memory["f"].Mean)
		}
	}
	if n := call(0); n > 2 {
		t.Errorf("%d frames for two engines, after calls of the same items", n)
	}
	slow := New(Config{Items: 10, Engines: 2, Chunk: 1, Overhead: 20 * time.Microsecond})
	for slow.left > 0 {
		slow.Answered(0, slow.Take(0), 1, time.Millisecond, 8)
	}
	if c := slow.Cost(); c.Mean != 1e6 || c.Items != 10 {
		t.Errorf("frames of one item that takes a millisecond teach %v", c)
	}
}
