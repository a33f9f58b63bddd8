package notebook

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/widgetstate"
)

// outputs collects what the cells of a notebook show, and puts it into them as
// Jupyter would. It implements [cell.Output].
type outputs struct {
	mu     sync.Mutex
	cell   object              // the cell that runs or ran last, into which output goes
	clear  bool                // its outputs are removed when the next one arrives
	shown  map[string][]object // outputs by display id, in all cells
	failed string              // the error that the cell has as its value
	// widgets are the states of widgets, by model id.
	widgets widgetstate.States
}

// begin directs what follows into another cell, which becomes empty.
func (o *outputs) begin(c object) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cell, o.clear, o.failed = c, false, ""
	c["outputs"] = []any{}
}

// close has what still comes thrown away, and returns the states of widgets.
func (o *outputs) close() (widgets widgetstate.States) {
	o.begin(object{})
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shown = map[string][]object{}
	widgets, o.widgets = o.widgets, nil
	return widgets
}

// append adds an output to the cell. The caller holds mu.
func (o *outputs) append(output object) {
	if o.clear {
		o.cell["outputs"], o.clear = []any{}, false
	}
	o.cell["outputs"] = append(o.cell["outputs"].([]any), output)
}

// Stream implements [cell.Output]. Text of the same stream in a row makes one
// output.
func (o *outputs) Stream(name, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if list := o.cell["outputs"].([]any); len(list) > 0 && !o.clear {
		if last := list[len(list)-1].(object); last["output_type"] == "stream" && last["name"] == name {
			before, _ := joined(last["text"])
			last["text"] = lines(overwritten(before + text))
			return
		}
	}
	o.append(object{"output_type": "stream", "name": name, "text": lines(overwritten(text))})
}

// Display implements [cell.Output].
func (o *outputs) Display(data cell.Bundle, metadata map[string]any, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	output := object{"output_type": "display_data", "data": bundle(data), "metadata": orEmpty(metadata)}
	o.append(output)
	if id != "" {
		o.shown[id] = append(o.shown[id], output)
	}
}

// Update implements [cell.Output].
func (o *outputs) Update(data cell.Bundle, metadata map[string]any, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, output := range o.shown[id] {
		output["data"], output["metadata"] = bundle(data), orEmpty(metadata)
	}
}

// Result implements [cell.Output].
func (o *outputs) Result(data cell.Bundle, metadata map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failed, _ = metadata[cell.ErrorValue].(string)
	o.append(object{
		"output_type": "execute_result", "execution_count": o.cell["execution_count"],
		"data": bundle(data), "metadata": orEmpty(metadata),
	})
}

// errorValue returns the error that the cell has as its value, or nothing.
func (o *outputs) errorValue() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.failed
}

// Clear implements [cell.Output].
func (o *outputs) Clear(wait bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.clear = wait; !wait {
		o.cell["outputs"] = []any{}
	}
}

// Input implements [cell.Output]. Nobody is there to be asked.
func (o *outputs) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("the cell asks for input, which a notebook that runs by itself cannot give")
}

// fail adds the output of a cell that failed.
func (o *outputs) fail(err *cell.Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	traceback := make([]any, len(err.Traceback))
	for i, line := range err.Traceback {
		traceback[i] = line
	}
	o.append(object{"output_type": "error", "ename": err.Name, "evalue": err.Value, "traceback": traceback})
}

// bundle puts a bundle into the form in which a notebook holds it: texts as
// lists of lines, images as base64, JSON as it is.
func bundle(data cell.Bundle) object {
	out := make(object, len(data))
	for mime, value := range data {
		switch v := value.(type) {
		case []byte:
			if isText(mime) {
				out[mime] = lines(string(v))
			} else if strings.HasSuffix(mime, "/json") || strings.HasSuffix(mime, "+json") {
				out[mime] = json.RawMessage(v)
			} else {
				out[mime] = base64.StdEncoding.EncodeToString(v)
			}
		case string:
			if isText(mime) {
				out[mime] = lines(v)
			} else {
				out[mime] = v
			}
		default:
			out[mime] = v
		}
	}
	return out
}

// isText reports whether nbformat splits values of this type into lines.
func isText(mime string) bool {
	return strings.HasPrefix(mime, "text/") || mime == "application/javascript" || mime == "image/svg+xml"
}

func orEmpty(metadata map[string]any) object {
	if metadata == nil {
		return object{}
	}
	return maps.Clone(metadata)
}

// overwritten does to text what a terminal would: a carriage return within a
// line starts it afresh, as progress bars do.
func overwritten(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimRight(line, "\r\n")
		b.WriteString(body[strings.LastIndexByte(body, '\r')+1:])
		b.WriteString(line[len(body):])
	}
	return b.String()
}
