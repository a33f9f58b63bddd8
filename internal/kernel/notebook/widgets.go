package notebook

import (
	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/widgetstate"
)

// widgetStates is where a notebook has the states of its widgets, so that they are drawn where
// no kernel runs.
const widgetStates = "application/vnd.jupyter.widget-state+json"

// Comm implements [cell.Output]. Of comms, those of widgets leave something to keep.
func (o *outputs) Comm(m cell.Comm) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.widgets.Note(m)
}

// keepWidgets puts the states of widgets into the notebook, in place of those of an
// earlier run.
func (d *document) keepWidgets(states widgetstate.States) {
	metadata := part(d.root, "metadata")
	if len(states) == 0 {
		delete(metadata, "widgets")
		return
	}
	part(metadata, "widgets")[widgetStates] = object{"version_major": 2, "version_minor": 0, "state": states.Models()}
}
