package notebook

import (
	"encoding/json"
	"maps"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// widgetStates is where a notebook has the states of its widgets, so that they are drawn where
// no kernel runs.
const widgetStates = "application/vnd.jupyter.widget-state+json"

// Comm implements [cell.Output]. Of comms, those of widgets leave something to keep.
func (o *outputs) Comm(m cell.Comm) {
	var content struct{ State object }
	if m.Kind == cell.CommClose || json.Unmarshal(m.Data, &content) != nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if m.Kind == cell.CommOpen && m.Target == "jupyter.widget" {
		if o.widgets == nil {
			o.widgets = make(map[string]object)
		}
		s := content.State
		o.widgets[m.ID] = object{"model_name": s["_model_name"], "model_module": s["_model_module"], "model_module_version": s["_model_module_version"], "state": s}
	} else if w := o.widgets[m.ID]; w != nil {
		maps.Copy(w["state"].(object), content.State)
	}
}

// keepWidgets puts the states of widgets into the notebook, in place of those of an
// earlier run.
func (d *document) keepWidgets(states map[string]object) {
	metadata := part(d.root, "metadata")
	if len(states) == 0 {
		delete(metadata, "widgets")
		return
	}
	part(metadata, "widgets")[widgetStates] = object{"version_major": 2, "version_minor": 0, "state": states}
}
