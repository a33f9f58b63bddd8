package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// output publishes what one cell shows. It implements [cell.Output]. Its mutex
// keeps messages in the order of the calls and is held while a slow front end
// makes the cell wait.
type output struct {
	k      *Kernel
	parent func() json.RawMessage
	count  int // Out[count]; 0 between cells, where nothing has a number
	silent bool
	ask    func(ctx context.Context, prompt string, password bool) (string, error) // nil: nobody to ask

	mu     sync.Mutex
	text   streamText
	result *string // text/plain of the result; guarded by mu
}

func newOutput(k *Kernel, parent func() json.RawMessage, count int) *output {
	return &output{k: k, parent: parent, count: count}
}

func (r *request) parent() json.RawMessage { return r.RawHeader }

// Stream gathers text and publishes it soon.
func (o *output) Stream(name, text string) {
	if o.silent || text == "" {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.text.holds() && o.text.name != name {
		o.sendText(true)
	}
	o.text.add(name, text)
	if o.text.full() {
		o.sendText(false)
	}
	if o.text.holds() {
		o.text.arm(o.flushLater)
	}
}

// sendText publishes the text gathered; mu is held. Unless at an end, bytes
// that only begin a character stay until the rest comes.
func (o *output) sendText(end bool) {
	name, text := o.text.take(end)
	if text != "" {
		o.k.p.Channels.IOPub.WaitRoom()
		o.k.publish("stream", jupyter.Stream{Name: name, Text: text}, o.parent())
	}
}

func (o *output) flushLater() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sendText(false)
}

// flush publishes all text that waits.
func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sendText(true)
}

// emit publishes a message after the text that came before it.
func (o *output) emit(kind string, content any) {
	if o.silent {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sendText(true)
	o.k.p.Channels.IOPub.WaitRoom()
	o.k.publish(kind, content, o.parent())
}

// Display publishes display_data.
func (o *output) Display(data cell.Bundle, metadata map[string]any, id string) {
	o.emit("display_data", displayData(data, metadata, id))
}

// Update publishes update_display_data.
func (o *output) Update(data cell.Bundle, metadata map[string]any, id string) {
	o.emit("update_display_data", displayData(data, metadata, id))
}

func displayData(data cell.Bundle, metadata map[string]any, id string) jupyter.DisplayData {
	return jupyter.DisplayData{Data: data.Wire(), Metadata: orEmpty(metadata), Transient: jupyter.Transient{DisplayID: id}}
}

// Result publishes execute_result, which only a cell can have.
func (o *output) Result(data cell.Bundle, metadata map[string]any) {
	if o.count == 0 {
		o.Display(data, metadata, "")
		return
	}
	wire := data.Wire()
	if text, ok := wire["text/plain"].(string); ok {
		o.mu.Lock()
		o.result = &text
		o.mu.Unlock()
	}
	o.emit("execute_result", jupyter.ExecuteResult{ExecutionCount: o.count, Data: wire, Metadata: orEmpty(metadata)})
}

// Clear publishes clear_output.
func (o *output) Clear(wait bool) { o.emit("clear_output", jupyter.ClearOutput{Wait: wait}) }

// Comm publishes a message of a comm. The front end has to hear of it in any case.
func (o *output) Comm(m cell.Comm) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sendText(true)
	o.k.p.Channels.IOPub.WaitRoom()
	parent := o.k.eventHeader()
	if parent == nil {
		parent = o.parent()
	}
	o.k.publishComm(m, parent)
}

var errNoStdin = errors.New("this front end cannot be asked for input: it did not allow stdin")

// Input asks the front end that runs the cell.
func (o *output) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if o.ask == nil {
		return "", errNoStdin
	}
	o.flush()
	return o.ask(ctx, prompt, password)
}

func (o *output) resultText() *string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.result
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
