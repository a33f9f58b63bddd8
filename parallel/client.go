// Package parallel runs Go functions on engine processes, as ipyparallel does
// for Python.
//
//	rc, err := parallel.Start(ctx, 2)          // a controller here, two engines
//	defer rc.Close()
//	ys, err := rc.LoadBalanced().MapSync(simulate, seeds)
//
// A message costs some ten microseconds, so an item is worth sending if it takes as
// long; [Client.Auto] runs others in a loop here.
//
// In a notebook cell any top-level function and any function literal of a cell
// can be given to a view; what it captures, and the session variables that it
// reads, travel by value. In a program, functions are registered, and main
// begins with [Init], because engines are the same executable, started again:
//
//	var simulate = parallel.Func("simulate", func(seed uint64) float64 { … })
//
//	func main() {
//		parallel.Init()
//		…
//	}
//
// # Testing
//
// The tests of a package are a program, too: the test binary. Its engines are the same
// binary, so it must come to [Init] before any test runs. [TestMain] sees to that:
//
//	func TestMain(m *testing.M) { parallel.TestMain(m) }
//
// A package that has a TestMain of its own calls [Init] first in it. Functions are registered
// in package variables or init functions of the package or of its test files, not
// in tests.
//
// With -race, engines are watched as well. A data race there is printed, and the test goes on: with
// GORACE=halt_on_error=1 in the environment the engine ends, and the item that it ran fails.
//
// # Views
//
// A view is a way to choose engines. [Client.All] and [Client.Targets] give a
// [DirectView]: each engine gets a contiguous share of the items, and a function
// that is applied runs on each of them. [Client.LoadBalanced] gives a
// [LoadBalancedView]: engines take the next frame of items when they are free,
// and a function that is applied runs on one of them. Results are always in the
// order of the items. [Client.Auto] gives an [AutoView], which runs items in this
// process where that is faster: it is never much slower than a loop. [Local] is such a view
// without a client: it has this process alone. Engines need Linux; on other systems this
// package compiles, Local works, and [Start] says what is missing.
//
// # Frames
//
// Items travel in frames, because a message costs about as much as a thousand
// cheap items. A load-balanced view chooses them by time: it measures what items
// and messages cost, and remembers it for later calls. A direct view sends each
// engine its share at once, or, where that takes long, in parts of a tenth of a second, so that no more is
// repeated when an engine dies. [ChunkSize] fixes the number of items in a frame.
//
// Calls of one [Priority] share the engines. What a function of a call may cost, when it
// runs again, and what it waits for, is said by its [Option]s: [ItemTimeout], [Retries],
// [StopAtError], [After] and others. [View.Seq] streams input of any length.
//
// What a call has cost, where the time went, and from which work on engines pay, is in
// the [Explanation] of its result: [AsyncResult.Explain], [View.Explain].
//
// # Values that engines keep
//
// [DirectView.Push] puts a value under a name on engines, [DirectView.Scatter] a
// share of a slice on each. Functions that run there read it by [Get] and keep
// others by [Set]; [DirectView.Pull] and [DirectView.Gather] fetch them. What an
// engine keeps stays between calls. When its process ends, the next one is given what was
// pushed or scattered, as it was then (values of up to 16 MB, 64 MB for each engine);
// what functions changed or set is lost. A line on stderr says both. There is no
// need to push what a function captures or reads from the session: it travels by
// itself, once for each content.
//
// # Large data
//
// Slices of numbers, and of structs without pointers, are not encoded. From half a
// megabyte on they travel through shared memory: one copy in, whatever the number of
// engines, and none out, until an engine or the caller writes to a part of it.
// Everybody has a copy of their own all the same. Memory comes back when what was
// received is garbage; the first transfers of a size are slower, because the machine
// has to find the memory.
//
// # Errors and faults
//
// An item that panics, or whose function returns an error, fails alone. The
// other items run, their results are returned, and the error is a [*MapError]
// that lists a [*RemoteError] for each failed item, lowest item first.
//
// An engine whose process dies is started again, and items that it had not
// answered run again, so an item may run more than once if an engine dies. An
// item that ended three processes is given up and reported; a call whose items ended 30
// of them ends. An item that then runs to its end was not to blame, and does not count. What a dead engine
// knew is gone, but for pushed values; a new one gets all it needs. Engines come back for as long as the
// client lives: one whose processes die without an item to blame, or cannot be started, is tried
// again after a pause that grows to 5 seconds, and calls that have no other fail meanwhile with the reason.
//
// An engine that a signal stopped (SIGSTOP) is killed and started again after a second and a
// half, if calls run; one that a debugger holds is not. Items never wait long behind one that takes
// long, or that does not stop when its call has ended, while another engine of a load-balanced view has nothing to do.
//
// When a call's context ends, its engines stop at the next poll of compiled
// cells, or between two items; one that has not stopped after a second is killed
// and started again.
//
// # What travels
//
// Numbers, strings, slices, maps, arrays, pointers and structs of such, with
// unexported fields; types with MarshalBinary and UnmarshalBinary, as those
// methods say; errors; interfaces. Channels, functions, locks and files are refused before anything is sent. A
// function that changes a variable on an engine changes that engine's copy.
//
// What an interface holds must be of a type that engines know by name. In a notebook those are all types that a
// cell declares at its top level, the types of all values that cells use, and what consists of such. In
// a program they are the predeclared types, what consists of them, and what [RegisterType] has
// named. An interface with methods that none of them implements is refused.
//
// Within one item, one result or one variable, what is referred to twice arrives as one: pointers to
// one value, rings, maps, slices that overlap, pointers to an element of a slice or to a
// field that travels as well. Two items that share something arrive with a copy each, and so do slices of
// one array that do not overlap. Of an array, what slices show travels: a slice's
// capacity ends with what is shown.
//
// An error arrives with its text and with the errors that it wraps, however they are wrapped, so that
// [errors.Is] and [errors.As] find in it the errors that both sides know: the standard library's, what
// cells and the packages that they import declare, and what a program names with
// [RegisterError]. That holds for errors that functions return or panic with, and for errors in values.
//
// A [time.Time] keeps its location, and drops the reading of the monotonic clock. Local stays Local, unless
// an engine on another machine has another one: then it becomes a fixed zone. The location of other
// times must be in the engine's time zone database.
package parallel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/format"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
)

// Client is a running cluster: a controller in this process and its engines. Its
// methods may be called from any goroutine.
type Client struct {
	cluster backend.Cluster
	tags    tags
	show    func() func(Progress) // of calls that are waited for; nil shows it as the process does
}

// Init must come first in the main function of a program that uses engines. In
// an engine process it never returns; anywhere else it does nothing, but that
// [Start] knows that engines will come here as well.
func Init() {
	if backend.Engine.Wanted() {
		os.Exit(backend.Engine.Main())
	}
}

// TestMain is the TestMain of a package whose tests use engines; see Testing in the
// documentation of this package. It calls [Init], runs the tests of m, which is a
// *testing.M, and ends the process.
func TestMain(m interface{ Run() int }) {
	Init()
	os.Exit(m.Run())
}

// StartOption changes what [Start] does.
type StartOption func(*startOptions)

type startOptions = backend.Options

// Output sends what engines print to these writers instead of os.Stdout and
// os.Stderr. Writes are whole lines, one at a time for each writer. Where one is nil, nothing is written.
func Output(stdout, stderr io.Writer) StartOption {
	if stdout == nil {
		stdout = io.Discard
	}
	if stderr == nil {
		stderr = io.Discard
	}
	return func(o *startOptions) {
		o.Stdout = func() io.Writer { return stdout }
		o.Stderr = func() io.Writer { return stderr }
		o.Given = true
	}
}

// TLS makes engines connect as those of other machines do: by mutual TLS 1.3 over
// TCP, with keys made for this cluster. On one machine the default is as safe and
// faster: a unix socket in a folder that only this user may enter, and shared
// memory.
func TLS() StartOption { return func(o *startOptions) { o.TLS = true } }

// AtLeast makes [Start] return as soon as k of its engines are ready. The others take part
// when they are, and standard error says if one fails. A view of all engines
// includes those that are still to come: a direct view waits for them, a load-balanced
// view goes on with who is there.
func AtLeast(k int) StartOption { return func(o *startOptions) { o.AtLeast = k } }

// EngineMemory limits the memory of each engine to so many bytes, at least 256 MiB. An engine that needs more crashes, as
// if the machine had no more: its items run again, and the one that did it three times fails with an error that names the
// limit. Memory that an engine shares with this process counts where it writes to it. What items start, such as commands, has
// the same limit each. It cannot be set for a program that was built with -race, which is an error of
// [Start]. Without the option, engines may use what the machine has; in a notebook, what its cells may use.
func EngineMemory(bytes int64) StartOption {
	return func(o *startOptions) {
		if o.Memory = bytes; bytes == 0 {
			o.Memory = -1 // which Start refuses: 0 is no limit
		}
	}
}

// Start starts a controller in this process and n engine processes on this
// machine, and returns when all are ready. Engines run until [Client.Close], or
// until this process ends, however it ends. The context limits the start only.
// What engines print appears on os.Stdout and os.Stderr, each line with the
// engine's number: "[stdout:0] …".
//
// An engine is the executable that this process runs, even if its file was replaced or
// deleted meanwhile, and it is initialised as this process was. Start waits for 20
// seconds longer than three times what that took here, says on standard error which engines
// are missing and what they do, and gives up with an error that does the same. If an
// engine fails, Start ends the others and returns an error, unless [AtLeast] allows for it.
// If this process has not called [Init], no engine would, so none is started.
//
// In an engine process that has not come to [Init], Start turns the process into
// the engine that it is, and does not return. A function that runs on an engine
// cannot start engines: that is an error.
func Start(ctx context.Context, n int, options ...StartOption) (*Client, error) {
	o, err := asked(ctx, "start engines", options)
	if err != nil {
		return nil, err
	}
	o.Bound = hooks.OutputBound()
	if o.Given {
		o.Bound = 0
	}
	if o.Listen != "" && o.Launcher == nil {
		return nil, errors.New("Listen is for engines of other machines, and there is no On that asks for them: leave it out, or use TLS")
	}
	cluster, err := backend.Start(ctx, n, o)
	if err != nil {
		return nil, err
	}
	return clientOf(cluster, o), nil
}

// asked is what the options of [Start] and [Connect] say. A process that was started to be an
// engine becomes that, and one that is an engine may do neither.
func asked(ctx context.Context, what string, options []StartOption) (o startOptions, err error) {
	if backend.Engine.Running() {
		return o, errors.New("this process is an engine, and engines do not " + what)
	}
	if backend.Engine.Started() {
		os.Exit(backend.Engine.Main())
	}
	if ctx == nil {
		return o, errNilContext
	}
	o.Stdout, o.Stderr = func() io.Writer { return os.Stdout }, func() io.Writer { return os.Stderr }
	o.Program, o.Code = hooks.Program(), hooks.Code()
	for _, option := range options {
		if option == nil {
			return o, errNilOption
		}
		option(&o)
	}
	return o, nil
}

func clientOf(cluster backend.Cluster, o startOptions) *Client {
	rc := &Client{cluster: cluster, show: o.Progress}
	hooks.Opened(rc)
	return rc
}

// IDs returns the numbers of the engines that run, in ascending order. An engine
// that died is missing until it has been started again.
func (rc *Client) IDs() []int { return rc.cluster.IDs() }

// String says how many engines there are, and which of them run.
func (rc *Client) String() string {
	return fmt.Sprintf("cluster of %s; %v run", format.Count(rc.cluster.Size(), "engine"), rc.IDs())
}

// Pid returns the process number of an engine, or 0 while it does not run. Look
// before you signal it: process 0 means the caller's own process group.
func (rc *Client) Pid(id int) int { return rc.cluster.Pid(id) }

// Close ends the engines and waits until no process, socket or goroutine of the
// cluster is left. Calls that run end with an error. It may be called again.
func (rc *Client) Close() error {
	hooks.Closed(rc)
	return rc.cluster.Close()
}

// All is the direct view of all engines.
func (rc *Client) All() *DirectView {
	return &DirectView{View{cluster: rc.cluster, show: rc.show, direct: true}}
}

// Targets is the direct view of the engines with these numbers, in this order.
// Numbers that do not exist are an error of the calls.
func (rc *Client) Targets(ids ...int) *DirectView {
	if ids == nil {
		ids = []int{}
	}
	return &DirectView{View{cluster: rc.cluster, show: rc.show, direct: true, targets: ids}}
}

// LoadBalanced is the load-balanced view of the engines with these numbers, or of all.
// Numbers that do not exist are an error of the calls.
func (rc *Client) LoadBalanced(ids ...int) *LoadBalancedView {
	return &LoadBalancedView{View{cluster: rc.cluster, show: rc.show, targets: slices.Clone(ids)}}
}
