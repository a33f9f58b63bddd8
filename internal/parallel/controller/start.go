package controller

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/plan"
	"github.com/goparallel/goparallel/internal/parallel/printed"
	"github.com/goparallel/goparallel/internal/parallel/process"
)

func init() {
	backend.Travels = codec.Travels
	backend.Start = func(ctx context.Context, n int, o backend.Options) (backend.Cluster, error) {
		c, err := Start(ctx, n, o)
		if err != nil {
			return nil, err // not a nil *Cluster in an interface
		}
		return c, nil
	}
}

// errNoInit is why a process that has not asked whether it is an engine starts none:
// they would not ask either, and do again all that it does.
var errNoInit = errors.New("no engine was started: this process has not called parallel.Init, and its engines, which are the same program started again, would run all of it as well.\n" +
	"Call parallel.Init() first thing in main; in the tests of a package, add\n\n\tfunc TestMain(m *testing.M) { parallel.TestMain(m) }")

// Start starts n engines and waits until all are connected, or as many as the options
// say. What they print goes to the writers of the options, each line with the engine's number.
func Start(ctx context.Context, n int, o backend.Options) (*Cluster, error) {
	if o.Program == "" && !launch.Asked() {
		return nil, errNoInit
	}
	return StartOf(ctx, launch.Of(o.Program), n, o)
}

// StartOf is Start for engines of an executable of another process.
func StartOf(ctx context.Context, x *launch.Executable, n int, o backend.Options) (*Cluster, error) {
	if n < 1 || n > backend.MaxEngines {
		return nil, fmt.Errorf("%d engines were asked for; there must be at least 1, and at most %d", n, backend.MaxEngines)
	}
	if o.AtLeast < 0 || o.AtLeast > n {
		return nil, fmt.Errorf("at least %d of %d engines is impossible", o.AtLeast, n)
	}
	if a := o.Adapt; a.Max != 0 && (a.Min < 1 || a.Max < a.Min || n < a.Min || n > a.Max || a.Idle < 0) {
		return nil, fmt.Errorf("%d engines cannot become %d to %d", n, a.Min, a.Max)
	}
	if o.Memory != 0 {
		if err := launch.CanLimit(o.Memory); err != nil {
			return nil, err
		}
	}
	build, err := x.Build()
	if err != nil {
		return nil, err
	}
	c := &Cluster{
		closing: make(chan struct{}), news: make(chan struct{}), printing: map[uint64]*outputs{}, costs: plan.Memory{},
		options: o, executable: x, build: build, given: o.Given, patience: launch.Patience(n),
		out: &launch.Sink{Stream: printed.Streams[0], Writer: o.Stdout, Bound: o.Bound}, err: &launch.Sink{Stream: printed.Streams[1], Writer: o.Stderr, Bound: o.Bound},
	}
	for stream, sink := range []*launch.Sink{c.out, c.err} {
		sink.Of = c.outputOf(stream)
	}
	listen := c.listen
	switch {
	case o.Launcher != nil:
		listen = func() error { return c.listenFor(o.Listen) }
	case o.TLS:
		listen = c.listenTLS
	}
	if err := listen(); err != nil {
		return nil, err
	}
	c.observer = newObserver(o.Observer)
	c.thread = process.NewThread()
	processors := max(1, runtime.NumCPU()/n)
	ready := make(chan started, n)
	for id := range n {
		c.engines = append(c.engines, newEngine(c, id, processors))
	}
	if o.Launcher != nil {
		if err := c.launch(ctx, c.engines); err != nil {
			c.Close()
			return nil, err
		}
	}
	for _, e := range c.engines {
		c.group.Go(func() { e.supervise(ready) })
	}
	need := n
	if o.AtLeast > 0 {
		need = o.AtLeast
	}
	if err := c.await(ctx, c.engines, need, ready); err != nil {
		c.Close()
		return nil, err
	}
	if o.Adapt.Max > 0 {
		c.group.Go(newAdapter(c, o.Adapt).run)
	}
	return c, nil
}

// started is what became of an engine's first process.
type started struct {
	e   *engine
	err error
}

// firstNews is when [Start] first says whom it waits for; each time after that is twice
// as late.
const firstNews = 4 * time.Second

// await waits until as many engines as are needed have connected. Meanwhile it says from
// time to time which are missing. Those that are not needed may fail; that is said, too.
func (c *Cluster) await(ctx context.Context, engines []*engine, need int, ready chan started) error {
	begin := time.Now()
	missing := slices.Clone(engines)
	var failed []error
	news, after := time.NewTimer(firstNews), firstNews
	defer news.Stop()
	for have := 0; have < need; {
		select {
		case s := <-ready:
			missing = slices.DeleteFunc(missing, func(e *engine) bool { return e == s.e })
			if s.err == nil {
				have++
				continue
			}
			failed = append(failed, s.err)
			if have+len(missing) < need {
				return fmt.Errorf("%d of %d engines started: %w", have, len(engines), errors.Join(failed...))
			}
			c.err.Say("%v", s.err)
		case <-news.C:
			c.err.Say("%d of %d engines are connected after %v; waiting for %s%s", have, len(engines), time.Since(begin).Round(time.Second), numbers(missing), c.pending())
			news.Reset(after)
			after *= 2
		case <-ctx.Done():
			text := fmt.Sprintf("%d of %d engines had connected after %v", have, len(engines), time.Since(begin).Round(time.Millisecond))
			why := map[string][]*engine{}
			for _, e := range missing {
				m := e.missing()
				why[m] = append(why[m], e)
			}
			for _, m := range slices.SortedFunc(maps.Keys(why), func(a, b string) int { return why[a][0].id - why[b][0].id }) {
				text += fmt.Sprintf("\n%s: %s", numbers(why[m]), m)
			}
			text += c.pending()
			return errors.Join(fmt.Errorf("starting engines: %w: %s", context.Cause(ctx), text), errors.Join(failed...))
		}
	}
	c.group.Go(func() { // who comes later is heard of when something is wrong
		for range missing {
			if s := <-ready; s.err != nil && s.err != ErrClosed {
				c.err.Say("%v", s.err)
			}
		}
	})
	return nil
}

// maxNumbers limits the engines that a text names.
const maxNumbers = 16

// numbers names engines, the first of many.
func numbers(engines []*engine) string {
	if len(engines) == 1 {
		return fmt.Sprintf("engine %d", engines[0].id)
	}
	var list []string
	for _, e := range engines[:min(len(engines), maxNumbers)] {
		list = append(list, fmt.Sprint(e.id))
	}
	text := "engines " + strings.Join(list, ", ")
	if more := len(engines) - len(list); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// comes notes the process that is to be the engine's.
func (e *engine) comes(process launch.Process) {
	e.cluster.mu.Lock()
	defer e.cluster.mu.Unlock()
	e.process, e.coming, e.still, e.printing = process, true, 0, nil
	e.cluster.watch()
}

// missing says why an engine has not connected.
func (e *engine) missing() string {
	e.cluster.mu.Lock()
	process := e.process
	e.cluster.mu.Unlock()
	if process == nil {
		return "its process has not been started yet"
	}
	text := fmt.Sprintf("its process, %d, runs, but has not come to parallel.Init and connected", process.Pid())
	if tail := process.Tail(); tail != "" {
		text += "; the last of its stderr:\n" + tail
	}
	return text
}
