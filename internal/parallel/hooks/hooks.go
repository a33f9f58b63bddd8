// Package hooks is what the kernel and gophernotes tell package parallel, and ask of it, that no program has to.
//
// What is of the whole process stands in this file, and why: a cell's code and the kernel's share one package parallel, and
// generated code names no client, so there is nothing smaller that both could reach. All else belongs to a client.
// The functions may be called from any goroutine.
package hooks

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
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
	// program is what engines of clients are that are started from now on: an interpreter's own program has none of
	// the code that its cells become.
	program string
	// code is where engines of other machines have code from, of clients that are started from now on: what it is, the
	// session's host knows, and cells start clients without saying so.
	code backend.Code
	// output takes what a call prints and shows: it goes to the cell that made the call, and cells make calls without
	// saying which one they are.
	output func(backend.Cluster) backend.Output
	// compile makes functions of the source that cells give to engines: the compiler is the kernel's.
	compile Compiler
	// warn tells people what could go better: a notebook shows it below the cell, and not where errors are.
	warn func(line string)
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

// SetProgram sets the executable that engines of clients are which are started from now on; "", as at first, is the one
// that this process runs.
func SetProgram(path string) { set(func() { process.program = path }) }

// Program is what [SetProgram] set.
func Program() string {
	process.Lock()
	defer process.Unlock()
	return process.program
}

// SetCode sets where engines of other machines have code from, of clients that are started from now on; nil, as at first,
// is for programs that have theirs from the start.
func SetCode(c backend.Code) { set(func() { process.code = c }) }

// Code is what [SetCode] set.
func Code() backend.Code {
	process.Lock()
	defer process.Unlock()
	return process.code
}

// SetCallOutput sets the function that is asked, when a call of a cluster begins, where what it prints goes. Nil, as at first, is where the
// lines of all calls go.
func SetCallOutput(f func(backend.Cluster) backend.Output) { set(func() { process.output = f }) }

// CallOutput is where what a call of a cluster prints goes which begins now, or nil.
func CallOutput(c backend.Cluster) backend.Output {
	process.Lock()
	f := process.output
	process.Unlock()
	if f == nil {
		return nil
	}
	return f(c)
}

// Compiler makes a function of Go source. The function takes a string, its module's ID, and returns what
// parallel.Executed has.
type Compiler func(ctx context.Context, source string) (*registry.Function, error)

// SetCompiler sets what compiles source for engines.
func SetCompiler(c Compiler) { set(func() { process.compile = c }) }

// Compile is what [SetCompiler] set; nil in a process that runs no notebook's cells.
func Compile() Compiler {
	process.Lock()
	defer process.Unlock()
	return process.compile
}

// SetWarn sets what shows warnings.
func SetWarn(f func(line string)) { set(func() { process.warn = f }) }

// Warn tells people, in a line, of something that went well and could go better. Where nothing was set it goes to
// standard error.
func Warn(line string) {
	process.Lock()
	f := process.warn
	process.Unlock()
	if f == nil {
		fmt.Fprintln(os.Stderr, line)
		return
	}
	f(line)
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

// Clients returns those that are not closed.
func Clients() []any {
	process.Lock()
	defer process.Unlock()
	return slices.Clone(process.open)
}

// Called notes the *parallel.View that called last.
func Called(view any) { set(func() { process.caller = view }) }

// LastCaller returns the *parallel.View that called last, or nil.
func LastCaller() any {
	process.Lock()
	defer process.Unlock()
	return process.caller
}
