package poll

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/goparallel/goparallel/internal/goabi/goroutine"
)

// deep lists the runs whose goroutines may use only so much stack. Go ends the
// process where a stack overflows, and nothing can recover.
var deep struct {
	sync.Mutex
	list atomic.Pointer[[]*stackLimit]
}

// stackLimit is that of one run.
type stackLimit struct {
	label    unsafe.Pointer
	bytes    uintptr
	exceeded atomic.Bool
}

// LimitStack ends each goroutine of the run as [Run.Stop] does, at a poll where it
// uses more than so many bytes of stack. It holds until release is called, which
// reports whether it happened. Of a stopped run there is nothing to limit.
func (r *Run) LimitStack(bytes uintptr) (release func() (exceeded bool)) {
	r.mu.Lock()
	labels := r.labels
	r.mu.Unlock()
	if labels == nil {
		return func() bool { return false }
	}
	limit := &stackLimit{label: labelOf(labels), bytes: bytes}
	change := func(with func(list []*stackLimit) []*stackLimit) {
		deep.Lock()
		defer deep.Unlock()
		var list []*stackLimit
		if old := deep.list.Load(); old != nil {
			list = slices.Clone(*old)
		}
		list = with(list)
		deep.list.Store(&list)
	}
	change(func(list []*stackLimit) []*stackLimit { return append(list, limit) })
	Raise()
	return sync.OnceValue(func() bool {
		change(func(list []*stackLimit) []*stackLimit {
			return slices.DeleteFunc(list, func(l *stackLimit) bool { return l == limit })
		})
		Lower()
		return limit.exceeded.Load()
	})
}

// leaveIfDeep ends the calling goroutine where it has the label of a run with a
// limit and uses more stack than that.
func leaveIfDeep(label unsafe.Pointer) {
	list := deep.list.Load()
	if list == nil {
		return
	}
	for _, l := range *list {
		if l.label == label && goroutine.StackUsed() > l.bytes {
			l.exceeded.Store(true)
			runtime.Goexit()
		}
	}
}
