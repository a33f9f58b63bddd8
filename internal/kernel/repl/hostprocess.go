package repl

import (
	"context"
	"errors"

	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/kernel/session/shown"
)

// host returns the host process and starts one where none is alive.
func (r *Interpreter) host(ctx context.Context) (*host.Process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errors.New("the session is closed")
	}
	if r.process != nil {
		return r.process, nil
	}
	p, err := host.Start(ctx, host.Options{
		Path: r.session.Host(), Dir: r.options.Dir, Env: r.environment(),
		Memory: r.memory, CellName: r.session.CellName, FileFor: r.fileFor, Background: r.background,
	})
	if err != nil {
		return nil, err
	}
	r.process = p
	r.watches.Go(func() { r.watch(p) })
	return p, nil
}

// fileFor has the session make what engines of another architecture get.
func (r *Interpreter) fileFor(ctx context.Context, arch, path string) (string, error) {
	if path == "" {
		return r.session.ProgramFor(ctx, arch)
	}
	return r.session.FileFor(ctx, arch, path)
}

// watch tells the user when the host ends while no cell runs, for instance by a
// panic of a goroutine that outlived its cell.
func (r *Interpreter) watch(p *host.Process) {
	<-p.Exited()
	r.turn.Lock()
	defer r.turn.Unlock()
	r.mu.Lock()
	untold := r.process == p && !r.closed
	out := r.background
	r.mu.Unlock()
	if !untold {
		return // the cell's own error has told it
	}
	if out != nil {
		out.Stream("stderr", p.Death().Text()+"\n\n"+r.past.lost()+"\n")
	}
	r.forget(p)
}

// forget gives up a host that has ended, and the values with it. The caller
// holds the turn.
func (r *Interpreter) forget(p *host.Process) {
	r.mu.Lock()
	mine := r.process == p
	if mine {
		r.process = nil
	}
	out := r.background
	r.mu.Unlock()
	if mine {
		p.Close()
		if out != nil {
			p.CloseComms(out)
		}
		r.session.Reset()
		r.past.end()
		r.flows, r.shown = flows{}, shown.Values{}
	}
}
