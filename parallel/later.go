package parallel

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// later is a call that begins when others have ended.
type later struct {
	began time.Time
	items int
	name  string
	label string
	ended chan struct{}
	stop  context.CancelCauseFunc // of the wait

	mu   sync.Mutex
	call backend.Call // once it has begun
	err  error        // why it never will
	log  backend.Log  // wakes those who wait for its beginning
}

// startLater starts a job when what it comes after has ended. The goroutine ends with those calls,
// with the context, or by Cancel.
func (v *View) startLater(o options, f any, job backend.Job, local loop) *later {
	ctx, stop := context.WithCancelCause(o.ctx)
	l := &later{began: time.Now(), items: job.Items, name: registry.NameOf(f), label: job.Label, ended: make(chan struct{}), stop: stop}
	go func() {
		defer close(l.ended)
		defer stop(nil)
		targets, err := waitFor(ctx, o, v)
		if err == nil {
			if targets != nil {
				job.Targets = targets
			}
			var call backend.Call
			if call, err = v.start(o.ctx, f, job, local); err == nil && !l.begin(ctx, call) {
				call.Cancel(context.Cause(ctx))
			}
			if err == nil {
				<-call.Done()
				return
			}
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.err = err
		l.log.End()
	}()
	return l
}

// begin notes the call, and reports false where it was cancelled meanwhile.
func (l *later) begin(ctx context.Context, call backend.Call) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.call = call
	l.log.End()
	return ctx.Err() == nil
}

// waitFor waits for what a call comes after. It returns the engines that the call must use; nil for
// those of its view.
func waitFor(ctx context.Context, o options, v *View) (targets []int, err error) {
	for _, d := range slices.Concat(o.after, o.follow) {
		select {
		case <-d.Done():
		case <-ctx.Done():
			return nil, fmt.Errorf("cancelled before it began: %w", context.Cause(ctx))
		}
		if err := d.Failure(); err != nil {
			return nil, fmt.Errorf("it did not begin, because a call that it comes after failed: %w", err)
		}
	}
	if len(o.follow) == 0 {
		return nil, nil
	}
	ran := map[int]bool{}
	for _, d := range o.follow {
		for id := range d.Explain().Engines {
			ran[id] = v.targets == nil || slices.Contains(v.targets, id)
		}
	}
	maps.DeleteFunc(ran, func(_ int, in bool) bool { return !in })
	if len(ran) == 0 {
		return nil, fmt.Errorf("it did not begin: no engine of the %v ran an item of the calls that it follows", v)
	}
	return slices.Sorted(maps.Keys(ran)), nil
}

// inner is the call, or nil while, or if, there is none.
func (l *later) inner() backend.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.call
}

// begun waits until the call has begun and returns it, or nil where it never will.
func (l *later) begun() backend.Call {
	l.mu.Lock()
	_, more := l.log.Since(0)
	l.mu.Unlock()
	if more != nil {
		<-more
	}
	return l.inner()
}

// The methods of [backend.Call].

func (l *later) Done() <-chan struct{} { return l.ended }

func (l *later) Help() {
	if call := l.inner(); call != nil {
		call.Help()
	}
}

func (l *later) AwaitOutput() {
	if call := l.inner(); call != nil {
		call.AwaitOutput()
	}
}

func (l *later) Err() error {
	<-l.ended
	if call := l.inner(); call != nil {
		return call.Err()
	}
	return l.err
}

func (l *later) Failures() []backend.Failure {
	<-l.ended
	if call := l.inner(); call != nil {
		return call.Failures()
	}
	return nil
}

func (l *later) Report() backend.Report {
	if call := l.inner(); call != nil {
		return call.Report()
	}
	return backend.Report{Function: l.name, Label: l.label, Items: l.items, Elapsed: time.Since(l.began)}
}

// Output is what the call has printed.
func (l *later) Output(stderr bool) map[int]string {
	if call := l.inner(); call != nil {
		return call.Output(stderr)
	}
	return map[int]string{}
}

func (l *later) Cancel(cause error) {
	l.stop(cause)
	if call := l.inner(); call != nil {
		call.Cancel(cause)
	}
}

func (l *later) Arrivals(seen int) ([]backend.Arrival, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.call != nil {
		return l.call.Arrivals(seen)
	}
	return l.log.Since(seen)
}
