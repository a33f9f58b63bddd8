// Package backend is what views know of the clusters below them: what a call is,
// and how a cluster of this machine is made. The packages that do it, controller
// and engine, make themselves known here.
//
// It exists so that a notebook cell that mentions a view is not linked with all
// that engines need: in the process that runs cells those packages are there
// already. See parallel/engines_linux.go.
package backend

import (
	"context"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"syscall"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// Job is what a caller wants done: a function applied to items.
type Job struct {
	// Function is what to run.
	Function registry.Call
	// Items is the number of items, Size the bytes of one where that is known.
	Items int
	// In points at the arguments and Out at the place for results, one after the
	// other. They are not used where the function has no argument or no result.
	In, Out unsafe.Pointer
	// Targets are the engines to use; nil means all.
	Targets []int
	// Chunk is the number of items in a frame; 0 leaves it to package plan.
	Chunk int
	// Direct divides the items among the engines beforehand: a share for each, or,
	// with a Chunk, frames dealt out in turn. Otherwise engines take what comes
	// next when they are free.
	Direct bool
	// Applied says that the function is called for an engine and not for an item, which is the
	// argument then.
	Applied bool
	// Pinned makes item i run on target i and nowhere else. There must be as many
	// items as targets.
	Pinned bool
	// Why and Label are put into the report.
	Why, Label string
	// Output takes what engines print and show for the call; nil is where the lines of all calls go.
	Output Output
	// Priority is compared with that of other calls: who has more goes first.
	Priority int
	// Retries is how often an item that failed runs again, on another engine if there is
	// one; Backoff the pause before that, which doubles each time.
	Retries int
	Backoff time.Duration
	// Timeout limits the run of an item; 0 does not.
	Timeout time.Duration
	// StopAtError ends the call when an item has failed.
	StopAtError bool
	// Once makes an item fail whose engine dies while it runs, instead of running it again.
	Once bool
	// Most limits the items that are on their way to engines or run there; 0 does not.
	// It needs a Chunk.
	Most int
}

// Output takes what engines print and show for a call. Its methods may be called from any goroutine, and may wait
// until what they were given is shown.
type Output interface {
	// Print takes whole lines of an engine, without the engine's number.
	Print(stderr bool, engine int, lines []byte)
	// Show takes what an engine shows: only the process that runs a notebook's cells, and its engines, know
	// what that is.
	Show(engine int, what []byte)
}

// Arrival is a range of items that are done, on an engine or, as number -1, in this process.
type Arrival struct {
	First, Count, Engine int
	Failures             []Failure // of these items
}

// Failure says how one item failed.
type Failure struct {
	// Item is the item's index in the call, Engine the engine that ran it.
	Item, Engine int
	// Panic is true for a panic, false for an error that was returned.
	Panic bool
	// Value is the text of the panic's value or of the error.
	Value string
	// Err is the error, or the panic's value where that is one, or nil where no more is known of
	// it than its text.
	Err error
	// Stack is the stack of the panic.
	Stack string
	// Death says, for an item that ended its engine's process every time, how.
	Death string
}

// Report is what a call has cost so far.
type Report struct {
	// Function is what was called, Label what the caller calls the call.
	Function, Label string
	// Remote is true if this process has no code of the function.
	Remote bool
	// Tier is where the items ran, Why a sentence that says why there.
	Tier Tier
	Why  string
	// Mapped is true where a function was applied to items, and false where it ran
	// once on each engine.
	Mapped bool
	// Chunk is the caller's chunk size, or 0; Workers the number of engines or
	// goroutines that could take part.
	Chunk, Workers int
	// Items, Done: how many there are, and how many are finished.
	Items, Done int
	// Frames is the number of frames that were answered.
	Frames int
	// BytesOut and BytesIn count payloads.
	BytesOut, BytesIn int
	// Engines are the engines that answered, with the number of their items.
	Engines map[int]int
	// Work is the time that the function took, summed over all items.
	Work time.Duration
	// Encode, Wire, Queue, Run, Decode and Idle divide the time that each engine took part in the
	// call, summed over the engines; see parallel.Explanation.
	Encode, Wire, Queue, Run, Decode, Idle time.Duration
	// Elapsed is the time from the call to its end, or until now.
	Elapsed time.Duration
	// Redone counts items that were sent again because their engine died, Retried
	// those that ran again because they had failed.
	Redone, Retried int
	// Overhead is what a frame cost beside its items on this cluster, as far as
	// it is known at the end of the call.
	Overhead time.Duration
	// Trace lists the frames in the order of their answers, up to MaxTrace.
	Trace []FrameTrace
}

// Tier is where items run.
type Tier int

// See the constants of the same names in package parallel.
const (
	Engines Tier = iota
	Caller
	Goroutines
)

// String is the tier's name.
func (t Tier) String() string { return [...]string{"engines", "caller", "goroutines"}[t] }

// SortFailures sorts failures by item. A call does so once, before it says that it is done: those who ask for its
// failures are any number of goroutines.
func SortFailures(failures []Failure) {
	slices.SortFunc(failures, func(a, b Failure) int { return a.Item - b.Item })
}

// Copy returns the report as it is now, which the call changes no more.
func (r Report) Copy() Report {
	r.Engines, r.Trace = maps.Clone(r.Engines), slices.Clone(r.Trace)
	return r
}

// MaxTrace limits the frames of a report.
const MaxTrace = 10000

// FrameTrace is what became of one frame. Sent and Received are times since the
// call began, on the caller's clock; the others are what the engine measured.
type FrameTrace struct {
	Engine, First, Items, Bytes int
	Sent, Received              time.Duration
	Queue, Decode, Run, Encode  time.Duration
}

// Call is a job that runs. Its methods may be called from any goroutine.
type Call interface {
	// Done is closed when the call has ended.
	Done() <-chan struct{}
	// Help lets the calling goroutine take in answers as long as they come soon, which is cheaper than to be
	// woken. Who is about to wait for the end calls it first.
	Help()
	// AwaitOutput waits, after the end of the call, until what engines printed for it is passed on.
	AwaitOutput()
	// Err is why the call ended early, or nil. Failed items are no reason.
	Err() error
	// Failures lists the items that failed, lowest first.
	Failures() []Failure
	// Report returns what the call has cost so far.
	Report() Report
	// Arrivals returns what has arrived so far, but for the first seen ones, and a channel that is
	// closed when there is more; nil if the call has ended.
	Arrivals(seen int) ([]Arrival, <-chan struct{})
	// Output returns what the items have printed so far on standard output, or on standard error, by engine.
	Output(stderr bool) map[int]string
	// Cancel ends the call for a reason.
	Cancel(cause error)
}

// Log is what has arrived of a call. Its methods are for one goroutine at a time.
type Log struct {
	arrivals []Arrival
	more     chan struct{} // made when somebody waits
	over     bool
}

// Add adds what has arrived.
func (l *Log) Add(a Arrival) {
	l.arrivals = append(l.arrivals, a)
	l.wake()
}

// End says that nothing follows.
func (l *Log) End() {
	l.over = true
	l.wake()
}

func (l *Log) wake() {
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
}

// Since is [Call.Arrivals].
func (l *Log) Since(seen int) ([]Arrival, <-chan struct{}) {
	if l.more == nil && !l.over {
		l.more = make(chan struct{})
	}
	return l.arrivals[seen:len(l.arrivals):len(l.arrivals)], l.more
}

// Pulled is what a call fetched, once it has ended. Each value can be had once.
type Pulled interface {
	// Decode sets the variable at a pointer to what target i had.
	Decode(i int, pointer any) error
	// Join sets the slice at a pointer to the slices of all targets, one after the
	// other; those of targets that failed are empty.
	Join(pointer any) error
}

// Cluster is a controller with its engines. Its methods may be called from any
// goroutine.
type Cluster interface {
	// Submit starts a job.
	Submit(ctx context.Context, job Job) (Call, error)
	// Push starts a call that keeps the value at the only pointer under a name on all
	// targets, or the one at pointer i on target i.
	Push(ctx context.Context, targets []int, name string, pointers []any) (Call, error)
	// Pull starts a call that fetches what targets keep under a name and a type.
	Pull(ctx context.Context, targets []int, name string, t reflect.Type) (Call, Pulled, error)
	// IDs are the numbers of the engines that run, Size the number of all.
	IDs() []int
	Size() int
	// Overhead is what a frame costs beside its items, and whether it was measured.
	Overhead() (time.Duration, bool)
	// Pid is the process number of an engine, or 0 while it does not run.
	Pid(id int) int
	// Add starts more engines and returns their numbers, Remove ends one when it has finished
	// what it has, Restart replaces a process at once, and Signal sends it a signal.
	Add(ctx context.Context, n int) ([]int, error)
	Remove(ctx context.Context, id int) error
	Restart(ctx context.Context, id int) error
	Signal(id int, signal syscall.Signal) error
	// Status is what the cluster does now.
	Status(ctx context.Context) (Status, error)
	// Close ends the engines and waits until nothing of the cluster is left.
	Close() error
}

// Code is what runs here, as engines on other machines get it. Its methods are called from many goroutines, and may take
// minutes.
type Code interface {
	// File returns the file of this machine that an engine gets where it asks for the one at a path: that one, or what has its
	// meaning on the engine's architecture, as GOARCH names it. The error is [ErrNoCode] where it is no part of what runs here.
	File(path, arch string) (string, error)
	// Program returns the executable for nodes of another architecture.
	Program(ctx context.Context, arch string) (string, error)
}

// ErrNoCode is the error of [Code.File] for a file that engines may not have.
var ErrNoCode = errors.New("nothing that runs here has to do with this file")

// MaxEngines limits the engines of a cluster. Each is a process: who asks for more has mistaken something else for their number.
const MaxEngines = 1 << 14

// Options say how a cluster is started.
type Options struct {
	// Stdout and Stderr return where engines' output goes; they are asked for each
	// line.
	Stdout, Stderr func() io.Writer
	// Bound is how many bytes of a stream of an engine go there between the beginning of
	// one call and that of the next; 0 means all.
	Bound int
	// Given says that these are the caller's own, and not those of this process.
	Given bool
	// Program is the executable that engines are; "" means the one that this process runs. It has to be another
	// one where a process's own code is nothing that engines can share, such as an interpreter's.
	Program string
	// Progress shows how far calls are that somebody waits for; nil shows it as the process does.
	Progress func() func(Progress)
	// TLS makes engines connect by TLS over TCP.
	TLS bool
	// Observer is told of what happens.
	Observer Observer
	// AtLeast is the number of engines to wait for; 0 means all.
	AtLeast int
	// Launcher starts the engines' nodes; nil means that engines are children of this process.
	Launcher Launcher
	// Code is where engines of a Launcher have code from; nil means that they have it from the start.
	Code Code
	// Listen is the TCP address for the engines of a Launcher, whose port may be a range; "" means any
	// port on all interfaces.
	Listen string
	// Adapt lets the cluster change its size.
	Adapt Adaptation
	// Memory is how many bytes each engine may use; 0 means any number.
	Memory int64
}

// Start starts a cluster on this machine. Package controller sets it.
var Start func(ctx context.Context, n int, o Options) (Cluster, error)

// Travels returns nil if values of a type can be sent to engines, and otherwise an
// error that says which part of it cannot. It lets interfaces pass: what they may hold is
// not known before all init functions have run. Package controller sets it.
var Travels func(reflect.Type) error

// Engine is the life of an engine process. Package engine sets it.
var Engine struct {
	// Started reports whether this process was started as an engine, Running whether
	// it is one by now. Wanted is Started, and notes that this process has asked, as its
	// engines will.
	Wanted, Started, Running func() bool
	// ID is the number of the engine that this process is; -1 if it is none.
	ID func() int
	// Main is the life of an engine of a compiled program; it returns the
	// process's exit status.
	Main func() int
}

// Values is what this process keeps under names. Package values sets it. Pointers
// are those of the variable to set, and of the value to keep.
var Values struct {
	Get, Set func(name string, pointer any) error
}
