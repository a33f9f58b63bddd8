package poll

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// spin polls until it is stopped, as compiled cells do.
func spin() {
	for {
		if Flag.Load() != 0 {
			Point()
		}
		runtime.Gosched()
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

func TestStopEndsTheRunAndItsChildrenOnly(t *testing.T) {
	earlier := NewRun()
	left := make(chan struct{})
	earlierDone := earlier.Go(func() { // a goroutine that outlives its run's main function
		go func() { defer close(left); spin() }()
	})
	if !<-earlierDone {
		t.Fatal("a function that returned was reported as stopped")
	}

	run := NewRun()
	child := make(chan struct{})
	deferred := make(chan struct{})
	recovered, started := false, make(chan struct{})
	done := run.Go(func() {
		defer close(deferred)
		defer func() { recovered = recover() != nil }()
		go func() { defer close(child); go spin(); close(started); spin() }()
		spin()
	})
	<-started
	run.Stop()
	run.Stop() // again is harmless
	if <-done {
		t.Fatal("a stopped function was reported as having returned")
	}
	<-deferred
	<-child
	if recovered {
		t.Error("recover saw the stop")
	}
	select {
	case <-left:
		t.Fatal("a goroutine of an earlier run was stopped")
	default:
	}
	if run.Do(func() { t.Error("a stopped run started something") }) {
		t.Error("a stopped run reported completion")
	}
	earlier.Stop()
	<-left
}

func TestFlagFallsWhenTheGoroutinesAreGone(t *testing.T) {
	eventually(t, "the flag to fall after the tests before", func() bool { runtime.GC(); return Flag.Load() == 0 })
	started, block := make(chan struct{}), make(chan struct{})
	run := NewRun()
	done := run.Go(func() { close(started); <-block; spin() })
	<-started
	run.Stop()
	if Flag.Load() == 0 {
		t.Fatal("the flag is down although a stopped goroutine is left")
	}
	runtime.GC()
	runtime.GC()
	if Flag.Load() == 0 {
		t.Fatal("the flag fell although a stopped goroutine is left")
	}
	close(block)
	<-done
	run = nil
	eventually(t, "the flag to fall", func() bool { runtime.GC(); return Flag.Load() == 0 })
}

func TestPointOutsideAnyRunReturns(t *testing.T) {
	Raise()
	defer Lower()
	Point()
}

func TestGivingWay(t *testing.T) {
	eventually(t, "the flag to fall after the tests before", func() bool { runtime.GC(); return Flag.Load() == 0 })
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // whoever spins keeps the others from running
	GiveWay(true)
	GiveWay(true) // again is harmless
	first := 0
	for range 50 {
		order := make(chan string, 2)
		go func() { order <- "other" }()
		if Flag.Load() != 0 {
			Point()
		}
		order <- "self"
		if <-order == "other" {
			first++
		}
	}
	// Now and then the scheduler lets whoever gave way go on at once.
	if first < 25 {
		t.Errorf("the other goroutine came first %d times of 50", first)
	}
	GiveWay(false)
	GiveWay(false)
	if Flag.Load() != 0 {
		t.Error("the flag is up although nobody gives way any more")
	}
}

func BenchmarkPoll(b *testing.B) {
	for range b.N {
		if Flag.Load() != 0 {
			Point()
		}
	}
}

func BenchmarkPointWhileAnotherRunIsStopped(b *testing.B) {
	other, started, block := NewRun(), make(chan struct{}), make(chan struct{})
	other.Go(func() { close(started); <-block })
	<-started
	other.Stop()
	defer close(block)
	NewRun().Do(func() {
		for range b.N {
			if Flag.Load() != 0 {
				Point()
			}
		}
	})
}

// recurse uses more stack with each call, and polls as compiled cells do.
func recurse(n int) int {
	if Flag.Load() != 0 {
		Point()
	}
	if n == 0 {
		return 0
	}
	return recurse(n-1) + 1
}

func TestAGoroutineWithTooMuchStackIsEnded(t *testing.T) {
	const limit = 8 << 20
	run := NewRun()
	release := run.LimitStack(limit)
	if !run.Do(func() { recurse(1000) }) {
		t.Error("a small stack was too much")
	}
	// Another goroutine, and another run, may use what they like.
	NewRun().Do(func() { recurse(1 << 20) })
	recurse(1 << 20)
	if run.Do(func() { recurse(1 << 40) }) {
		t.Error("endless recursion returned")
	}
	//lint:ignore SA4000 asked again, it answers the same
	if !release() || !release() {
		t.Error("nobody knows why the goroutine ended")
	}
	if !run.Do(func() { recurse(1 << 20) }) {
		t.Error("the limit holds after its release")
	}
	if run.LimitStack(limit)() {
		t.Error("a limit was exceeded that nothing ran under")
	}
}

// TestDeferredCallsOfTheStopped has polls in deferred calls: those that come to an
// end do so, and those that do not are ended.
func TestDeferredCallsOfTheStopped(t *testing.T) {
	poll := func() {
		if Flag.Load() != 0 {
			Point()
		}
	}
	run := NewRun()
	cleaned, ended, wentOn := false, false, false
	started := make(chan struct{})
	done := run.Go(func() {
		defer func() { ended = true }()
		defer func() {
			for {
				poll()
				runtime.Gosched()
			}
		}()
		defer func() {
			for range 100 {
				poll()
			}
			cleaned = After(true)
		}()
		close(started)
		spin()
		wentOn = true
	})
	<-started
	run.Stop()
	if <-done || !cleaned || !ended || wentOn {
		t.Errorf("cleaned %v, ended %v, went on %v", cleaned, ended, wentOn)
	}
}

// TestALockIsGivenBack stops a goroutine that waits for a lock.
func TestALockIsGivenBack(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	run := NewRun()
	started := make(chan struct{})
	done := run.Go(func() {
		close(started)
		mu.Lock()
		if Flag.Load() != 0 {
			Locked(mu.Unlock)
		}
	})
	<-started
	run.Stop()
	mu.Unlock()
	if <-done {
		t.Error("a stopped goroutine went on")
	}
	if !mu.TryLock() {
		t.Error("it keeps the lock")
	}
}

// TestLater has functions of a run called when it is stopped, when it goes on, and when it
// is over; none of them keeps the flag up.
func TestLater(t *testing.T) {
	if Later(nil) != nil {
		t.Error("no function became one")
	}
	called := 0
	Later(func() { called++ })() // of no run
	var stopped, over func()
	member := make(chan bool, 1)
	run := NewRun()
	run.Do(func() {
		stopped, over = Later(func() { called += 10 }), Later(func() { member <- Label() != nil })
		mine := Label()
		is := make(chan bool)
		time.AfterFunc(0, Later(func() { is <- Label() == mine }))
		if !<-is {
			t.Error("a function is not called as part of its run")
		}
	})
	<-NewRun().Go(over)
	<-member
	run.Stop()
	stopped()
	ended := NewRun()
	ended.Do(func() { over = Later(func() { called += 100 }) })
	ended = nil
	runtime.GC()
	over()
	if called != 101 {
		t.Errorf("called is %d", called)
	}
	eventually(t, "the flag to fall", func() bool { runtime.GC(); return Flag.Load() == 0 })
	stopped()
	if called != 101 {
		t.Error("a stopped run's function was called when the run was forgotten")
	}
}
