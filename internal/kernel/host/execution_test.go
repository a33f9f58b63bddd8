package host

import (
	"runtime"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/poll"
)

// TestWhatIsStoppedIsNotDone stops runs that end as soon as they poll, which can be before whoever stops them
// goes on. The goroutine that spins is on the other processor, where there is one. That a wrong
// order in stop is met is a matter of chance, and rare.
func TestWhatIsStoppedIsNotDone(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	h := &host{runtime: Runtime{Panics: func(func(any, bool, bool)) {}, Signal: func() string { return "" }}}
	for range 50 {
		e := newExecution()
		begun := make(chan bool)
		go func() {
			<-begun
			e.stop(interrupted)
		}()
		f, _ := h.await(e, "the run", func() *failure {
			close(begun)
			for {
				if poll.Flag.Load() != 0 {
					poll.Point()
				}
			}
		})
		if f == nil || f.Name != interrupted.Name {
			t.Fatalf("a run that was stopped ended with %+v", f)
		}
	}
	e := newExecution()
	if f, _ := h.await(e, "the run", func() *failure { runtime.Goexit(); return nil }); f == nil || f.Name != "Goexit" {
		t.Errorf("a goroutine that ended itself: %+v", f)
	}
	if f, ended := h.await(newExecution(), "the run", func() *failure { return nil }); f != nil || !ended {
		t.Errorf("a run that came to its end: %+v, ended %v", f, ended)
	}
}
