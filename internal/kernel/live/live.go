// Package live is what the code generated from a cell calls: it announces the
// cell's unit to the process that runs it, and shows the value of its last
// expression. People do not call it; its functions are exported because generated
// code is in another package. Every cell is linked with it, so it imports little.
package live

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/poll"
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
// statements. A unit calls it once, when it is loaded.
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

// declared are the session variables and types that units have announced.
var declared struct {
	sync.Mutex
	symbols   map[string]string // of each variable's name, the newest
	variables map[string]any    // by symbol
	spent     map[string]string // of each variable's name, the symbol whose value was carried over last
	types     map[string][]any  // by name, the newest last
}

// Variable announces a session variable: what the user calls it, its symbol, which is
// another where its type is another, and a pointer to it.
func Variable(name, symbol string, p any) {
	declared.Lock()
	defer declared.Unlock()
	if declared.symbols == nil {
		declared.symbols, declared.variables, declared.spent = make(map[string]string), make(map[string]any), make(map[string]string)
	}
	declared.symbols[name], declared.variables[symbol] = symbol, p
}

// VariableAt returns the pointer to the session variable that goes by a symbol, nil if
// none was announced.
func VariableAt(symbol string) any {
	declared.Lock()
	defer declared.Unlock()
	return declared.variables[symbol]
}

// Variables returns pointers to the session variables, by name: of each the newest.
func Variables() map[string]any {
	declared.Lock()
	defer declared.Unlock()
	all := make(map[string]any, len(declared.symbols))
	for name, symbol := range declared.symbols {
		all[name] = declared.variables[symbol]
	}
	return all
}

// Spend notes that the value of a session variable was carried over from the one that
// goes by a symbol. It returns the pointer to the one from which that was done the time
// before, nil if there is none, and forgets it.
func Spend(name, symbol string) any {
	declared.Lock()
	defer declared.Unlock()
	if declared.spent == nil {
		return nil // on an engine that has loaded no unit with variables
	}
	before := declared.spent[name]
	declared.spent[name] = symbol
	p := declared.variables[before]
	if before != symbol {
		delete(declared.variables, before)
		return p
	}
	return nil
}

// Type announces a version of a type that a cell declares: what the user calls it, and
// a nil pointer to it.
func Type(name string, p any) {
	declared.Lock()
	defer declared.Unlock()
	if declared.types == nil {
		declared.types = make(map[string][]any)
	}
	if !slices.Contains(declared.types[name], p) {
		declared.types[name] = append(declared.types[name], p)
	}
}

// FirstType announces a type of a name that means none, or none any more: what went by that name
// before is no version of it.
func FirstType(name string, p any) {
	declared.Lock()
	delete(declared.types, name)
	declared.Unlock()
	Type(name, p)
}

// TypesNamed returns nil pointers to the versions of a type.
func TypesNamed(name string) []any {
	declared.Lock()
	defer declared.Unlock()
	return slices.Clone(declared.types[name])
}

// apart says that the statements of a unit that is run now are for engines.
var apart atomic.Bool

// Apart reports whether a unit whose statements are for engines is to leave them out: it is run
// for what it does beside them.
func Apart() bool { return apart.Load() }

// Prepare does what a unit for engines does beside its statements, such as carrying over the values
// of variables whose type it declares anew.
func Prepare(run func()) {
	apart.Store(true)
	defer apart.Store(false)
	run()
}

// value holds the values of the running cell's last expression, until Finish
// hands them on, and what happens when they are there.
var value struct {
	sync.Mutex
	values []any
	shown  func()
}

// ShowResults makes the results of a call, of which the last one is an error, the
// value of the running cell. A nil error is left out: the call succeeded.
func ShowResults(v ...any) {
	if n := len(v); v[n-1] == nil {
		v = v[:n-1]
	}
	Show(v...)
}

// Show makes v the value of the running cell. Whoever has computed it for an
// interrupted cell ends here.
func Show(v ...any) {
	if poll.Flag.Load() != 0 {
		poll.Point()
	}
	value.Lock()
	value.values = v
	shown := value.shown
	value.Unlock()
	if shown != nil {
		shown()
	}
}

// Value returns the values that the running cell has shown, nil if none, and
// forgets them.
func Value() []any {
	value.Lock()
	defer value.Unlock()
	v := value.values
	value.values = nil
	return v
}

// running is the context of the running cell, and that of what runs beside it.
var running struct {
	sync.Mutex
	ctx   context.Context
	aside *aside
}

// aside is a run that has a context of its own.
type aside struct {
	label unsafe.Pointer
	ctx   context.Context
}

// Context returns the context that an interrupt of the caller's run ends: of the running cell,
// unless the run has one of its own.
func Context() context.Context {
	running.Lock()
	defer running.Unlock()
	if running.aside != nil && running.aside.label == poll.Label() {
		return running.aside.ctx
	}
	if running.ctx == nil {
		return context.Background()
	}
	return running.ctx
}

// Aside gives the calling goroutine's run a context of its own until end is called: the run is not the
// cell's but that of a comm's handler, of which there is one at a time.
func Aside(ctx context.Context) (end func()) {
	mine := &aside{poll.Label(), ctx}
	running.Lock()
	running.aside = mine
	running.Unlock()
	return func() {
		running.Lock()
		defer running.Unlock()
		if running.aside == mine {
			running.aside = nil
		}
	}
}

// Begin forgets what an earlier cell left, and sets the context that an
// interrupt ends and what is called when the cell has its value. The host calls it before it
// runs a unit.
func Begin(ctx context.Context, shown func()) {
	running.Lock()
	running.ctx = ctx
	running.Unlock()
	value.Lock()
	value.values, value.shown = nil, shown
	value.Unlock()
}

// Failure ends a cell with an error of its own kind when it is panicked with:
// it is shown by name and value, without a stack of this process.
type Failure struct {
	Name, Value string
	// Stack is that of the engine which failed first, if there is one.
	Stack  string
	Engine int
}

// Error returns the name and the value.
func (f Failure) Error() string { return f.Name + ": " + f.Value }
