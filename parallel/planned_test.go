package parallel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var slowOrFail = Func("slow or fail", func(x int) int {
	time.Sleep(300 * time.Microsecond)
	if x%7 == 3 {
		panic(fmt.Sprint("boom ", x))
	}
	return x + 1
})

// Nothing is known of the function: engines send back what they have when the
// time of the first frames is up, and the rest is planned anew.
func TestItemsOfUnknownCost(t *testing.T) {
	view := start(t, 2).LoadBalanced()
	ys, err := view.MapSync(slowOrFail, numbers(300))
	var failed *MapError
	if !errors.As(err, &failed) {
		t.Fatal(err)
	}
	for i, f := range failed.Failures {
		if f.Item != 7*i+3 || f.Value != fmt.Sprint("boom ", f.Item) {
			t.Errorf("failure %d: %+v", i, f)
		}
	}
	for i, y := range ys {
		if want := i + 1; i%7 != 3 && y != want || i%7 == 3 && y != 0 {
			t.Errorf("item %d: %d", i, y)
		}
	}
	e := view.Explain()
	if e.Done != 300 || e.Engines[0]+e.Engines[1] != 300 || e.Frames < 4 {
		t.Errorf("%+v", e)
	}
	if e.Engines[0] < 50 || e.Engines[1] < 50 {
		t.Errorf("the engines ran %v items", e.Engines)
	}
}

// An engine that was begun with cheap items does not keep dear ones that the
// other could run.
func TestDearItemsAreDivided(t *testing.T) {
	view := start(t, 2).LoadBalanced()
	for range 3 { // the planner learns that items are cheap
		if _, err := view.MapSync(pidAfter, make([]int, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	pids, err := view.MapSync(pidAfter, slices.Repeat([]int{1000000}, 100))
	if err != nil {
		t.Fatal(err)
	}
	if e := view.Explain(); e.Engines[0] < 20 || e.Engines[1] < 20 {
		t.Errorf("%v of items on processes %v\n%v", e.Engines, pids, e)
	}
}

// A known cheap function needs one message.
func TestKnownCheapItemsTravelInOneFrame(t *testing.T) {
	view := start(t, 2).LoadBalanced()
	cheap := 0 // calls, one after the other, whose items were: on a busy machine they may not be
	for range 50 {
		if _, err := view.MapSync(pow10, numbers(3000)); err != nil {
			t.Fatal(err)
		}
		e := view.Explain()
		if e.Work >= e.Overhead {
			cheap = 0
			continue
		}
		if cheap++; cheap == 4 {
			if e.Frames > 2 {
				t.Errorf("%v", e)
			}
			return
		}
	}
	t.Skip("the machine is too busy: what costs next to nothing took long")
}

func TestAnExplanationAddsUp(t *testing.T) {
	rc := start(t, 2)
	for name, view := range map[string]*View{"balanced": &rc.LoadBalanced().View, "direct": &rc.All().View} {
		for _, options := range [][]Option{nil, {ChunkSize(1)}, {ChunkSize(7)}} {
			if _, err := view.MapSync(spin, slices.Repeat([]int{50000}, 200), options...); err != nil {
				t.Fatal(err)
			}
			e := view.Explain()
			var sum time.Duration
			for _, p := range e.Parts() {
				if p.Time < 0 {
					t.Errorf("%s: %s takes %v", name, p.Name, p.Time)
				}
				sum += p.Time
			}
			if want := 2 * e.Elapsed; sum < want*99/100 || sum > want*101/100 {
				t.Errorf("%s: the parts add up to %v, the call took two engines %v\n%v", name, sum, want, e)
			}
			if e.Work < 9*time.Millisecond || e.Run > e.Work+time.Millisecond || len(e.Trace) != e.Frames || e.Tier != Engines || e.Overhead <= 0 {
				t.Errorf("%s: %+v", name, e)
			}
			items := 0
			for _, f := range e.Trace {
				items += f.Items
				if f.Sent < 0 || f.Received < f.Sent || f.Received > e.Elapsed+time.Millisecond {
					t.Errorf("%s: frame %+v of a call of %v", name, f, e.Elapsed)
				}
			}
			if items != 200 {
				t.Errorf("%s: %d items in the trace", name, items)
			}
		}
	}
}

// A call that runs once on each engine is no map over items: nobody is told to
// use a loop.
func TestAnExplanationOfAPush(t *testing.T) {
	view := start(t, 2).All()
	if err := view.Push("table", []int{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	s := view.Explain().String()
	if !strings.Contains(s, " ran on 2 engines of 2, in ") || strings.Contains(s, "loop") || strings.Contains(s, "items") {
		t.Error(s)
	}
}

// The chunk size that costs most of the time is mentioned once for each place.
func TestAWastefulChunkSizeIsMentioned(t *testing.T) {
	view := start(t, 2).LoadBalanced()
	warned.Clear()
	read := captureStderr(t)
	for range 3 {
		if _, err := view.MapSync(pow10, numbers(3000), ChunkSize(1)); err != nil {
			t.Fatal(err)
		}
	}
	said := read()
	if strings.Count(said, "ChunkSize(1) costs") != 1 || !strings.Contains(said, "planned_test.go:") || !strings.Contains(said, "3000 frames") {
		t.Errorf("%q", said)
	}
	read = captureStderr(t)
	if _, err := view.MapSync(pow10, numbers(3000), ChunkSize(1500)); err != nil {
		t.Fatal(err)
	}
	if said := read(); said != "" {
		t.Errorf("%q", said)
	}
}

// What is said of a call without a chunk size is compared with such calls. A call of many
// frames cannot tell what depends on the frames, so it is a range; and what a frame costs that travels
// with others is not taken for what one costs by itself.
func TestWhatIsPredictedHappens(t *testing.T) {
	view := start(t, 2).LoadBalanced()
	warned.Clear()
	for range 3 {
		read := captureStderr(t)
		if _, err := view.MapSync(pow10, numbers(3000), ChunkSize(1)); err != nil {
			t.Fatal(err)
		}
		e, said := view.Explain(), read()
		least, most := e.Planned()
		if least <= 0 || least > most {
			t.Errorf("between %v and %v", least, most)
		}
		for _, text := range []string{said, e.Advice()} {
			if want := between(least, most); text != "" && !strings.Contains(text, want) {
				t.Errorf("%q, want %q", text, want)
			}
		}
		if parts := e.Run + e.Idle + time.Duration(e.Frames)*e.PerFrame(); parts > e.total() || parts < e.total()*9/10 {
			t.Errorf("the parts of %v are %v", e.total(), parts)
		}
		if text := e.String(); !strings.Contains(text, "each of these "+short(e.PerFrame())) {
			t.Error(text)
		}
		fastest := time.Hour
		for range 21 {
			begin := time.Now()
			if _, err := view.MapSync(pow10, numbers(3000)); err != nil {
				t.Fatal(err)
			}
			fastest = min(fastest, time.Since(begin))
		}
		t.Logf("predicted: between %v and %v, the fastest took %v", least, most, fastest)
		if fastest > most*3/2 {
			t.Errorf("between %v and %v were predicted, the fastest call took %v", least, most, fastest)
		}
	}
}

// captureStderr redirects os.Stderr until the function returned is called.
func captureStderr(t *testing.T) func() string {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "stderr")
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = file
	return func() string {
		os.Stderr = old
		file.Close()
		text, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

// Sixty-four engines on one machine share a call.
func TestManyEngines(t *testing.T) {
	rc := start(t, 64)
	view := rc.LoadBalanced()
	ys, err := view.MapSync(pow10, numbers(100000))
	if err != nil || ys[99999] != pow10(99999) {
		t.Error(err)
	}
	items := make([]int, 256)
	for i := range items {
		items[i] = 1000000
	}
	if _, err := view.MapSync(pidAfter, items); err != nil {
		t.Error(err)
	}
	if e := view.Explain(); len(e.Engines) < 32 {
		t.Errorf("%d of 64 engines took part\n%v", len(e.Engines), e)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := view.Map(spin, slices.Repeat([]int{100000000}, 640), WithContext(ctx))
	time.Sleep(50 * time.Millisecond)
	cancel()
	if _, err := r.Get(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
