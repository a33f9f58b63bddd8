package poll

import (
	"sync"
	"sync/atomic"
	"unsafe"
	"weak"

	"github.com/goparallel/goparallel/internal/goabi/goroutine"
)

// A later is a run of which functions wait to be called by others, such as timers. It
// does not keep the run's label, by which one knows whether goroutines of it are left.
type later struct {
	label   weak.Pointer[byte]
	stopped atomic.Bool
}

var laters struct {
	sync.Mutex
	list []*later
}

// Later returns a function that calls f as part of the calling goroutine's run, in
// whichever goroutine it is called; where the run was stopped by then, it does nothing.
// The goroutine stays in the run, so it has to be one that was begun for the call, as
// those of [time.AfterFunc] and [context.AfterFunc] are.
func Later(f func()) func() {
	l := laterOf()
	if f == nil || l == nil {
		return f
	}
	return func() {
		if l.stopped.Load() {
			return
		}
		if label := l.label.Value(); label != nil {
			goroutine.SetLabel(unsafe.Pointer(label))
		}
		f()
	}
}

// laterOf returns what is known of the calling goroutine's run, or nil where it belongs to
// none.
func laterOf() *later {
	label := (*byte)(goroutine.Label())
	if label == nil {
		return nil
	}
	laters.Lock()
	defer laters.Unlock()
	var alive []*later
	var mine *later
	for _, l := range laters.list {
		switch l.label.Value() {
		case nil:
			continue
		case label:
			mine = l
		}
		alive = append(alive, l)
	}
	if mine == nil {
		mine = &later{label: weak.Make(label)}
		alive = append(alive, mine)
		// Of a run that was stopped a moment ago, nobody would say so any more.
		mine.stopped.Store(leaving() != nil)
	}
	laters.list = alive
	return mine
}

// stopLaters tells functions of a run that it was stopped.
func stopLaters(label *byte) {
	laters.Lock()
	defer laters.Unlock()
	for _, l := range laters.list {
		if l.label.Value() == label {
			l.stopped.Store(true)
		}
	}
}
