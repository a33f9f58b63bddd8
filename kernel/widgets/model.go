package widgets

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/kernel/comms"
)

// The names of the widget protocol, version 2.1, and of the modules in the front end; see
// https://github.com/jupyter-widgets/ipywidgets/tree/main/packages/schema.
const (
	target          = "jupyter.widget"
	protocolVersion = "2.1.0"
	viewType        = "application/vnd.jupyter.widget-view+json"

	baseModule     = "@jupyter-widgets/base"
	controlsModule = "@jupyter-widgets/controls"
	outputModule   = "@jupyter-widgets/output"
)

var moduleVersions = map[string]string{baseModule: "2.0.0", controlsModule: "2.0.0", outputModule: "1.0.0"}

// model is the session's side of an object in the front end.
type model struct {
	id string
	// changed is called with what the front end has changed, and custom with what it
	// sends besides. They are set before the model is opened.
	changed func(map[string]json.RawMessage)
	custom  func(json.RawMessage)

	mu    sync.Mutex
	state map[string]any // values that become JSON, *model and []*model
	comm  *comms.Comm    // nil until it is shown; later changes are sent
}

// newModel makes a model that the front end knows by the name, such as "IntSlider", and the
// state that it begins with. What is not in there has the front end's own defaults.
func newModel(module, name string, state map[string]any) *model {
	version := moduleVersions[module]
	m := &model{id: rand.Text(), state: map[string]any{
		"_model_module": module, "_model_module_version": version, "_model_name": name + "Model",
		"_view_module": module, "_view_module_version": version, "_view_name": name + "View",
	}}
	maps.Copy(m.state, state)
	return m
}

// open makes the object in the front end, after those that it refers to.
func (m *model) open() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.comm != nil {
		return nil
	}
	state, err := wire(m.state)
	if err != nil {
		return err
	}
	c, err := comms.OpenWith(m.id, target, update(state, nil), map[string]string{"version": protocolVersion})
	if err != nil {
		return err
	}
	c.OnMessage(m.receive)
	c.OnClose(m.forget)
	m.comm = c
	return nil
}

// close removes the object from the front end.
func (m *model) close() {
	m.mu.Lock()
	c := m.comm
	m.mu.Unlock()
	if c != nil {
		c.Close()
	}
	m.forget()
}

// forget keeps the object's state for another time that it is shown.
func (m *model) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.comm = nil
}

// set changes the state, here and in the front end.
func (m *model) set(changes map[string]any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.Copy(m.state, changes)
	if m.comm == nil {
		return nil
	}
	state, err := wire(changes)
	if err != nil {
		return err
	}
	if err := m.comm.Send(update(state, map[string]any{"method": "update"})); err != nil && !errors.Is(err, comms.ErrClosed) {
		return err
	}
	return nil // where the page has closed it meanwhile, it is opened again with this state when it is shown
}

// receive handles a message of the front end's.
func (m *model) receive(message comms.Message) {
	var content struct {
		Method  string                     `json:"method"`
		State   map[string]json.RawMessage `json:"state"`
		Content json.RawMessage            `json:"content"`
	}
	if err := json.Unmarshal(message.Data, &content); err != nil {
		panic(fmt.Errorf("the front end sent what is no message of a widget: %w", err))
	}
	switch content.Method {
	case "update":
		m.mu.Lock()
		for name, value := range content.State {
			m.state[name] = value
		}
		m.mu.Unlock()
		if m.changed != nil {
			m.changed(content.State)
		}
	case "custom":
		if m.custom != nil {
			m.custom(content.Content)
		}
	case "request_state":
		if err := m.set(m.current()); err != nil {
			panic(err)
		}
	}
}

// String returns the model's name and what tells most of its state.
func (m *model) String() string {
	state := m.current()
	var parts []string
	for _, name := range []string{"description", "value", "index"} {
		if raw, err := json.Marshal(state[name]); err == nil && state[name] != nil {
			parts = append(parts, fmt.Sprintf("%s=%s", name, raw))
		}
	}
	children, _ := state["children"].([]*model)
	for _, c := range children {
		parts = append(parts, c.String())
	}
	return fmt.Sprintf("%s(%s)", strings.TrimSuffix(state["_model_name"].(string), "Model"), strings.Join(parts, ", "))
}

// current returns a copy of the state.
func (m *model) current() map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.state)
}

// update is the content of a message that has a state.
func update(state, more map[string]any) map[string]any {
	content := map[string]any{"state": state, "buffer_paths": []any{}}
	maps.Copy(content, more)
	return content
}

// wire returns a state as the front end gets it, where models are referred to by their
// ids, and opens them.
func wire(state map[string]any) (map[string]any, error) {
	sent := make(map[string]any, len(state))
	for name, value := range state {
		switch v := value.(type) {
		case *model:
			if err := v.open(); err != nil {
				return nil, err
			}
			value = "IPY_MODEL_" + v.id
		case []*model:
			ids := make([]string, len(v))
			for i, m := range v {
				if err := m.open(); err != nil {
					return nil, err
				}
				ids[i] = "IPY_MODEL_" + m.id
			}
			value = ids
		}
		sent[name] = value
	}
	return sent, nil
}
