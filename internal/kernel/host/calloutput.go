package host

import (
	"context"
	"io"
	"os"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/command"
)

// What engines print for a call belongs to the cell that made the call, also after that cell has ended. It travels
// as messages with the number of the cell's run, and not through the pipes, which are the running cell's.

// callWriter is one of the outputs of a run.
type callWriter struct {
	h    *host
	name string
	file **os.File
	run  int
}

// Write sends lines to the kernel process, and waits until they are shown. What %%capture keeps is what is
// printed here.
func (w callWriter) Write(text []byte) (int, error) {
	if command.Capturing() {
		return (*w.file).Write(text)
	}
	_, err := w.h.call(context.Background(), &message{Kind: kindStream, Name: w.name, Text: string(text), Run: w.run})
	return len(text), err
}

// callOutput returns the outputs of the run in progress, or of the last one.
func (h *host) callOutput() (stdout, stderr io.Writer) {
	h.mu.Lock()
	run := h.run
	h.mu.Unlock()
	return callWriter{h, "stdout", &os.Stdout, run}, callWriter{h, "stderr", &os.Stderr, run}
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

// stream hands on what engines have printed for a run.
func (p *Process) stream(m *message) {
	p.streams.drain()
	p.mu.Lock()
	out := p.outputs[m.Run]
	p.mu.Unlock()
	if out == nil {
		out = p.output()
	}
	out.Stream(m.Name, nameCells(m.Text, p.cellName))
	p.answer(&message{Kind: kindAnswer, Call: m.Call})
}
