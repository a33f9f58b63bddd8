package parallel

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// spin spins for about so many nanoseconds.
func spin(ns int) int {
	end := time.Now().Add(time.Duration(ns))
	n := 0
	for time.Now().Before(end) {
		n++
	}
	return ns
}

var _ = Func("spin", spin)

var pidAfter = Func("pid after", func(ns int) int {
	//lint:ignore SA4017 it takes time, which is its effect
	spin(ns)
	return os.Getpid()
})

func TestAutoRunsLittleWorkInTheCaller(t *testing.T) {
	view := start(t, 2).Auto()
	ys, err := view.MapSync(pow10, numbers(100))
	if err != nil || ys[99] != pow10(99) || ys[0] != 0 {
		t.Error(ys, err)
	}
	if e := view.Explain(); e.Items != 100 || e.Done != 100 || e.Tier == Engines || e.Elapsed <= 0 || e.Work > e.Elapsed*2 || len(e.Trace) != e.Frames {
		t.Errorf("%+v", e)
	}
	if ys, err := view.MapSync(pow10, nil); err != nil || len(ys) != 0 {
		t.Error(ys, err)
	}
}

func TestAutoRunsMoreWorkInGoroutines(t *testing.T) {
	if runtime.GOMAXPROCS(0) == 1 {
		t.Skip("one processor")
	}
	view := start(t, 2).Auto()
	for _, n := range []int{2, 100} { // also where the first item is half of the work
		items := slices.Repeat([]int{int(200 * time.Millisecond / time.Nanosecond / time.Duration(n))}, n)
		if pids, err := view.MapSync(pidAfter, items); err != nil || slices.Index(pids, os.Getpid()) < 0 || slices.Max(pids) != slices.Min(pids) {
			t.Error(pids, err)
		}
		e := view.Explain()
		if e.Tier != Goroutines || e.Workers < 2 || e.Done != n {
			t.Errorf("%v", e)
		}
		if s := e.String(); !strings.Contains(s, " goroutines of this process") {
			t.Error(s)
		}
	}
}

func TestAutoSendsToEnginesWithMoreProcessors(t *testing.T) {
	if runtime.NumCPU() == 1 {
		t.Skip("one processor")
	}
	rc := start(t, 2)
	view := rc.Auto()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	items := slices.Repeat([]int{1000000}, 300)
	pids, err := view.MapSync(pidAfter, items)
	if err != nil || pids[0] != os.Getpid() || pids[299] != rc.Pid(0) && pids[299] != rc.Pid(1) {
		t.Error(pids, err)
	}
	e := view.Explain()
	if e.Tier != Engines || e.Done != 300 || e.Items != 300 || !strings.Contains(e.String(), "GOMAXPROCS is 1") {
		t.Errorf("%+v\n%v", e, e)
	}
}

var failsAt250 = Func("fails at 250", func(x int) int {
	//lint:ignore SA4017 it takes time, which is its effect
	if spin(1000000); x == 250 {
		panic("boom")
	}
	return x + 1
})

// Items that were sent on to engines keep their numbers, and so do their errors.
func TestAutoReportsFailuresOfWhatItSentOn(t *testing.T) {
	if runtime.NumCPU() == 1 {
		t.Skip("one processor")
	}
	view := start(t, 2).Auto()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	ys, err := view.MapSync(failsAt250, numbers(300))
	var failed *MapError
	if !errors.As(err, &failed) || len(failed.Failures) != 1 || failed.Failures[0].Item != 250 || failed.Failures[0].Engine == Here {
		t.Fatal(err)
	}
	for i, y := range ys {
		if i == 250 && y != 0 || i != 250 && y != i+1 {
			t.Errorf("item %d: %d", i, y)
		}
	}
	if e := view.Explain(); e.Tier != Engines || e.Done != 300 {
		t.Errorf("%v", e)
	}
}

// What runs here fails as it does on an engine.
func TestAutoReportsFailures(t *testing.T) {
	view := start(t, 2).Auto()
	odd := errors.New("odd")
	f := func(x int) (int, error) {
		switch {
		case x == 13:
			panic("boom")
		case x == 17:
			runtime.Goexit()
		case x%10 == 5:
			return 99, odd
		}
		return x + 1, nil
	}
	ys, err := view.MapErrSync(f, numbers(40))
	var failed *MapError
	if !errors.As(err, &failed) || len(failed.Failures) != 6 {
		t.Fatal(ys, err)
	}
	var items []int
	for _, r := range failed.Failures {
		items = append(items, r.Item)
		if r.Engine != Here {
			t.Errorf("%+v", r)
		}
	}
	if !slices.Equal(items, []int{5, 13, 15, 17, 25, 35}) {
		t.Error(items)
	}
	if p := failed.Failures[1]; !p.Panic || p.Error() != "item 13: panic: boom" || !strings.Contains(p.Stack, "TestAutoReportsFailures") || strings.Contains(p.Stack, "here).run") {
		t.Errorf("%+v", p)
	}
	for i, y := range ys {
		want := i + 1
		if slices.Contains(items, i) {
			want = 0
		}
		if y != want {
			t.Errorf("item %d: %d", i, y)
		}
	}
}

func TestAutoIsCancelled(t *testing.T) {
	view := start(t, 2).Auto()
	ctx, cancel := context.WithCancel(context.Background())
	var ran atomic.Int64
	r := view.Map(func(x int) int {
		if ran.Add(1) == 20 {
			cancel()
		}
		time.Sleep(time.Millisecond)
		return x
	}, numbers(10000), WithContext(ctx))
	if _, err := r.Get(); !errors.Is(err, context.Canceled) || ran.Load() > 5000 {
		t.Error(err, ran.Load())
	}
	r = view.Map(spin, slices.Repeat([]int{1000000}, 10000))
	r.Cancel()
	if _, err := r.Get(); !errors.Is(err, ErrCancelled) {
		t.Error(err)
	}
	done, stop := context.WithCancel(context.Background())
	stop()
	if _, err := view.MapSync(spin, numbers(10), WithContext(done)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
