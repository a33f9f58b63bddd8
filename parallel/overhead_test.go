package parallel

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/hooks"
)

var nap = Func("nap", func(d time.Duration) int { time.Sleep(d); return 1 })

var refusesSeven = Func("refusesSeven", func(x int) int {
	if x == 7 && hooks.LastClient() == nil { // on an engine
		panic("seven")
	}
	return x
})

func TestOverheadMeasuresEachWay(t *testing.T) {
	rc := start(t, 2)
	var steps []string
	o, err := rc.All().Overhead(pow10, numbers(70), Within(time.Second), OnStep(func(done float64, step string) {
		if done < 0 || done > 1 {
			t.Errorf("%v of the time has passed", done)
		}
		steps = append(steps, step)
	}))
	if err != nil {
		t.Fatal(err)
	}
	if o.Rounds < leastRounds {
		t.Errorf("%d rounds in a second", o.Rounds)
	}
	if o.Function != "pow10" || o.Items != 70 || o.Given != 70 || o.Workers != 2 || o.Rounds < 1 || o.Omitted != 0 {
		t.Errorf("%+v", o)
	}
	var chunks []int
	for _, c := range append(slices.Clone(o.Chunks), o.Serial, o.Planned, o.Auto) {
		chunks = append(chunks, c.Chunk)
		if c.Time <= 0 || c.Low > c.Time || c.Time > c.High {
			t.Errorf("chunk %d: %v is not between %v and %v", c.Chunk, c.Time, c.Low, c.High)
		}
	}
	if want := []int{1, 3, 10, 30, 35, 0, 0, 0}; !slices.Equal(chunks, want) {
		t.Errorf("chunk sizes %v, want %v", chunks, want)
	}
	if n := o.Chunks[1].Explanation.Frames; n != 24 {
		t.Errorf("three items in each of %d frames", n)
	}
	if o.Planned.Explanation.Tier != Engines || o.Auto.Explanation.Tier == Engines {
		t.Errorf("planned in %v, Auto in %v", o.Planned.Explanation.Tier, o.Auto.Explanation.Tier)
	}
	text := o.String()
	for _, want := range []string{"pow10 over 70 items on 2 engines", "\na loop ", "\nChunkSize(1) ", "\nthe view's choice ", "\nrc.Auto() ", "\nEngines "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if !slices.Contains(steps, "ChunkSize(30)") {
		t.Errorf("progress was %q", steps)
	}
}

func TestOverheadKeepsToItsTime(t *testing.T) {
	rc := start(t, 2)
	const limit = 400 * time.Millisecond
	naps := make([]time.Duration, 1000)
	for i := range naps {
		naps[i] = 5 * time.Millisecond // five seconds in all
	}
	o, err := rc.LoadBalanced().Overhead(nap, naps, Within(limit))
	if err != nil {
		t.Fatal(err)
	}
	if o.Items >= 100 || o.Given != 1000 || !strings.Contains(o.String(), fmt.Sprintf("the first %d of 1,000 items", o.Items)) {
		t.Errorf("measured with %d items: %v", o.Items, o)
	}
	// A million frames would take seconds.
	o, err = rc.LoadBalanced().Overhead(pow10, numbers(1_000_000), Within(limit))
	if err != nil {
		t.Fatal(err)
	}
	if o.Omitted < 1 || o.Omitted >= o.Chunks[0].Chunk || !strings.Contains(o.String(), "would take too long") {
		t.Errorf("nothing was left out: %v", o)
	}
}

func TestOverheadFailsAsItsCallsDo(t *testing.T) {
	rc := start(t, 1)
	view := rc.LoadBalanced()
	if _, err := view.Overhead(pow10, nil); err == nil || !strings.Contains(err.Error(), "no items") {
		t.Error(err)
	}
	if _, err := view.Overhead(nap, []time.Duration{100 * time.Millisecond, 0}, Within(200*time.Millisecond)); err == nil || !strings.Contains(err.Error(), "one item took 1") {
		t.Error(err)
	}
	if _, err := view.Overhead(refusesSeven, numbers(10)); err == nil || !strings.Contains(err.Error(), "item 7 on engine 0: panic: seven") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	hooks.SetContext(func() context.Context { return ctx })
	defer hooks.SetContext(nil)
	why := errors.New("enough")
	_, err := view.Overhead(pow10, numbers(1000), OnStep(func(_ float64, step string) {
		if step == "ChunkSize(100)" {
			cancel(why)
		}
	}))
	if !errors.Is(err, why) {
		t.Error(err)
	}
}

func TestConclusionsOfOverhead(t *testing.T) {
	processors := min(2, runtime.NumCPU())
	if processors < 2 {
		t.Skip("one processor, where engines never pay")
	}
	cost := func(d time.Duration, e Explanation) Cost { return Cost{Time: d, Low: d, High: d, Explanation: e} }
	engines := Explanation{Tier: Engines, Items: 1000, Done: 1000, Overhead: 100 * time.Microsecond, Encode: 500 * time.Microsecond, Decode: 500 * time.Microsecond}
	for _, c := range []struct {
		name                  string
		serial, planned, auto time.Duration
		tier                  Tier
		even                  int
		want                  []string
	}{
		// An item takes 100 µs, half of that on two engines, and 1 µs to send: 100 µs
		// are made up for after 100/49 items.
		{"pays", 100 * time.Millisecond, 52 * time.Millisecond, 51 * time.Millisecond, Goroutines, 3,
			[]string{"Engines pay for f from about 3 items on, 300 μs of work: for these they are 1.9 times", "in 2 goroutines of this process: 2 times as fast"}},
		// An item takes 4 µs; one more gains 1 µs. Of the measured 6 ms, 3 ms do not
		// depend on the items.
		{"would pay", 4 * time.Millisecond, 6 * time.Millisecond, 4 * time.Millisecond, Caller, 3000,
			[]string{"Engines pay for f from about 3,000 items on, 12 ms of work: a loop takes 4 μs for an item. For these, a loop is faster.", "in the caller, one after the other: as fast as the loop"}},
		{"never", time.Millisecond, 2 * time.Millisecond, 3 * time.Millisecond, Caller, 0,
			[]string{"Engines never pay for f: a loop takes 1 μs for an item, and sending one takes 1 μs.", "2 ms more than the loop"}},
	} {
		auto := Explanation{Tier: c.tier, Items: 1000, Workers: 2}
		o := &Overhead{Function: "f", Items: 1000, Given: 1000, Workers: 2, Rounds: leastRounds, Serial: cost(c.serial, Explanation{}), Planned: cost(c.planned, engines), Auto: cost(c.auto, auto)}
		if even := o.BreakEven(); even != c.even {
			t.Errorf("%s: pays from %d items on, want %d", c.name, even, c.even)
		}
		for _, want := range c.want {
			if text := o.String(); !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, text)
			}
		}
	}
}

// A ratio of two times that vary has a range, which no machine's processors can leave.
func TestConclusionsAreNotDrawnFromChance(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("one processor, where engines never pay")
	}
	ms := func(low, median, high float64) Cost {
		of := func(x float64) time.Duration { return time.Duration(x * float64(time.Millisecond)) }
		return Cost{Low: of(low), Time: of(median), High: of(high), Explanation: Explanation{Tier: Engines, Items: 1000, Done: 1000, Workers: 2, Overhead: 100 * time.Microsecond}}
	}
	o := &Overhead{Function: "f", Items: 1000, Given: 1000, Workers: 2, Rounds: 2, Serial: ms(90, 100, 160), Planned: ms(50, 52, 60), Auto: ms(51, 51, 51)}
	if text := o.String(); !strings.Contains(text, "In 2 rounds nothing can be told from chance") || strings.Contains(text, "times as fast") {
		t.Error(text)
	}
	o.Rounds = leastRounds
	if text := o.String(); !strings.Contains(text, "they are 1.5 to 2 times as fast as a loop") {
		t.Error(text)
	}
	o.Serial = ms(300, 310, 320) // the machine did something else
	if text := o.String(); !strings.Contains(text, "they are 2 times as fast as a loop") {
		t.Error(text)
	}
}
