package parallel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var (
	waits = FuncContext("waits", func(ctx context.Context, x int) (int, error) {
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(time.Duration(x) * time.Millisecond):
			return x + 1, nil
		}
	})
	waitsEach = func(ctx context.Context, x int) error { _, err := waits(ctx, x); return err }
	waitsOnce = func(ctx context.Context) (int, error) { return waits(ctx, 1) }
	power     = Func2("power", func(x, n int) int {
		y := 1
		for range n {
			y *= x
		}
		return y
	})
	quotient = Func2Err("quotient", func(x, y float64) (float64, error) { return x / y, map[bool]error{true: errors.New("zero")}[y == 0] })
	parse    = FuncErr("parse", func(s string) (int, error) { var x int; _, err := fmt.Sscan(s, &x); return x, err })
	pid0     = Func0("pid0", func() int { return os.Getpid() })
	pidErr   = Func0Err("pidErr", func() (int, error) { return os.Getpid(), nil })
	touch    = FuncEach("touch", func(path string) { os.WriteFile(path, nil, 0o600) })
	napped   = Func("napped", func(ms int) int { time.Sleep(time.Duration(ms) * time.Millisecond); return os.Getpid() })
	// onSecond fails the first time in each process that it sees the number.
	onSecond = FuncErr("onSecond", func(path string) (int, error) {
		if _, err := os.Stat(path); err == nil {
			return os.Getpid(), nil
		}
		os.WriteFile(path, fmt.Append(nil, os.Getpid()), 0o600)
		return 0, errors.New("the first try")
	})
	unlucky = FuncErr("unlucky", func(ms int) (int, error) {
		if ms < 0 {
			return 0, errors.New("below zero")
		}
		time.Sleep(time.Duration(ms) * time.Millisecond)
		return ms, nil
	})
	never   = Func("never", func(x int) int { panic("never") })
	noticed = FuncErr("noticed", func(path string) (int, error) {
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		fmt.Fprintln(f, os.Getpid())
		return 0, errors.New("again")
	})
	deaf = Func("deaf", func(ms int) int { // looks at nothing
		for end := time.Now().Add(time.Duration(ms) * time.Millisecond); time.Now().Before(end); {
		}
		return ms
	})
)

func init() { Register(waitsEach1, waitsOnce1) }

func waitsEach1(ctx context.Context, x int) error { return waitsEach(ctx, x) }
func waitsOnce1(ctx context.Context) (int, error) { return waitsOnce(ctx) }

// TestEverySignature calls what each of the registrations without reflection is for.
func TestEverySignature(t *testing.T) {
	rc := start(t, 2)
	all, lb := rc.All(), rc.LoadBalanced()
	check := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
	for _, v := range []*View{&all.View, &lb.View, &rc.Auto().View} {
		powers, err := v.Map2Sync(power, []int{2, 3, 4}, []int{10, 3, 0})
		check("Map2", powers, []int{1024, 27, 1}, err)
		ratios, err := v.Map2ErrSync(quotient, []float64{1, 1, 3}, []float64{2, 0, 3})
		var m *MapError
		if !errors.As(err, &m) || len(m.Failures) != 1 || m.Failures[0].Item != 1 || ratios[2] != 1 {
			t.Error(ratios, err)
		}
		if _, err := v.Map2Sync(power, []int{1}, nil); err == nil || !strings.Contains(err.Error(), "1 and 0 elements") {
			t.Error(err)
		}
		waited, err := v.MapContextSync(waits, []int{1, 2, 3})
		check("MapContext", waited, []int{2, 3, 4}, err)
		parsed, err := v.MapErrSync(parse, []string{"1", "x", "3"})
		if !errors.As(err, &m) || len(m.Failures) != 1 || parsed[2] != 3 {
			t.Error(parsed, err)
		}
		check("ForEachContext", nil, nil, v.ForEachContextSync(waitsEach1, []int{1, 2}))
		path := t.TempDir() + "/touched"
		check("ForEach", nil, nil, v.ForEachSync(touch, []string{path}))
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	five, err := all.Apply1Sync(pow10, 5)
	check("Apply1", five, []int{pow10(5), pow10(5)}, err)
	subset, err := rc.LoadBalanced(1).Apply(pid0).Get()
	check("LoadBalanced(1)", subset, []int{rc.Pid(1)}, err)
	if _, err := rc.LoadBalanced(7).ApplySync(pid0); err == nil || !strings.Contains(err.Error(), "there is no engine 7; the engines are 0 to 1") {
		t.Error(err)
	}
	one, err := lb.Apply1Sync(pow10, 6)
	check("Apply1", one, pow10(6), err)
	numbers, err := all.Apply1ErrSync(parse, "7")
	check("Apply1Err", numbers, "[7 7]", err)
	number, err := lb.Apply1ErrSync(parse, "x")
	if err == nil || number != 0 {
		t.Error(number, err)
	}
	once, err := all.ApplyContextSync(waitsOnce1)
	check("ApplyContext", once, "[2 2]", err)
	single, err := lb.ApplyContextSync(waitsOnce1)
	check("ApplyContext", single, 2, err)
	pids, err := all.ApplySync(pid0)
	check("Func0", pids, []int{rc.Pid(0), rc.Pid(1)}, err)
	pids, err = all.ApplyErrSync(pidErr)
	check("Func0Err", pids, []int{rc.Pid(0), rc.Pid(1)}, err)
}

// TestAContextReachesTheFunction cancels what runs: by the call's context, the view's, Cancel,
// and the end of the cluster. No engine may be lost for it.
func TestAContextReachesTheFunction(t *testing.T) {
	rc := start(t, 2)
	pids := []int{rc.Pid(0), rc.Pid(1)}
	day := []int{86_400_000, 86_400_000}
	for name, cancel := range map[string]func() *AsyncResult[int]{
		"option": func() *AsyncResult[int] {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(50*time.Millisecond, cancel)
			return rc.All().MapContext(waits, day, WithContext(ctx))
		},
		"view": func() *AsyncResult[int] {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			t.Cleanup(cancel)
			return rc.LoadBalanced().With(ctx).MapContext(waits, day)
		},
		"Cancel": func() *AsyncResult[int] {
			r := rc.LoadBalanced().MapContext(waits, day)
			time.AfterFunc(50*time.Millisecond, r.Cancel)
			return r
		},
		"here": func() *AsyncResult[int] {
			r := rc.Auto().MapContext(waits, day)
			time.AfterFunc(50*time.Millisecond, r.Cancel)
			return r
		},
	} {
		r := cancel()
		select {
		case <-r.Done():
		case <-time.After(20 * time.Second):
			t.Fatal(name, "was not cancelled")
		}
		_, err := r.Get()
		if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
			t.Error(name, err)
		}
	}
	if !errors.Is(ErrCancelled, context.Canceled) {
		t.Error("ErrCancelled is no context.Canceled")
	}
	// Both engines answer at once: neither was killed for it.
	if now, err := rc.All().ApplySync(pid0); err != nil || !slices.Equal(now, pids) {
		t.Error(now, pids, err)
	}
}

// TestCallsOfOneItemUseAllEngines starts calls that have less to do than there are engines.
func TestCallsOfOneItemUseAllEngines(t *testing.T) {
	rc := start(t, 4)
	for _, ms := range []int{0, 60} {
		var calls []*AsyncResult[int]
		for range 16 {
			calls = append(calls, rc.LoadBalanced().Apply1(napped, ms))
		}
		by := map[int]int{}
		for _, call := range calls {
			pids, err := call.Get()
			if err != nil {
				t.Fatal(err)
			}
			by[pids[0]]++
		}
		if ms > 0 && (len(by) != 4 || slices.Max(slices.Collect(valuesOf(by))) > 6) {
			t.Errorf("16 calls of %d ms went to engines like this: %v", ms, by)
		}
	}
}

func valuesOf(m map[int]int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for _, n := range m {
			if !yield(n) {
				return
			}
		}
	}
}

// TestRetries lets items fail once, on one engine and on others, and always.
func TestRetries(t *testing.T) {
	rc := start(t, 2)
	for _, v := range []*View{&rc.All().View, &rc.LoadBalanced().View, &rc.Targets(1).View} {
		var paths []string
		for i := range 9 {
			paths = append(paths, fmt.Sprint(t.TempDir(), "/", i))
		}
		ys, err := v.MapErrSync(onSecond, paths, Retries(1, 0))
		if err != nil {
			t.Fatal(v, err)
		}
		for i, pid := range ys {
			first, _ := os.ReadFile(paths[i])
			if again := string(first) == fmt.Sprint(pid); again != (v.targets != nil) {
				t.Errorf("%v: item %d failed on %s and ran again on %d", v, i, first, pid)
			}
		}
		if e := v.Explain(); e.Retried != 9 || e.Done != 9 {
			t.Error(e.Retried, e.Done)
		}
	}
	for _, v := range []*View{&rc.All().View, &rc.LoadBalanced().View} {
		path := t.TempDir() + "/tries"
		_, err := v.MapErrSync(noticed, []string{path}, Retries(6, time.Millisecond)) // more than engines
		if err == nil || !strings.Contains(err.Error(), "item 0 on engine") || !strings.HasSuffix(err.Error(), ": again") {
			t.Error(err)
		}
		if tries, _ := os.ReadFile(path); strings.Count(string(tries), "\n") != 7 {
			t.Errorf("%s", tries)
		}
	}
	path := t.TempDir() + "/x"
	if pids, err := rc.All().Apply1ErrSync(onSecond, path, Retries(2, time.Millisecond)); err != nil || pids[0] == pids[1] {
		t.Error(pids, err)
	}
	// A call that ends while items wait for their next try leaves nothing behind.
	r := rc.LoadBalanced().MapErr(noticed, []string{path}, Retries(5, time.Hour))
	time.AfterFunc(50*time.Millisecond, r.Cancel)
	if _, err := r.Get(); !errors.Is(err, ErrCancelled) {
		t.Error(err)
	}
}

// TestItemTimeout limits items that look at their context, and items that look at nothing.
func TestItemTimeout(t *testing.T) {
	var out buffer
	rc := start(t, 2, Output(&out, &out))
	xs := []int{1, 60_000, 2, 3}
	ys, err := rc.LoadBalanced().MapContextSync(waits, xs, ItemTimeout(100*time.Millisecond))
	var m *MapError
	if !errors.As(err, &m) || len(m.Failures) != 1 || m.Failures[0].Item != 1 || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	if !slices.Equal(ys, []int{2, 0, 3, 4}) {
		t.Error(ys)
	}
	pids := []int{rc.Pid(0), rc.Pid(1)}
	ys, err = rc.All().MapSync(deaf, []int{0, 150, 1, 2}, ItemTimeout(50*time.Millisecond)) // ends late, but ends
	if !errors.As(err, &m) || len(m.Failures) != 1 || m.Failures[0].Item != 1 || !strings.Contains(err.Error(), "it ran longer than 50ms") {
		t.Fatal(err)
	}
	if !slices.Equal(ys, []int{0, 0, 1, 2}) || rc.Pid(0) != pids[0] || rc.Pid(1) != pids[1] {
		t.Error(ys, pids, rc)
	}
	ys, err = rc.All().MapSync(deaf, []int{0, 60_000, 1, 2}, ItemTimeout(50*time.Millisecond))
	if !errors.As(err, &m) || len(m.Failures) != 1 || m.Failures[0].Item != 1 || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "its engine was ended") {
		t.Fatal(err)
	}
	if !slices.Equal(ys, []int{0, 0, 1, 2}) {
		t.Error(ys)
	}
	// The limit is of the run, not of the wait: twenty items of 30 ms in one engine.
	if _, err := rc.Targets(0).MapSync(napped, slices.Repeat([]int{30}, 20), ItemTimeout(300*time.Millisecond)); err != nil {
		t.Error(err)
	}
	ys, err = rc.LoadBalanced().MapContextSync(waits, []int{60_000}, ItemTimeout(30*time.Millisecond), Retries(2, 0))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(ys, err)
	}
	if text := out.take(); strings.Contains(text, "panic") {
		t.Error(text)
	}
}

// TestStopAtError ends a call at its first failure, and says what was not done.
func TestStopAtError(t *testing.T) {
	rc := start(t, 2)
	xs := slices.Repeat([]int{20}, 200)
	path := t.TempDir() + "/x"
	began := time.Now()
	_, err := rc.LoadBalanced().MapErrSync(noticed, slices.Repeat([]string{path}, 1000), StopAtError(), ChunkSize(1))
	var m *MapError
	if !errors.As(err, &m) || len(m.Failures) != 1 || m.Cause == nil || !strings.Contains(err.Error(), "stopped at the first error, after") {
		t.Fatal(err)
	}
	r := rc.LoadBalanced().Map(napped, xs, StopAtError())
	if _, err := r.Get(); err != nil || time.Since(began) > 20*time.Second {
		t.Error(err)
	}
}

// TestMaxOutstanding counts how many items run at once.
func TestMaxOutstanding(t *testing.T) {
	rc := start(t, 4)
	r := rc.LoadBalanced().Map(napped, slices.Repeat([]int{10}, 24), MaxOutstanding(1))
	if _, err := r.Get(); err != nil {
		t.Fatal(err)
	}
	for i, a := range r.Explain().Trace {
		for _, b := range r.Explain().Trace[:i] {
			if a.Sent < b.Received && b.Sent < a.Received {
				t.Fatalf("the frames %+v and %+v were under way at once", a, b)
			}
		}
	}
}

// TestPriority puts one call before another.
func TestPriority(t *testing.T) {
	rc := start(t, 1)
	low := rc.LoadBalanced().Map(napped, slices.Repeat([]int{20}, 30), ChunkSize(1), Priority(-1), Label("low"))
	high := rc.LoadBalanced().Map(napped, slices.Repeat([]int{20}, 5), ChunkSize(1))
	if _, err := high.Get(); err != nil || low.Progress() > 10 {
		t.Error(low, err)
	}
	if _, err := low.Get(); err != nil || low.Explain().Label != "low" {
		t.Error(err)
	}
}

// TestAfterAndFollow begins calls when others have ended, and where they ran.
func TestAfterAndFollow(t *testing.T) {
	rc := start(t, 3)
	var ended atomic.Bool
	first := rc.Targets(1).Map(napped, []int{100})
	go func() { <-first.Done(); ended.Store(true) }()
	second := rc.All().Apply(pid0, After(first))
	if second.Ready() || second.Progress() != 0 {
		t.Error("the second call did not wait")
	}
	if pids, err := second.Get(); err != nil || !first.Ready() || len(pids) != 3 {
		t.Error(pids, err)
	}
	third := rc.LoadBalanced().Map(napped, slices.Repeat([]int{1}, 20), Follow(first))
	pids, err := third.Get()
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		if pid != rc.Pid(1) {
			t.Error(pid, "is not engine 1")
		}
	}
	failed := rc.LoadBalanced().Map(never, []int{1})
	for name, r := range map[string]*AsyncResult[int]{"of a failure": rc.LoadBalanced().Apply(pid0, After(failed)), "of an early end": rc.LoadBalanced().Apply(pid0, After(second, failed))} {
		if _, err := r.Get(); err == nil || !strings.Contains(err.Error(), "it did not begin, because a call that it comes after failed: item 0 on engine") {
			t.Error(name, err)
		}
	}
	if _, err := rc.Targets(2).MapSync(napped, []int{1}, Follow(first)); err == nil || !strings.Contains(err.Error(), "no engine of the direct view of the engines [2] ran an item") {
		t.Error(err)
	}
	long := rc.LoadBalanced().MapContext(waits, []int{60_000})
	waiting := rc.LoadBalanced().Apply(pid0, After(long))
	waiting.Cancel()
	if _, err := waiting.Get(); !errors.Is(err, ErrCancelled) {
		t.Error(err)
	}
	long.Cancel()
	<-long.Done()
}

// TestResultsArrive ranges over calls that run, that failed in part, and that were cancelled.
func TestResultsArrive(t *testing.T) {
	rc := start(t, 2)
	for _, v := range []*View{&rc.All().View, &rc.LoadBalanced().View, &rc.Auto().View} {
		xs := []int{300, 1, 2, 3, 4, 5, -1, 7}
		r := v.MapErr(unlucky, xs, ChunkSize(1))
		next := 0
		for i, y := range r.All() {
			if i != next || (y.Err != nil) != (xs[i] < 0) || y.Err == nil && y.Value != xs[i] {
				t.Error(v, i, y)
			}
			next++
		}
		seen := map[int]bool{}
		for i := range r.Arriving() {
			seen[i] = true
		}
		partial := 0
		for range r.Partial() {
			partial++
		}
		by := 0
		for _, ys := range r.ByEngine() {
			by += len(ys)
		}
		if next != len(xs) || len(seen) != len(xs) || partial != len(xs) || by != len(xs)-1 {
			t.Error(v, next, seen, partial, by)
		}
	}
	r := rc.LoadBalanced().MapContext(waits, []int{60_000, 1, 2}, ChunkSize(1))
	for i, y := range r.Arriving() {
		if i == 0 || y.Value != i+1 {
			t.Error(i, y)
		}
		if i == 2 {
			break
		}
	}
	for i := range r.Partial() {
		if i == 0 {
			t.Error("item 0 arrived")
		}
	}
	r.Cancel()
	for i, y := range r.All() {
		if (i == 0) != errors.Is(y.Err, ErrCancelled) {
			t.Error(i, y)
		}
	}
}

// TestImpossibleOptions are errors before anything is sent.
func TestImpossibleOptions(t *testing.T) {
	rc := start(t, 1)
	for want, options := range map[string][]Option{
		"-1 retries after 0s are impossible":                        {Retries(-1, 0)},
		"no item can run within 0s":                                 {ItemTimeout(0)},
		"with at most 0 items outstanding nothing could run":        {MaxOutstanding(0)},
		"a chunk size of 5 contradicts at most 2 items outstanding": {ChunkSize(5), MaxOutstanding(2)},
		"a chunk size of -1 is impossible":                          {ChunkSize(-1)},
		"parallel.Arriving is an option of Seq":                     {Arriving()},
	} {
		if _, err := rc.LoadBalanced().MapSync(pow10, []int{1}, options...); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err, "instead of", want)
		}
	}
	if _, err := rc.All().ApplySync(pid0, Follow(rc.All().Apply(pid0))); err == nil || !strings.Contains(err.Error(), "can follow nothing") {
		t.Error(err)
	}
}
