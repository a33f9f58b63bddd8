package widgets

import (
	"sync"

	"github.com/goparallel/goparallel/kernel/display"
)

// An Area is a place for output: text that is written to it, and values that are shown.
// Its methods may be called by several goroutines.
type Area struct {
	widget[*Area]

	mu      sync.Mutex
	outputs []map[string]any
}

// Output makes an empty area.
func Output() *Area {
	a := new(Area)
	a.model, a.self = newModel(outputModule, "Output", map[string]any{"outputs": []any{}}), a
	return a
}

// Write appends text, so that fmt.Fprintln(area, …) prints there.
func (a *Area) Write(text []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.outputs); n > 0 && a.outputs[n-1]["output_type"] == "stream" {
		last := a.outputs[n-1]
		a.outputs = append(a.outputs[:n-1:n-1], streamOf(last["text"].(string)+string(text)))
	} else {
		a.outputs = append(a.outputs, streamOf(string(text)))
	}
	return len(text), a.send()
}

func streamOf(text string) map[string]any {
	return map[string]any{"output_type": "stream", "name": "stdout", "text": text}
}

// Show appends values, as they would be shown below a cell.
func (a *Area) Show(values ...any) error { return a.put(false, values) }

// Replace shows values in place of what is there.
func (a *Area) Replace(values ...any) error { return a.put(true, values) }

// Clear empties the area.
func (a *Area) Clear() error { return a.put(true, nil) }

func (a *Area) put(alone bool, values []any) error {
	data, metadata := display.Result(values...) // outside of the lock: it calls methods of the values
	a.mu.Lock()
	defer a.mu.Unlock()
	if alone {
		a.outputs = nil
	}
	if data != nil {
		if metadata == nil {
			metadata = map[string]any{}
		}
		a.outputs = append(a.outputs, map[string]any{"output_type": "display_data", "data": data.Wire(), "metadata": metadata})
	}
	return a.send()
}

// send hands the outputs to the front end; mu is held.
func (a *Area) send() error {
	return a.model.set(map[string]any{"outputs": append([]map[string]any{}, a.outputs...)})
}
