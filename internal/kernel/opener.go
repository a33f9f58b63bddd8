package kernel

import (
	"context"
	"errors"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// opener starts the interpreter in the background and hands it to whoever
// waits for it. An interpreter that could not be started (no C compiler, say)
// is tried again by the next cell.
type opener struct {
	ctx        context.Context
	cancel     context.CancelFunc
	open       func(context.Context) (cell.Interpreter, error)
	background cell.Output

	mu     sync.Mutex
	ready  chan struct{} // closed when the current attempt has ended
	interp cell.Interpreter
	err    error
	ended  bool
}

var errEnded = errors.New("the kernel is shutting down")

func newOpener(ctx context.Context, open func(context.Context) (cell.Interpreter, error), background cell.Output) *opener {
	ctx, cancel := context.WithCancel(ctx)
	o := &opener{ctx: ctx, cancel: cancel, open: open, background: background}
	o.mu.Lock()
	o.attempt()
	o.mu.Unlock()
	return o
}

// attempt starts the interpreter; mu is held.
func (o *opener) attempt() {
	ready := make(chan struct{})
	o.ready, o.err = ready, nil
	go func() {
		interp, err := o.open(o.ctx)
		o.mu.Lock()
		defer o.mu.Unlock()
		defer close(ready)
		if err != nil {
			o.err = err
			return
		}
		if o.ended {
			interp.Close()
			o.err = errEnded
			return
		}
		interp.Background(o.background)
		o.interp = interp
	}()
}

// get waits for the interpreter until ctx ends. With retry, an attempt that
// has failed is made again.
func (o *opener) get(ctx context.Context, retry bool) (cell.Interpreter, error) {
	o.mu.Lock()
	if retry && o.err != nil && !o.ended {
		o.attempt()
	}
	ready := o.ready
	o.mu.Unlock()
	select {
	case <-ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.interp, o.err
}

// interrupt stops the running cell, if the interpreter is there.
func (o *opener) interrupt() {
	o.mu.Lock()
	interp := o.interp
	o.mu.Unlock()
	if interp != nil {
		interp.Interrupt()
	}
}

// close ends the interpreter, once; one that is still starting is told to stop
// and waited for.
func (o *opener) close() error {
	o.mu.Lock()
	interp, ended, ready := o.interp, o.ended, o.ready
	o.ended = true
	o.mu.Unlock()
	defer o.cancel()
	if ended {
		return nil
	}
	if interp == nil {
		o.cancel()
		<-ready
		return nil
	}
	return interp.Close()
}
