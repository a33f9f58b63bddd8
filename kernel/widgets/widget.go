package widgets

import (
	"encoding/json"
	"fmt"
)

// A Widget is what this package shows, and what boxes hold.
type Widget interface {
	// String returns the widget's kind and value in a line.
	String() string
	inner() *model
}

// widget is what all widgets have; W is the widget's own type, which the methods that
// change something return, so that calls can be written one behind the other.
type widget[W any] struct {
	model *model
	self  W
}

func (w *widget[W]) inner() *model { return w.model }

// MIME shows the widget. It is there until it is closed.
func (w *widget[W]) MIME() map[string]any {
	if err := w.model.open(); err != nil {
		panic(err)
	}
	return map[string]any{viewType: map[string]any{"version_major": 2, "version_minor": 0, "model_id": w.model.id}}
}

// String returns the widget's kind, and its label and value, or what it holds.
func (w *widget[W]) String() string { return w.model.String() }

// Label sets the text in front of the widget, or on it.
func (w *widget[W]) Label(text string) W { return w.With("description", text) }

// Disable says whether the widget can be used.
func (w *widget[W]) Disable(yes bool) W { return w.With("disabled", yes) }

// Width sets how wide the widget is, in units of CSS: "20em", "50%".
func (w *widget[W]) Width(css string) W {
	return w.With("layout", newModel(baseModule, "Layout", map[string]any{"width": css}))
}

// With sets any property that ipywidgets' reference has for the widget, such as
// "orientation" of a slider or "button_style" of a button; the front end takes no notice of
// others. It panics with a value that cannot become JSON.
func (w *widget[W]) With(property string, value any) W {
	if _, ok := value.(*model); !ok {
		raw, err := json.Marshal(value)
		if err != nil {
			panic(fmt.Errorf("widgets: the property %s: %w", property, err))
		}
		value = json.RawMessage(raw)
	}
	if err := w.model.set(map[string]any{property: value}); err != nil {
		panic(err)
	}
	return w.self
}

// Close removes the widget from the screen, wherever it is shown.
func (w *widget[W]) Close() { w.model.close() }
