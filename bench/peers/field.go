package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/measure"
	"github.com/goparallel/goparallel/parallel"
)

// engines is the number of engines, workers or servers of every contestant.
const engines = 2

// Names of the contestants.
const (
	ours        = "goparallel"
	oursTLS     = "goparallel, TLS"
	goroutines  = "goroutines"
	bareTCP     = "bare TCP"
	bareUnix    = "bare unix socket"
	bareZmq4    = "bare zmq4"
	netRPC      = "net/rpc"
	gRPC        = "gRPC"
	concPool    = "conc"
	pondPool    = "pond"
	ipyparallel = "ipyparallel"
	ipyHwm0     = "ipyparallel, hwm=0"
	dask        = "Dask"
	joblib      = "joblib"
	pool        = "multiprocessing.Pool"
	executor    = "ProcessPoolExecutor"
)

// field is all contestants. Each is started when it is first asked, and stays
// until the end.
type field struct {
	open     map[string]func(context.Context) (contest.Contestant, error)
	started  map[string]contest.Contestant
	versions map[string]string
	out      map[string]string // who is left out, and why
}

func newField(python, gopeer string) *field {
	library := func(name string) func(context.Context) (contest.Contestant, error) {
		return func(ctx context.Context) (contest.Contestant, error) {
			if gopeer == "" {
				return nil, errors.New("no -gopeer was given")
			}
			return contest.Open(ctx, nil, gopeer, name)
		}
	}
	script := func(script string, args ...string) func(context.Context) (contest.Contestant, error) {
		return func(ctx context.Context) (contest.Contestant, error) {
			folder, err := filepath.Abs("bench/peers/python")
			if err != nil {
				return nil, err
			}
			return contest.Open(ctx, []string{"PYTHONPATH=" + folder, "PYTHONDONTWRITEBYTECODE=1"}, python, append([]string{filepath.Join(folder, script)}, args...)...)
		}
	}
	f := &field{started: map[string]contest.Contestant{}, versions: map[string]string{}, out: map[string]string{}}
	f.open = map[string]func(context.Context) (contest.Contestant, error){
		ours:        func(ctx context.Context) (contest.Contestant, error) { return openOurs(ctx) },
		oursTLS:     func(ctx context.Context) (contest.Contestant, error) { return openOurs(ctx, parallel.TLS()) },
		goroutines:  openGoroutines,
		bareTCP:     func(context.Context) (contest.Contestant, error) { return openBare("tcp") },
		bareUnix:    func(context.Context) (contest.Contestant, error) { return openBare("unix") },
		bareZmq4:    openZmq4,
		netRPC:      openNetRPC,
		ipyparallel: script("ipyparallel_peer.py"),
		ipyHwm0:     script("ipyparallel_peer.py", "0"),
		dask:        script("dask_peer.py"),
		joblib:      script("joblib_peer.py"),
		pool:        script("pool_peer.py"),
		executor:    script("executor_peer.py"),
		gRPC:        library("grpc"),
		concPool:    library("conc"),
		pondPool:    library("pond"),
	}
	return f
}

// errOut is returned for contestants that are left out.
var errOut = errors.New("left out")

// do asks a contestant for a task and returns the median of its times. A peer
// that cannot be started, or fails, is left out from then on, and said so once.
func (f *field) do(ctx context.Context, name string, t contest.Task) (float64, error) {
	if f.out[name] != "" {
		return 0, errOut
	}
	seconds, err := f.ask(ctx, name, t)
	if err == nil {
		return measure.Median(seconds), nil
	}
	if name == ours || name == oursTLS || ctx.Err() != nil {
		return 0, err
	}
	f.out[name] = err.Error()
	fmt.Fprintf(os.Stderr, "\nbench: %s is left out: %v\n", name, err)
	return 0, errOut
}

// ask lets a contestant do a task.
func (f *field) ask(ctx context.Context, name string, t contest.Task) ([]float64, error) {
	c := f.started[name]
	if c == nil {
		var err error
		if c, err = f.open[name](ctx); err != nil {
			return nil, err
		}
		f.started[name] = c
		f.versions[name] = runtime.Version()
		if p, ok := c.(*contest.Process); ok {
			f.versions[name] = p.Version
		}
	}
	runtime.GC() // nobody pays for what somebody else left behind
	return c.Do(ctx, t)
}

// close ends all contestants.
func (f *field) close() {
	for name, c := range f.started {
		if err := c.Close(); err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s ended badly: %v\n", name, err)
		}
	}
}
