package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/controller"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// program is what engines are made of.
type program struct {
	hello cluster.Hello
}

// name is what people call a program: of a notebook its file, which Jupyter says in its kernel's environment.
func (p program) name() string {
	if p.hello.Notebook != "" {
		return filepath.Base(p.hello.Notebook)
	}
	return filepath.Base(p.hello.Program)
}

// key tells programs apart whose engines must not be the same processes.
func (p program) key() string { return fmt.Sprintf("%x %s", p.hello.Build, p.hello.Session) }

// pool is the engines of one program, or of one notebook: processes can only be shared by what is of
// one build, and, where code is loaded later, of one session.
type pool struct {
	program program
	file    *os.File // the program, so that it stays what it was
	cluster *controller.Cluster
	stop    context.CancelCauseFunc // ends the start of the engines
	begun   chan struct{}           // closed when the engines are there, or err is set
	err     error

	mu      sync.Mutex
	clients map[*client]bool
	calls   int         // that run
	idle    *time.Timer // ends the pool when nobody has used it for a while
}

// open opens the file of a program, which must be of the build that it says it is. The file that a process runs
// may have been replaced, and then still be found by the process.
func open(h cluster.Hello) (*os.File, error) {
	var problems []error
	for _, path := range []string{h.Program, fmt.Sprintf("/proc/%d/exe", h.Pid)} {
		f, err := os.Open(path)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		build, err := executable(h, f).Build()
		if err == nil && build == h.Build {
			return f, nil
		}
		f.Close()
		if err == nil {
			err = fmt.Errorf("%s is another build than the process that connected", path)
		}
		problems = append(problems, err)
	}
	return nil, fmt.Errorf("the program of the engines is not to be had: %w", errors.Join(problems...))
}

// executable is what engines of an open program are.
func executable(h cluster.Hello, f *os.File) *launch.Executable {
	return &launch.Executable{Path: fmt.Sprintf("/proc/self/fd/%d", f.Fd()), Args: h.Args, Env: h.Env, Dir: h.Dir}
}

// start starts the engines.
func (p *pool) start(ctx context.Context, n int, o backend.Options) {
	defer close(p.begun)
	p.file, p.err = open(p.program.hello)
	if p.err != nil {
		return
	}
	o.Stdout = func() io.Writer { return printer{p, cluster.Stdout} }
	o.Stderr = func() io.Writer { return printer{p, cluster.Stderr} }
	p.cluster, p.err = controller.StartOf(ctx, executable(p.program.hello, p.file), n, o)
	if p.err != nil {
		p.err = fmt.Errorf("engines of %s: %w", p.program.name(), p.err)
		p.file.Close()
	}
}

// close ends the engines.
func (p *pool) close() {
	p.stop(errUnused)
	<-p.begun
	if p.err == nil {
		p.cluster.Close()
		p.file.Close()
	}
}

// run runs items of a call, and returns when nothing of them runs any more. What comes of them is
// added to the record.
func (p *pool) run(ctx context.Context, r *record, first, count int) error {
	asked := &r.asked
	job := jobOf(asked)
	job.Items, job.Output = count, saying{p, r}
	x := &controller.Encoded{Modules: asked.Modules, Reads: map[string]controller.Value{}, Keeps: map[string]controller.Value{}, Size: asked.Size}
	blocks := r.values
	take := func(v cluster.Value) controller.Value {
		value := controller.Value{Type: v.Type, Data: v.Data, Blocks: blocksOf(blocks[:v.Blocks])}
		blocks = blocks[v.Blocks:]
		return value
	}
	for _, v := range asked.Captures {
		x.Captures = append(x.Captures, take(v))
	}
	for _, v := range asked.Reads {
		x.Reads[v.Name] = take(v.Value)
	}
	for _, v := range asked.Keeps {
		x.Keeps[v.Name] = take(v.Value)
	}
	if asked.Argument {
		x.Items = func(from, n int) ([]byte, []*block) { return r.items.Together(first+from, n) }
	}
	if asked.Result != "" {
		x.Store = func(from, n int, data []byte, results []*block) error { return r.store(first+from, n, data, results) }
	}
	call, err := p.cluster.SubmitEncoded(ctx, job, x)
	if err != nil {
		return err
	}
	return r.collect(call, first)
}

// collect adds to the record what comes of a call, of which the first item has a number, until it has ended.
func (r *record) collect(call backend.Call, first int) error {
	for seen := 0; ; {
		arrivals, more := call.Arrivals(seen)
		seen += len(arrivals)
		for _, a := range arrivals {
			if err := r.arrive(first, a); err != nil {
				return err
			}
		}
		if more == nil {
			break
		}
		<-more
	}
	<-call.Done()
	call.AwaitOutput()
	report := call.Report()
	r.mu.Lock()
	r.report = &report
	r.mu.Unlock()
	return call.Err()
}

// store adds the results of a frame.
func (r *record) store(first, count int, data []byte, results []*block) error {
	e := event{kind: wire.Result, first: first, count: count, payload: data}
	for _, b := range results {
		view, err := b.View()
		if err != nil {
			return err
		}
		e.blocks = append(e.blocks, bytes.Clone(view))
		b.Release()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(e)
	return nil
}

// arrive adds which items have arrived.
func (r *record) arrive(offset int, a backend.Arrival) error {
	landed := cluster.Landed{Engine: a.Engine}
	for _, f := range a.Failures {
		landed.Failures = append(landed.Failures, failureOf(offset, f))
	}
	payload, err := wire.EncodePayload(landed)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.landed(offset+a.First, a.Count, landed.Failures)
	r.add(event{kind: wire.Arrived, first: offset + a.First, count: a.Count, payload: payload})
	return nil
}
