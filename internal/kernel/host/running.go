package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// running is the run in progress.
type running struct {
	ctx         context.Context // ends with the run
	caller      context.Context // its end interrupts the run
	out         cell.Output
	allowInput  bool
	compile     func(ctx context.Context, source string) (Compiled, error)
	done        chan *failure
	count       int  // of the cell, where its value is kept
	sent        bool // the host knows of it
	interrupted bool
}

// Run executes a program and returns when it has ended and all of its output
// has been handed to out. When ctx ends, the run is interrupted; a process that does not
// answer that is killed, unless the cause is [ErrInterrupted].
func (p *Process) Run(ctx context.Context, prog Program, req cell.Request, out cell.Output) Outcome {
	runCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &running{ctx: runCtx, caller: ctx, out: out, allowInput: req.AllowStdin, compile: prog.Compile, done: make(chan *failure, 1)}
	p.streams.redirect(out)
	p.mu.Lock()
	p.current = r
	run := p.begin(out)
	p.mu.Unlock()
	if req.StoreHistory {
		r.count = req.Count
	}
	outcome := p.await(ctx, r, run, prog)
	p.drainGonbui()
	p.mu.Lock()
	p.current = nil
	p.mu.Unlock()
	if !outcome.Dead {
		p.streams.redirect(p.output())
	}
	return outcome
}

// await starts the run and waits for its end.
func (p *Process) await(ctx context.Context, r *running, run int, prog Program) Outcome {
	load := slices.DeleteFunc(slices.Clone(prog.Load), func(m registry.Module) bool { return p.loaded[m.ID] })
	env, err := p.serveGonbui(load)
	if err != nil {
		cell.Note(r.out, fmt.Sprintf("what gonbui shows is not shown: %v", err))
	}
	err = p.conn.send(&message{Kind: kindRun, Run: run, Load: load, Env: env, Commands: prog.Commands, Unit: prog.Run, Count: r.count, AllowInput: r.allowInput})
	if err != nil {
		p.process.Kill() // the reason is in how it ended
	}
	p.mu.Lock()
	r.sent = true
	early := r.interrupted
	p.mu.Unlock()
	if early {
		p.answer(&message{Kind: kindInterrupt})
	}
	cancelled := ctx.Done()
	var deadline <-chan time.Time
	for {
		select {
		case f := <-r.done:
			if f == nil { // otherwise not all may be loaded
				for _, m := range load {
					p.loaded[m.ID] = true
				}
			}
			return Outcome{Err: p.failed(f)}
		case <-p.exited:
			select {
			case f := <-r.done: // it ended the run before it ended itself
				return Outcome{Err: p.failed(f)}
			default:
			}
			return Outcome{Err: p.death(), Dead: true}
		case <-cancelled:
			cancelled = nil
			p.mu.Lock()
			r.interrupted = true
			p.mu.Unlock()
			p.answer(&message{Kind: kindInterrupt})
			timer := time.NewTimer(cancelTimeout)
			defer timer.Stop()
			deadline = timer.C
		case <-deadline:
			if errors.Is(context.Cause(ctx), ErrInterrupted) {
				cell.Note(r.out, unanswered)
			} else {
				p.Kill()
			}
		}
	}
}

// Interrupt stops the run in progress and the handling of a comm's message, if there are
// any, and returns at once. The second call while the same run is in progress kills the
// process.
func (p *Process) Interrupt() {
	p.mu.Lock()
	r := p.current
	again, sent := r != nil && r.interrupted, r != nil && r.sent || len(p.events) > 0
	if r != nil {
		r.interrupted = true
	}
	p.mu.Unlock()
	switch {
	case again:
		p.Kill()
	case sent:
		p.answer(&message{Kind: kindInterrupt})
	}
}
