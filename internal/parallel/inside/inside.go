// Package inside is what the kernel tells package parallel, and asks of it, that no program
// has to: what ends the calls of a cell, and which client a magic means that names none.
//
// Both are of the whole process. A cell's code and the kernel's share one package parallel,
// and generated code knows no client, so there is nothing smaller that both could reach.
package inside

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// contexts is asked for the context of calls that are given none.
var contexts atomic.Pointer[func() context.Context]

// SetContext sets the function that gives calls their context where they have no option
// WithContext; nil restores [context.Background]. The host sets it, so that an interrupted
// cell cancels its calls.
func SetContext(f func() context.Context) {
	if f == nil {
		f = context.Background
	}
	contexts.Store(&f)
}

// Context is the context of calls that are given none. It may be called from any goroutine.
func Context() context.Context {
	if f := contexts.Load(); f != nil {
		return (*f)()
	}
	return context.Background()
}

// clients are those that are not closed, in the order of their start. They are
// *parallel.Client, which this package is below.
var clients struct {
	sync.Mutex
	open []any
}

// Opened notes a client that was started.
func Opened(client any) {
	clients.Lock()
	defer clients.Unlock()
	clients.open = append(clients.open, client)
}

// Closed forgets a client.
func Closed(client any) {
	clients.Lock()
	defer clients.Unlock()
	clients.open = slices.DeleteFunc(clients.open, func(c any) bool { return c == client })
}

// LastClient returns the *parallel.Client that was started last and is not closed, or nil.
func LastClient() any {
	clients.Lock()
	defer clients.Unlock()
	if n := len(clients.open); n > 0 {
		return clients.open[n-1]
	}
	return nil
}
