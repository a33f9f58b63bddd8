package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/parallel"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// onEngines is the explanation of a call whose engines ran a frame each 100 µs, of
// which 20 were on the way, 10 decoding, 60 running and 10 encoding.
func onEngines(engines, frames int) parallel.Explanation {
	e := parallel.Explanation{Function: "f", Tier: parallel.Engines, Items: frames, Done: frames, Frames: frames, Workers: engines}
	for i := range frames {
		sent := time.Duration(i/engines) * 100 * us
		e.Trace = append(e.Trace, parallel.FrameTrace{Engine: i % engines, First: i, Items: 1, Sent: sent, Received: sent + 100*us, Decode: 10 * us, Run: 60 * us, Encode: 10 * us})
		e.Elapsed = sent + 100*us
		e.Run, e.Decode, e.Encode, e.Wire = e.Run+60*us, e.Decode+10*us, e.Encode+10*us, e.Wire+20*us
	}
	e.Idle = time.Duration(engines)*e.Elapsed - e.Run - e.Decode - e.Encode - e.Wire
	return e
}

func TestParts(t *testing.T) {
	inspect(t, Parts(
		Call{"one <item> per message", onEngines(2, 3000)},
		Call{strings.Repeat("very ", 20) + "long", onEngines(64, 65)},
		Call{"nothing ran", parallel.Explanation{}},
		Call{"the caller", parallel.Explanation{Tier: parallel.Caller, Run: time.Hour, Elapsed: time.Hour}},
	), "Where the time of the workers went", "run", "encode", "wire", "queue", "decode", "idle", "0 %", "100 %",
		"one <item> per message", "60 %", "20 %", "10 %", "150 ms", "the caller", "1h", strings.Repeat("very ", 5)+"very…")
	inspect(t, Parts(), "Nothing to draw: no call has run anything")
}

func TestTimelines(t *testing.T) {
	few := []string{"running", "decoding or encoding", "on the way, or queued", "engine 0", "engine 1", "μs since the call began"}
	inspect(t, Timeline(onEngines(2, 8)), append(few, "f: 8 items in 8 frames", "0", "100", "400")...)
	inspect(t, Timeline(onEngines(2, 3000)), "f: 3,000 items in 3,000 frames", "engine 1", "ms since the call began", "20", "140")
	inspect(t, Timeline(onEngines(64, 6400)), "engine 0", "engine 63", "ms since the call began")
	inspect(t, Timeline(onEngines(64, 64)), "engine 0", "engine 63", "100")

	here := parallel.Explanation{Function: "f", Tier: parallel.Goroutines, Items: 9, Done: 9, Frames: 2, Workers: 2, Elapsed: 3 * time.Second, Trace: []parallel.FrameTrace{
		{Engine: 0, Items: 4, Received: 3 * time.Second, Run: 3 * time.Second}, {Engine: 1, Items: 5, Sent: ms, Received: 2 * time.Second, Run: 2 * time.Second}}}
	inspect(t, Timeline(here), "f: 9 items in 2 goroutines of this process", "goroutine 0", "goroutine 1", "s since the call began", "2.5")
	here.Tier, here.Trace = parallel.Caller, here.Trace[:1]
	here.Frames, here.Workers = 12000, 1
	inspect(t, Timeline(here), "f: 9 items in 1 goroutine of this process: the first 1 frame", "caller")
	inspect(t, Timeline(parallel.Explanation{Tier: parallel.Engines, Workers: 2}), "Nothing to draw: no frame of the call has been answered")
}

func TestLanesKeepToTheirOrder(t *testing.T) {
	e := onEngines(2, 100)
	// A frame that was sent while the engine had another one, and whose answer came
	// late: its parts cannot lie where the other's do.
	e.Trace[2].Sent, e.Trace[2].Queue = 0, 90*us
	e.Workers = 3
	all := lanes(e)
	if len(all) != 3 || all[2].name != "engine 2" || len(all[2].frames) != 0 || len(all[0].frames) != 50 {
		t.Fatalf("%d lanes: %+v", len(all), all)
	}
	for _, l := range all[:2] {
		end := 0.0
		for i, s := range l.frames {
			times := []float64{s.sent, s.begin, s.run, s.encode, s.end, s.received}
			if !slices.IsSorted(times) || s.begin < end {
				t.Errorf("%s, frame %d: %v after %v", l.name, i, times, end)
			}
			if math.Abs(s.encode-s.run-60e-6) > 1e-12 {
				t.Errorf("%s, frame %d ran %v", l.name, i, s.encode-s.run)
			}
			end = s.end
		}
	}
	running, coding, waiting := all[1].density(e.Elapsed.Seconds(), 7)
	for i := range running {
		if math.Abs(running[i]-0.6) > 0.06 || math.Abs(coding[i]-0.2) > 0.06 || math.Abs(running[i]+coding[i]+waiting[i]-1) > 1e-9 {
			t.Errorf("part %d: %v running, %v coding, %v waiting", i, running[i], coding[i], waiting[i])
		}
	}
}

// overheads are measurements of functions with from 10 ns to 100 µs of work over 1000
// items on two engines, where a call costs 200 µs and 4 µs for a frame.
func overheads() (os []*parallel.Overhead) {
	for _, work := range []time.Duration{10, 100, us, 10 * us, 100 * us} {
		o := &parallel.Overhead{Function: "f", Items: 1000, Given: 1000, Workers: 2, Rounds: 3}
		cost := func(chunk, frames int) parallel.Cost {
			return parallel.Cost{Chunk: chunk, Time: 500*work + 200*us + time.Duration(frames)*4*us}
		}
		o.Serial.Time = 1000 * work
		for _, chunk := range []int{1, 10, 100, 500} {
			o.Chunks = append(o.Chunks, cost(chunk, 1000/chunk))
		}
		o.Planned, o.Auto.Time = cost(0, 5), min(o.Serial.Time, 500*work+50*us)
		os = append(os, o)
	}
	os[2].Chunks = os[2].Chunks[1:] // without chunks of one
	return os
}

func TestBreakEven(t *testing.T) {
	processors := overheads()[0].Processors()
	if processors < 2 {
		t.Skip("engines never pay on one processor")
	}
	// A thousand items and 220 µs beside the work: half of an item's work must be
	// 220 ns.
	inspect(t, BreakEven(overheads()...), "How many times faster than a loop, by the work of an item", "what an item takes in a loop",
		"10 items in a frame, pays from 1.2 μs", "100 items in a frame, pays from 480 ns", "500 items in a frame, pays from 420 ns",
		"the view's choice, pays from 440 ns", "rc.Auto()", "the loop", "2 processors", "0", "1", "2", "10 ns", "1 μs", "100 μs")
	if chunks := chosenChunks(overheads()); fmt.Sprint(chunks) != "[10 100 500]" {
		t.Errorf("lines for chunks of %v", chunks)
	}
	inspect(t, BreakEven(overheads()[0]), "1 item in a frame, pays from 8.4 μs", "10 ns")
	inspect(t, BreakEven(), "Nothing to draw: no measurement has a time")

	far := overheads()
	far[4].Planned.Time /= 10 // by a disturbance of the loop
	inspect(t, BreakEven(far...), "2 processors")
}

func TestOverheadFigure(t *testing.T) {
	o := overheads()[1]
	inspect(t, Overhead(o), "f over 1,000 items, by the number of items in a message", "a loop 100 μs", "the view's choice 270 μs", "rc.Auto() 100 μs", "4.25 ms (42×)", "258 μs (2.6×)")

	// Where the ways differ little, the axis is short and has more labels.
	o = overheads()[4]
	o.Chunks = o.Chunks[1:]
	inspect(t, Overhead(o), "20 ms", "50 ms", "100 ms", "200 ms", "a loop 100 ms")
	o.Chunks = nil
	inspect(t, Overhead(o), "Nothing to draw: no measurement has both a chunk of 1 or more and a time")
}

func TestTimings(t *testing.T) {
	inspect(t, Timings("3000 items", []Timing{
		{Name: "goparallel", Time: 16 * ms, Low: 15 * ms, High: 20 * ms, Ours: true},
		{Name: "a system with <a name> that is too long to be shown", Time: 9720 * ms, Low: 9 * time.Second, High: 10 * time.Second},
		{Name: "another", Time: 8 * ms},
		{Name: "not there"},
	}), "3000 items", "goparallel", "16 ms", "9.72 s (610×)", "8 ms (0.5×)", "a system with <a name> that i…", "1 ms", "10 s")
	inspect(t, Timings("one", []Timing{{Name: "alone", Time: 3 * us}}), "3 μs", "1 μs", "10 μs")
	inspect(t, Timings("none", nil), "Nothing to draw: no system has a time")
}

// The legend must not say what a point of the picture denies.
func TestCallsDoNotPayWhereAPointIsSlower(t *testing.T) {
	const ns = 1e-9
	slow := []speedUp{{10 * ns, 230 * ns}, {100 * ns, 270 * ns}, {200 * ns, 320 * ns}, {1400 * ns, 1500 * ns}, {10000 * ns, 5300 * ns}}
	fast := []speedUp{{100 * ns, 900 * ns}, {1000 * ns, 950 * ns}, {10000 * ns, 5400 * ns}}
	// The calls of more work had more messages: beside their share of it they took 1.15 µs, and 4 µs.
	more := []speedUp{{20 * ns, 1160 * ns}, {200 * ns, 1260 * ns}, {2300 * ns, 4000 * ns}, {23000 * ns, 15600 * ns}}
	for _, c := range []struct {
		points    []speedUp
		low, high float64
	}{{slow, 1400 * ns, 10000 * ns}, {fast, 100 * ns, 1000 * ns}, {more, 5000 * ns, 8000 * ns}, {more[:3], 2300 * ns, 2400 * ns}, {more[3:], 0, 23000 * ns}} {
		d := breakEvenPlot{processors: 2, series: []series{{excess: excess(c.points, 2)}, {}}}
		if even := d.even(0); even < c.low*0.999 || even > c.high*1.001 {
			t.Errorf("pays from %.3g s, but the points turn between %.3g and %.3g", even, c.low, c.high)
		}
	}
}
