// Package widgetstate keeps the states of ipywidgets' models by listening to the comms that
// they are made of, whichever process has the widgets. So a page that is loaded again is
// answered also where the process that made a widget is busy, or has never heard of the page.
package widgetstate

import (
	"encoding/json"
	"maps"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// Target is the target of comms of models.
const Target = "jupyter.widget"

// States are the states of models by their ids.
type States map[string]map[string]json.RawMessage

// Note keeps what a message of a comm says about a model. Models whose comm is closed stay,
// as they do in a notebook that is saved, until [States.Forget].
func (s *States) Note(m cell.Comm) {
	var content struct{ State map[string]json.RawMessage }
	if m.Kind == cell.CommClose || json.Unmarshal(m.Data, &content) != nil {
		return
	}
	if m.Kind == cell.CommOpen && m.Target == Target {
		if *s == nil {
			*s = make(States)
		}
		(*s)[m.ID] = content.State
	} else if state := (*s)[m.ID]; state != nil {
		maps.Copy(state, content.State)
	}
}

// Forget forgets a model.
func (s States) Forget(id string) { delete(s, id) }

// Models returns the models as the protocol and notebooks have them.
func (s States) Models() map[string]any {
	models := make(map[string]any, len(s))
	for id, state := range s {
		models[id] = map[string]any{"model_name": state["_model_name"], "model_module": state["_model_module"],
			"model_module_version": state["_model_module_version"], "state": state}
	}
	return models
}
