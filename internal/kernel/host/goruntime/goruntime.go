// Package goruntime reaches into Go's runtime for what it knows and does not
// tell. A program that imports it must be linked with -checklinkname=0, as the
// host is.
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
