package host

import (
	"errors"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// output returns where shown things go now.
func (p *Process) output() cell.Output {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != nil {
		return p.current.out
	}
	return p.background
}

// show hands on what a cell shows, after what it printed before.
func (p *Process) show(m *message) {
	p.streams.drain()
	out := p.outputOf(m)
	p.nameIn(m)
	switch m.Kind {
	case kindDisplay:
		out.Display(m.Data, metadata(m), m.ID)
	case kindUpdate:
		out.Update(m.Data, metadata(m), m.ID)
	case kindResult:
		out.Result(m.Data, metadata(m))
	case kindClear:
		out.Clear(m.Wait)
	case kindComm:
		p.noteComm(*m.Comm)
		out.Comm(*m.Comm)
	}
	p.answer(&message{Kind: kindAnswer, Call: m.Call})
}

// nameIn writes the names that people know into what a cell shows. Markup is the
// user's own, but that of an error.
func (p *Process) nameIn(m *message) {
	name := func(text string) string { return nameCells(text, p.cellName) }
	value, isError := m.Metadata[cell.ErrorValue].(string)
	if isError {
		name = func(text string) string { return nameCells(nameStacks(text, p.cellName), p.cellName) }
		m.Metadata[cell.ErrorValue] = name(value)
	}
	for _, kind := range []string{"text/plain", "text/html"} {
		if text, ok := m.Data[kind].(string); ok && (isError || kind == "text/plain") {
			m.Data[kind] = name(text)
		}
	}
}

func metadata(m *message) map[string]any {
	if m.Metadata == nil {
		return map[string]any{}
	}
	return m.Metadata
}

// input asks the user for the host.
func (p *Process) input(m *message) {
	p.streams.drain()
	answer := &message{Kind: kindAnswer, Call: m.Call}
	p.mu.Lock()
	r := p.current
	p.mu.Unlock()
	if r == nil || !r.allowInput {
		answer.Error = "the user cannot be asked for input here"
	} else if line, err := p.ask(r.ctx, r.out, m.Prompt, m.Password); err != nil {
		if r.caller.Err() != nil {
			return // the interrupt, which is on its way, ends the question
		}
		answer.Error = err.Error()
	} else {
		answer.Text = line
	}
	p.answer(answer)
}

// compile compiles source for the host.
func (p *Process) compile(m *message) {
	answer := &message{Kind: kindAnswer, Call: m.Call}
	p.mu.Lock()
	r := p.current
	p.mu.Unlock()
	if r == nil || r.compile == nil {
		answer.Error = "source can be compiled only while a cell runs"
		p.answer(answer)
		return
	}
	unit, err := r.compile(r.ctx, m.Text)
	wrong, isError := errors.AsType[*cell.Error](err)
	switch {
	case isError:
		_, text, _ := strings.Cut(wrong.Text(), ": ") // without the name, which is coloured
		answer.Failure = &failure{Name: wrong.Name, Value: text}
	case err != nil:
		answer.Error = err.Error()
	default:
		answer.Load, answer.Unit, answer.Reads, answer.Keeps = unit.Load, unit.Unit, unit.Reads, unit.Keeps
	}
	p.answer(answer)
}

// answer sends an answer. A host that is gone needs none.
func (p *Process) answer(m *message) { _ = p.conn.send(m) }
