package parallel

import (
	"context"
	"errors"
	"iter"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// count gives the numbers from 0, n of them or, if n is negative, without end.
func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i != n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

// TestAStreamGivesWhatTheLoopGives streams inputs of all lengths through all views, in order and
// as results arrive.
func TestAStreamGivesWhatTheLoopGives(t *testing.T) {
	rc := start(t, 2)
	for _, v := range []*View{&rc.All().View, &rc.LoadBalanced().View, &rc.Auto().View} {
		for _, n := range []int{0, 1, 2, 7, 1000, 100_000} {
			for _, options := range [][]Option{nil, {Arriving()}, {ChunkSize(3), MaxOutstanding(20)}, {MaxOutstanding(1)}} {
				if len(options) > 0 && n > 1000 && options[0] != nil && len(options) == 2 || n > 100 && len(options) == 1 {
					continue // one message for each item
				}
				seen := make([]bool, n)
				next := 0
				for i, y := range v.Seq(pow10, count(n), options...) {
					if y.Err != nil || y.Value != pow10(i) || seen[i] || i != next && len(options) != 1 {
						t.Fatal(v, n, i, next, y)
					}
					seen[i] = true
					next++
				}
				if next != n {
					t.Fatal(v, n, next)
				}
			}
		}
	}
}

// TestAStreamWithoutEnd breaks out of it, and cancels it in all ways. Nothing may run on.
func TestAStreamWithoutEnd(t *testing.T) {
	rc := start(t, 2)
	if _, err := rc.All().ApplySync(pid0); err != nil { // now all goroutines of the cluster are there
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for i, y := range rc.LoadBalanced().Seq(pow10, count(-1)) {
		if y.Err != nil || y.Value != pow10(i) {
			t.Fatal(i, y)
		}
		if i == 5000 {
			break
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	var last Result[int]
	for _, last = range rc.LoadBalanced().Seq(pow10, count(-1), WithContext(ctx)) {
	}
	if !errors.Is(last.Err, context.DeadlineExceeded) {
		t.Error(last)
	}
	// An input that is blocked holds up neither results nor the end.
	blocked := make(chan int)
	input := func(yield func(int) bool) {
		for x := range blocked {
			if !yield(x) {
				return
			}
		}
	}
	go func() { blocked <- 3 }()
	for i, y := range rc.LoadBalanced().Seq(pow10, input) {
		if i != 0 || y.Value != pow10(3) {
			t.Error(i, y)
		}
		break
	}
	ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	for _, last = range rc.LoadBalanced().With(ctx).Seq(pow10, input) {
	}
	if !errors.Is(last.Err, context.DeadlineExceeded) {
		t.Error(last)
	}
	close(blocked)
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("goroutines are left")
		}
	}
}

// TestErrorsOfAStream has items fail, and streams that cannot go on.
func TestErrorsOfAStream(t *testing.T) {
	rc := start(t, 2)
	texts := []string{"1", "x", "3", "4", "y"}
	for _, options := range [][]Option{nil, {Arriving()}, {Retries(1, 0)}} {
		var failed []int
		n := 0
		for i, y := range rc.LoadBalanced().SeqErr(parse, slices.Values(texts), options...) {
			n++
			var remote *RemoteError
			if y.Err == nil {
				if want, _ := strconv.Atoi(texts[i]); y.Value != want {
					t.Error(i, y)
				}
			} else if failed = append(failed, i); !errors.As(y.Err, &remote) || remote.Item != i {
				t.Error(i, y.Err)
			}
		}
		slices.Sort(failed)
		if n != 5 || !slices.Equal(failed, []int{1, 4}) {
			t.Error(n, failed)
		}
	}
	unknown := func(x int) int { return x }
	n := 0
	for i, y := range rc.LoadBalanced().Seq(unknown, count(-1)) {
		if n++; i != 0 || y.Err == nil || !strings.Contains(y.Err.Error(), "it is not registered") {
			t.Error(i, y)
		}
	}
	if n != 1 {
		t.Error(n)
	}
	func() {
		defer func() {
			if v := recover(); v == nil || !strings.Contains(v.(string), "the input of a stream panicked: boom") {
				t.Error(v)
			}
		}()
		for range rc.LoadBalanced().Seq(pow10, func(yield func(int) bool) { yield(1); panic("boom") }) {
		}
	}()
	for range rc.LoadBalanced().Seq(pow10, count(3), After(rc.All().Apply(pid0))) {
		n++
	}
	if n != 2 {
		t.Error("a stream came after something")
	}
}

// TestAStreamWithDyingEngines kills engines while a stream runs.
func TestAStreamWithDyingEngines(t *testing.T) {
	rc := start(t, 2)
	sum, want := 0, 0
	for i, y := range rc.LoadBalanced().Seq(pow10, count(60_000)) {
		if y.Err != nil {
			t.Fatal(i, y.Err)
		}
		sum += y.Value
		want += pow10(i)
		if i == 10_000 || i == 30_000 {
			killEngine(rc, i/20_000)
		}
	}
	if sum != want {
		t.Error(sum, want)
	}
}

// TestAStreamIsBounded streams many items and looks at this process's memory. (With the
// environment variable STREAM=10000000 it is that many.)
func TestAStreamIsBounded(t *testing.T) {
	n := 300_000
	if text := os.Getenv("STREAM"); text != "" {
		n, _ = strconv.Atoi(text)
	}
	rc := start(t, 2)
	for range rc.LoadBalanced().Seq(half, func(yield func(float64) bool) { count(50_000)(func(i int) bool { return yield(float64(i)) }) }) {
	}
	before := resident(t)
	most, seen := 0, 0
	began := time.Now()
	for i, y := range rc.LoadBalanced().Seq(half, func(yield func(float64) bool) { count(n)(func(i int) bool { return yield(float64(i)) }) }) {
		if y.Err != nil || y.Value != float64(i)/2 {
			t.Fatal(i, y)
		}
		if seen++; seen%100_000 == 0 {
			most = max(most, resident(t))
		}
	}
	grown := (most - before) >> 20
	t.Logf("%d items in %v; the process grew by %d MB", n, time.Since(began).Round(time.Millisecond), grown)
	if seen != n || grown > 32 {
		t.Errorf("%d items; the process grew by %d MB", seen, grown)
	}
}

// resident is the number of bytes of memory that this process has.
func resident(t *testing.T) int {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(data))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// TestAStreamStopsAtAnError ends with the item that has failed, whatever else was in its batch and wherever that ran.
func TestAStreamStopsAtAnError(t *testing.T) {
	rc := start(t, 2)
	withoutEnd := func(yield func(int) bool) {
		for i := 1; yield(i); i++ {
		}
	}
	for name, v := range map[string]*View{"direct": &rc.All().View, "balanced": &rc.LoadBalanced().View} {
		for _, more := range [][]Option{nil, {ChunkSize(1)}, {ChunkSize(3)}, {ChunkSize(3), Arriving()}, {Retries(1, 0)}} {
			for range 5 {
				last, failed := -1, error(nil)
				for i, r := range v.SeqErr(tableErr, withoutEnd, append(more, StopAtError())...) {
					if failed != nil {
						t.Fatalf("%s %d: item %d came after the error of %d", name, len(more), i, last)
					}
					if last, failed = i, r.Err; failed == nil && r.Value != (i+1)*(i+1) {
						t.Errorf("%s: item %d has the result %d", name, i, r.Value)
					}
				}
				var remote *RemoteError
				if last != 3 || !errors.As(failed, &remote) || remote.Item != 3 {
					t.Errorf("%s, %d more options: item %d is the last, %v", name, len(more), last, failed)
				}
			}
		}
	}
}
