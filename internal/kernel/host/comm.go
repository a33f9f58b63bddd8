package host

import (
	"context"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/kernel/comms"
)

var handlerInterrupted = &failure{Name: "Interrupted", Value: "what a widget set going was interrupted; the session's values are kept"}

// handle has the session handle a message of a comm, whether or not a cell runs, and
// says when it has. One is handled at a time.
func (h *host) handle(e *execution, m *message) {
	h.events.Lock()
	defer h.events.Unlock()
	defer e.cancel()
	f, _ := h.await(e, "the handler", func() *failure {
		defer live.Aside(e.ctx)()
		if of, ok := h.originOf(*m.Comm); ok {
			return h.toEngine(e.ctx, of, *m.Comm)
		}
		comms.Deliver(*m.Comm)
		return nil
	})
	h.mu.Lock()
	h.handling = slices.DeleteFunc(h.handling, func(other *execution) bool { return other == e })
	h.mu.Unlock()
	_ = h.conn.send(&message{Kind: kindHandled, Call: m.Call, Failure: f}) // without its connection the process ends, see serve
}

// Comm has the session handle a message that the front end sent, and waits until it
// has, or the process or ctx ends.
func (p *Process) Comm(ctx context.Context, c cell.Comm) *cell.Error {
	handled := make(chan *message, 1)
	p.mu.Lock()
	p.numbered++
	number := p.numbered
	if p.events == nil {
		p.events = make(map[int]chan *message)
	}
	p.events[number] = handled
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.events, number)
		p.mu.Unlock()
	}()
	p.noteComm(c)
	if err := p.conn.send(&message{Kind: kindComm, Call: number, Comm: &c}); err != nil {
		return &cell.Error{Name: "CommError", Value: err.Error(), Traceback: []string{"CommError: " + err.Error()}}
	}
	select {
	case m := <-handled:
		return p.failed(m.Failure)
	case <-p.exited: // which is told where the process's end is
	case <-ctx.Done():
	}
	return nil
}

// handled passes on that the host is done with a comm's message.
func (p *Process) handled(m *message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if waits := p.events[m.Call]; waits != nil {
		delete(p.events, m.Call)
		waits <- m
	}
}

// noteComm keeps which comms are open.
func (p *Process) noteComm(c cell.Comm) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch c.Kind {
	case cell.CommOpen:
		if p.comms == nil {
			p.comms = make(map[string]bool)
		}
		p.comms[c.ID] = true
	case cell.CommClose:
		delete(p.comms, c.ID)
	}
}

// CloseComms tells the front end that the comms are closed which the process had.
// It is called after the process's end.
func (p *Process) CloseComms(out cell.Output) {
	p.mu.Lock()
	open := p.comms
	p.comms = nil
	p.mu.Unlock()
	for id := range open {
		out.Comm(cell.Comm{Kind: cell.CommClose, ID: id})
	}
}
