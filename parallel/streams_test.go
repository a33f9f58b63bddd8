package parallel

import (
	"iter"
	"runtime"
	"slices"
	"testing"
	"time"
)

// withoutErrors are the results of a stream, up to its first error.
func withoutErrors(all iter.Seq2[int, Result[int]]) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, r := range all {
			if r.Err != nil || !yield(r.Value) {
				return
			}
		}
	}
}

// TestStreamsFeedStreams makes streams whose input is another stream of the same view, or calls it, and calls while a stream is read, of
// inputs without end that are broken off: nothing waits for itself, and nothing is left.
func TestStreamsFeedStreams(t *testing.T) {
	rc := start(t, 2)
	home(t)
	lasting(t, "streams", 2)
	stays := connected(t, "streams")
	for name, v := range map[string]*View{
		"direct": &rc.All().View, "one engine": &rc.Targets(1).View, "balanced": &rc.LoadBalanced().View, "auto": &rc.Auto().View, "local": &Local().View,
		"of a cluster that lives on": &stays.LoadBalanced().View,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := v.MapSync(tableSquare, []int{1}); err != nil {
				t.Fatal(err)
			}
			before := runtime.NumGoroutine()
			ended := make(chan []int, 1)
			go func() { ended <- streamsOf(v) }()
			select {
			case got := <-ended:
				if want := streamsOf(nil); !slices.Equal(got, want) {
					t.Errorf("%v instead of %v", got, want)
				}
			case <-time.After(time.Minute):
				t.Fatal("a stream waits for itself")
			}
			for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before+2 && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			if now := runtime.NumGoroutine(); now > before+2 {
				t.Errorf("%d goroutines before, %d after", before, now)
			}
		})
	}
}

// streamsOf is what such streams of a view give; without a view, what a loop does.
func streamsOf(v *View) (got []int) {
	stream := func(input iter.Seq[int], o ...Option) iter.Seq[int] {
		if v != nil {
			return withoutErrors(v.Seq(tableSquare, input, o...))
		}
		return func(yield func(int) bool) {
			for x := range input {
				if !yield(x * x) {
					return
				}
			}
		}
	}
	call := func(x int) int {
		if v == nil {
			return x * x
		}
		ys, err := v.MapSync(tableSquare, []int{x})
		if err != nil {
			return -1
		}
		return ys[0]
	}
	take := func(n int, s iter.Seq[int]) {
		for y := range s {
			if n--; n < 0 {
				return
			}
			got = append(got, y)
		}
	}
	take(50, stream(count(-1)))
	take(50, stream(stream(count(-1))))
	take(20, stream(stream(stream(slices.Values([]int{0, 1, 2, 3})))))
	take(10, stream(count(-1), MaxOutstanding(1)))
	take(10, stream(stream(count(-1), MaxOutstanding(2)), ChunkSize(1)))
	take(10, stream(func(yield func(int) bool) { // its input calls
		for i := 0; yield(call(i)); i++ {
		}
	}))
	for y := range stream(count(-1)) { // its reader calls, and reads another one
		if y > 20 {
			break
		}
		got = append(got, call(y))
		take(2, stream(count(-1)))
	}
	again := stream(slices.Values([]int{3, 4})) // it is read twice
	take(5, again)
	take(5, again)
	next, stop := iter.Pull(stream(count(-1))) // it is read from another goroutine's loop, and left
	for range 3 {
		y, _ := next()
		got = append(got, y)
	}
	stop()
	return got
}
