package parallel

import (
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
)

// Progress is how far a call is that somebody waits for.
type Progress = backend.Progress

// ShowProgress sets what shows progress while a caller waits, in MapSync or Get, for a call of the client's views of
// several items that takes more than a second: show is called once for such a call, and what it returns a few times a
// second from the goroutine that waits. Without it a notebook shows progress below the cell, and a program shows
// nothing.
func ShowProgress(show func() func(Progress)) StartOption {
	return func(o *startOptions) { o.Progress = show }
}

// Who waits for a call is told how far it is after showAfter, and then each
// showEach.
const (
	showAfter = time.Second
	showEach  = 250 * time.Millisecond
)

// await waits for the end of a call and has its progress shown, by show or, where that is nil, as the process shows it.
func await(call backend.Call, show func() func(Progress)) {
	call.Help()
	if show == nil {
		show = hooks.Progress()
	}
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
				tell = show()
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
