// Package poll lets running code be stopped from outside, and asked questions,
// at the price of one atomic load.
//
// Code that wants to be stoppable tests [Flag] at function entries and at the
// heads of loops, and calls [Point] where it is not zero:
//
//	if poll.Flag.Load() != 0 {
//		poll.Point()
//	}
//
// The code belongs to a [Run]: one execution of a cell, or of one call's items
// on an engine. [Run.Stop] ends its goroutines at their next poll, and no
// others: goroutines that an earlier run left behind go on.
//
// Membership of a run is a profiler label (package runtime/pprof), because
// that is the one thing in Go that a goroutine hands down to the goroutines it
// starts. A goroutine that sets labels of its own leaves the run, and can no
// longer be stopped.
package poll

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
	"weak"

	"github.com/goparallel/goparallel/internal/goabi/goroutine"
)

// Flag is zero in normal operation, and polls cost one load of it. Otherwise it
// counts the stopped runs that may still have goroutines, the runs whose stacks
// are limited, the questions being asked (see [Raise]), and [GiveWay].
var Flag atomic.Uint32

// FlagPointer points to [Flag]. Loops in compiled cells keep it in a register.
var FlagPointer = &Flag

// Raise makes every poll take its slow path until [Lower] is called.
func Raise() { Flag.Add(1) }

// Lower takes one [Raise] back.
func Lower() { Flag.Add(^uint32(0)) }

// givingWay is whether goroutines that poll let others run.
var givingWay atomic.Bool

// GiveWay makes goroutines let others run whenever they poll, from now on or no
// longer. Any goroutine may call it.
func GiveWay(on bool) {
	switch {
	case !givingWay.CompareAndSwap(!on, on):
	case on:
		Raise()
	default:
		Lower()
	}
}

// stopped lists the runs that are stopped and may still have goroutines.
var stopped struct {
	sync.Mutex
	list atomic.Pointer[[]member]
}

// member identifies a run by the address of its label, without keeping the
// label alive: once no goroutine holds it, the label is collected, and the
// address may come to mean something else.
type member struct {
	address uintptr
	label   weak.Pointer[byte]
	last    *last
}

// last is the run that the goroutines of a stopped one belong to while they end.
type last struct {
	sync.Mutex
	run *Run
}

// Grace is how long the deferred calls of a stopped goroutine run undisturbed.
const Grace = time.Second

// Point is the slow path of a poll. It ends the calling goroutine with
// [runtime.Goexit] if its run was stopped, or if it uses more stack than
// [Run.LimitStack] allows: deferred calls run, and recover cannot prevent it. For the
// time [Grace] polls in these calls of a stopped one return; after that each ends at its
// next poll, too. In a goroutine whose run goes on Point returns.
func Point() {
	if givingWay.Load() {
		runtime.Gosched()
	}
	if last := leaving(); last != nil {
		last.enter()
		runtime.Goexit()
	}
	leaveIfDeep(goroutine.Label())
}

// leaving returns what the calling goroutine has to enter if its run was stopped,
// or nil.
func leaving() *last {
	label := goroutine.Label()
	list := stopped.list.Load()
	if label == nil || list == nil {
		return nil
	}
	for _, m := range *list {
		if m.address == uintptr(label) && m.label.Value() == (*byte)(label) {
			return m.last
		}
	}
	return nil
}

// enter makes the calling goroutine one that ends.
func (l *last) enter() {
	l.Lock()
	defer l.Unlock()
	for l.run == nil || !l.run.enter() {
		l.run = NewRun()
		time.AfterFunc(Grace, l.run.Stop)
	}
}

// IfEnding calls f if the calling goroutine ends because its run was stopped. Functions
// defer it that are called by what does not bear with their end: package testing panics,
// in a goroutine of its own, where a test calls [runtime.Goexit] but does not say that it
// has failed. A panic of f is dropped: where the test has ended before, testing panics too.
func IfEnding(f func()) {
	defer func() { _ = recover() }()
	label, list := goroutine.Label(), stopped.list.Load()
	if label == nil || list == nil {
		return
	}
	for _, m := range *list {
		if m.last.isOf(label) {
			f()
		}
	}
}

// isOf reports whether a label is that of goroutines that end.
func (l *last) isOf(label unsafe.Pointer) bool {
	l.Lock()
	defer l.Unlock()
	return l.run != nil && l.run.has(label)
}

// stop adds a run to the stopped ones until the last goroutine that carries
// its label is gone.
func stop(label unsafe.Pointer) {
	m := member{uintptr(label), weak.Make((*byte)(label)), new(last)}
	stopped.Lock()
	defer stopped.Unlock()
	var list []member
	if old := stopped.list.Load(); old != nil {
		list = append(list, *old...)
	}
	list = append(list, m)
	stopped.list.Store(&list)
	stopLaters((*byte)(label))
	Raise()
	runtime.AddCleanup((*byte)(label), forget, m)
}

// forget takes a run off the list.
func forget(gone member) {
	stopped.Lock()
	defer stopped.Unlock()
	var list []member
	for _, m := range *stopped.list.Load() {
		if m.label != gone.label {
			list = append(list, m)
		}
	}
	stopped.list.Store(&list)
	Lower()
}
