// Package inside is what the kernel and gophernotes tell package parallel, and ask of it, that no program has to.
//
// What is of the whole process stands in this file, and why: a cell's code and the kernel's share one package parallel, and
// generated code names no client, so there is nothing smaller that both could reach. All else belongs to a client.
package inside

import (
	"context"
	"slices"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// process is guarded by its mutex.
var process struct {
	sync.Mutex

	// context gives calls theirs that are given none: an interrupted cell cancels its calls.
	context func() context.Context
	// progress shows how far calls are of clients that have nothing of their own for it: cells start clients without
	// saying how to show it.
	progress func() func(backend.Progress)
	// bound limits what engines print of clients that are started from now on: what they print goes through the host.
	bound int
	// open are the clients that are not closed, in the order of their start: magics such as %px mean the last one. They
	// are *parallel.Client, which this package is below.
	open []any
	// caller is the *parallel.View that called last, which %explain means.
	caller any
}

// set changes what is of the process.
func set(change func()) {
	process.Lock()
	defer process.Unlock()
	change()
}

// SetContext sets the function that gives calls their context where they have no option
// WithContext; nil restores [context.Background].
func SetContext(f func() context.Context) { set(func() { process.context = f }) }

// Context is the context of calls that are given none. It may be called from any goroutine.
func Context() context.Context {
	process.Lock()
	f := process.context
	process.Unlock()
	if f == nil {
		return context.Background()
	}
	return f()
}

// SetProgress sets what shows progress where a client has nothing for it; see parallel.ShowProgress. Nil shows nothing.
func SetProgress(show func() func(backend.Progress)) { set(func() { process.progress = show }) }

// Progress is what [SetProgress] set.
func Progress() func() func(backend.Progress) {
	process.Lock()
	defer process.Unlock()
	return process.progress
}

// SetOutputBound limits what clients that are started from now on pass on of what
// engines print, unless they send it elsewhere: so many bytes of each stream
// of each engine, from the beginning of one call to that of the next. A line says
// where something is left out. 0, as at first, limits nothing.
func SetOutputBound(bytes int) { set(func() { process.bound = bytes }) }

// OutputBound is what [SetOutputBound] set.
func OutputBound() int {
	process.Lock()
	defer process.Unlock()
	return process.bound
}

// Opened notes a client that was started.
func Opened(client any) { set(func() { process.open = append(process.open, client) }) }

// Closed forgets a client.
func Closed(client any) {
	set(func() { process.open = slices.DeleteFunc(process.open, func(c any) bool { return c == client }) })
}

// LastClient returns the *parallel.Client that was started last and is not closed, or nil.
func LastClient() any {
	process.Lock()
	defer process.Unlock()
	if n := len(process.open); n > 0 {
		return process.open[n-1]
	}
	return nil
}

// Called notes the *parallel.View that called last.
func Called(view any) { set(func() { process.caller = view }) }

// LastCaller returns the *parallel.View that called last, or nil.
func LastCaller() any {
	process.Lock()
	defer process.Unlock()
	return process.caller
}
