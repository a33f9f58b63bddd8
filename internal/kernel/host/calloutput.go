package host

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/command"
	"github.com/goparallel/goparallel/internal/kernel/command/show"
	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/printed"
)

// What engines print and show for a call belongs to the cell that made the call, also after that cell has ended. It travels
// as messages with the number of the cell's run, and not through the pipes, which are the running cell's.

// callOutput is where what calls of a run print and show goes.
type callOutput struct {
	h       *host
	run     int
	cluster backend.Cluster // whose calls they are
}

// callOutput returns the output of the run in progress, or of the last one.
func (h *host) callOutput(c backend.Cluster) backend.Output {
	h.mu.Lock()
	defer h.mu.Unlock()
	return callOutput{h, h.run, c}
}

// Print sends lines to the kernel process, and waits until they are shown. What %%capture keeps is what is
// printed here.
func (o callOutput) Print(stderr bool, engine int, lines []byte) {
	stream, file := printed.Streams[0], os.Stdout
	if stderr {
		stream, file = printed.Streams[1], os.Stderr
	}
	lines = printed.Prefixed(stream, engine, lines)
	if command.Capturing() {
		file.Write(lines)
		return
	}
	o.h.engines.Lock()
	defer o.h.engines.Unlock()
	o.send(&message{Kind: kindStream, Name: stream, Text: string(lines)})
}

// Show sends what an engine shows, with the engine's number, and waits until it is shown.
func (o callOutput) Show(engine int, what []byte) {
	m := new(message)
	if err := json.Unmarshal(what, m); err != nil {
		fmt.Fprintf(os.Stderr, "engine %d shows what cannot be read: %v\n", engine, err)
		return
	}
	label := fmt.Sprintf("[output:%d]", engine)
	o.h.engines.Lock()
	defer o.h.engines.Unlock()
	switch {
	case m.Kind == kindComm && m.Comm != nil:
		o.h.noteEngineComm(*m.Comm, origin{o.cluster, engine})
		o.send(&message{Kind: kindComm, Comm: m.Comm})
		return
	case m.Data == nil:
		return
	case m.Kind == kindDisplay:
		alone := show.Label(m.Data, label)
		if command.Keep(m.Data, m.Metadata, m.ID) {
			return
		}
		if alone {
			o.send(&message{Kind: kindDisplay, Data: cell.Bundle{"text/plain": label}})
		}
	case m.Kind == kindUpdate && m.Name == "": // of what the engine itself has shown
		show.Label(m.Data, label)
	case m.Kind != kindUpdate:
		return
	}
	if m.Kind == kindUpdate && command.KeepUpdate(m.Data, m.Metadata, m.ID) {
		return
	}
	o.send(&message{Kind: m.Kind, Data: m.Data, Metadata: m.Metadata, ID: m.ID})
}

// send sends a message of the run and waits for the answer.
func (o callOutput) send(m *message) {
	m.Run = o.run
	if _, err := o.h.call(context.Background(), m); err != nil {
		fmt.Fprintln(os.Stderr, "display:", err)
	}
}

// lastRuns is how many runs may still get output from engines.
const lastRuns = 100

// begin numbers a run. The process is locked.
func (p *Process) begin(out cell.Output) int {
	p.runs++
	p.outputs[p.runs] = out
	delete(p.outputs, p.runs-lastRuns)
	return p.runs
}

// outputOf is where what a message brings goes: to the run that it names, or to the one in progress.
func (p *Process) outputOf(m *message) cell.Output {
	p.mu.Lock()
	out := p.outputs[m.Run]
	p.mu.Unlock()
	if out == nil {
		out = p.output()
	}
	return out
}

// stream hands on what engines have printed for a run.
func (p *Process) stream(m *message) {
	p.streams.drain()
	p.outputOf(m).Stream(m.Name, nameCells(m.Text, p.cellName))
	p.answer(&message{Kind: kindAnswer, Call: m.Call})
}
