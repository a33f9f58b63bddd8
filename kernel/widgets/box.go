package widgets

// A Box holds widgets.
type Box struct{ widget[*Box] }

// HBox puts widgets side by side.
func HBox(children ...Widget) *Box { return box("HBox", children, nil) }

// VBox puts widgets below one another.
func VBox(children ...Widget) *Box { return box("VBox", children, nil) }

// Tabs shows one widget at a time, under a title for each; missing ones are empty.
func Tabs(titles []string, children ...Widget) *Box { return box("Tab", children, titles) }

// Accordion shows widgets that can be folded, each under its title.
func Accordion(titles []string, children ...Widget) *Box { return box("Accordion", children, titles) }

func box(name string, children []Widget, titles []string) *Box {
	state := map[string]any{}
	if titles != nil {
		state["titles"], state["selected_index"] = titles, 0
	}
	b := new(Box)
	b.model, b.self = newModel(controlsModule, name, state), b
	b.model.state["children"] = inner(children)
	return b
}

// Hold replaces what the box holds.
func (b *Box) Hold(children ...Widget) error {
	return b.model.set(map[string]any{"children": inner(children)})
}

func inner(widgets []Widget) []*model {
	models := make([]*model, len(widgets))
	for i, w := range widgets {
		models[i] = w.inner()
	}
	return models
}
