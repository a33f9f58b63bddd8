package parallel

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Progress is how far a call is that somebody waits for.
type Progress struct {
	// Function is what was called, Items the number of items, Done how many of them
	// are finished.
	Function    string
	Items, Done int
	// Engines are the items that each engine has finished, by its number; it is empty where none ran on engines.
	Engines map[int]int
	// Elapsed is the time since the call, Left about how long it will still take; 0
	// where nothing is done yet.
	Elapsed, Left time.Duration
	// Over is true when the call has ended. Nothing follows.
	Over bool
}

// String is one line.
func (p Progress) String() string {
	s := fmt.Sprintf("%s: %d of %s in %s", p.Function, p.Done, counted(p.Items, "item"), p.Elapsed.Round(100*time.Millisecond))
	if p.Left > 0 && !p.Over {
		s += fmt.Sprintf(", about %s left", p.Left.Round(time.Second))
	}
	return s
}

// Who waits for a call is told how far it is after showAfter, and then each
// showEach.
const (
	showAfter = time.Second
	showEach  = 250 * time.Millisecond
)

// shower is told about the progress of calls.
var shower atomic.Pointer[func() func(Progress)]

// SetProgress sets what shows progress while a caller waits, in MapSync or Get,
// for a call of several items that takes more than a second: show is called once
// for such a call, and what it returns a few times a second from the goroutine that
// waits. Nil, as at first, shows nothing. The session sets it.
func SetProgress(show func() func(Progress)) {
	if show == nil {
		shower.Store(nil)
		return
	}
	shower.Store(&show)
}

// await waits for the end of a call and shows its progress.
func await(call backend.Call) {
	call.Help()
	show := shower.Load()
	if show == nil || call.Report().Items < 2 { // of one item there is nothing to tell
		<-call.Done()
		return
	}
	timer := time.NewTimer(showAfter)
	defer timer.Stop()
	var tell func(Progress)
	for {
		select {
		case <-call.Done():
			if tell != nil {
				tell(progress(call, true))
			}
			return
		case <-timer.C:
			if tell == nil {
				tell = (*show)()
			}
			tell(progress(call, false))
			timer.Reset(showEach)
		}
	}
}

// progress is how far a call is now.
func progress(call backend.Call, over bool) Progress {
	e := explanation(call.Report())
	p := Progress{Function: e.Function, Items: e.Items, Done: e.Done, Engines: e.Engines, Elapsed: e.Elapsed, Over: over}
	if e.Done > 0 {
		p.Left = time.Duration(float64(e.Elapsed) * float64(e.Items-e.Done) / float64(e.Done))
	}
	return p
}
