// Package live is what the code generated from a cell calls: it announces the
// cell's unit to the process that runs it, shows the value of its last
// expression, and times statements. People do not call it; its functions are
// exported because generated code is in another package.
package live

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/kernel/display"
)

// Duration is time.Duration, under a name that generated code can use where
// the cell does not import package time.
type Duration = time.Duration

// Now returns the current time.
func Now() time.Time { return time.Now() }

// Since returns the time that passed since t.
func Since(t time.Time) Duration { return time.Since(t) }

// Keep keeps v alive, so that the compiler may not leave out what computed
// it. It neither allocates nor stores anything.
func Keep(v any) { runtime.KeepAlive(v) }

var units struct {
	sync.Mutex
	run map[string]func()
}

// Loaded announces the unit of code with this id; run executes its
// statements. A unit calls it once, when its plugin is loaded.
func Loaded(id string, run func()) {
	units.Lock()
	defer units.Unlock()
	if units.run == nil {
		units.run = make(map[string]func())
	}
	units.run[id] = run
}

// Unit returns the statements of a loaded unit, nil where it is not loaded.
func Unit(id string) func() {
	units.Lock()
	defer units.Unlock()
	return units.run[id]
}

// value is the value of the running cell, until Finish shows it.
var value struct {
	sync.Mutex
	data     cell.Bundle
	metadata map[string]any
}

// Show makes v the value of the running cell. A last value of several that is
// nil is left out: it is the nil error of a call that succeeded.
func Show(v ...any) {
	stopwatch.stop()
	if n := len(v); n > 1 && v[n-1] == nil {
		v = v[:n-1]
	}
	data, metadata := display.Render(v...)
	value.Lock()
	defer value.Unlock()
	value.data, value.metadata = data, metadata
}

// running is the context of the running cell.
var running struct {
	sync.Mutex
	ctx context.Context
}

// Context returns the context of the running cell, which an interrupt ends.
func Context() context.Context {
	running.Lock()
	defer running.Unlock()
	if running.ctx == nil {
		return context.Background()
	}
	return running.ctx
}

// Begin forgets what an earlier cell left and sets the context that an
// interrupt ends. The host calls it before it runs a unit.
func Begin(ctx context.Context) {
	running.Lock()
	running.ctx = ctx
	running.Unlock()
	stopwatch.reset()
	value.Lock()
	defer value.Unlock()
	value.data, value.metadata = nil, nil
}

// Finish prints the times of a %%time that is still open and shows the cell's
// value, in this order, as IPython does. The host calls it when a unit has
// ended, however it ended.
func Finish(result func(data cell.Bundle, metadata map[string]any)) {
	TimeEnd()
	value.Lock()
	data, metadata := value.data, value.metadata
	value.data, value.metadata = nil, nil
	value.Unlock()
	if data != nil {
		result(data, metadata)
	}
}

// Failure ends a cell with an error of its own kind when it is panicked with:
// it is shown by name and value, without a stack.
type Failure struct{ Name, Value string }

// Error returns the name and the value.
func (f Failure) Error() string { return fmt.Sprintf("%s: %s", f.Name, f.Value) }
