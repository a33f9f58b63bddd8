// Package goruntime reaches into Go's runtime for what it knows and does not
// tell. A program that imports it must be linked with -checklinkname=0, as the
// host is.
//
// Assumed: runtime.timeSleepUntil says when the next timer is due; runtime.g and runtime._panic
// begin with the fields of panics.go, in that order (runtime/runtime2.go); assembly finds g where
// the architecture keeps it; hooks of internal/runtime/exithook run before os.Exit ends the
// process.
//
// Where a release has it otherwise: a function that is gone is an error of the host's link. With
// other fields a cell's panic has no value, another one, or ends the host: the doctor's cell
// "stack", and TestPanicIsReportedWithCellLinesOnly in package host. A timer that is not seen makes a deadlock of a cell
// that waits for one: the doctor's cell "timer". A hook that does not run leaves os.Exit without
// its place: TestDeathsAreReportedOnceAndLeaveTheKernelAlive there.
package goruntime

import (
	"math"
	_ "unsafe" // for linkname
)

//go:linkname timeSleepUntil runtime.timeSleepUntil
func timeSleepUntil() int64

// PendingTimer reports whether any timer of the process will go off.
func PendingTimer() bool { return timeSleepUntil() != math.MaxInt64 }

// hook has the layout of internal/runtime/exithook.Hook.
type hook struct {
	call      func()
	onFailure bool
}

//go:linkname addHook internal/runtime/exithook.Add
func addHook(hook)

// OnExit has f called by the goroutine that calls os.Exit, before the process
// ends. F must neither panic nor call os.Exit.
func OnExit(f func()) { addHook(hook{f, true}) }
