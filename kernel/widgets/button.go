package widgets

import (
	"encoding/json"
	"sync"
)

// A Clickable is a button.
type Clickable struct {
	widget[*Clickable]

	mu       sync.Mutex
	handlers []func()
}

// Button is a button with a text on it. With("button_style", "success") colours it,
// With("icon", "check") puts a sign of Font Awesome on it.
func Button(label string) *Clickable {
	b := new(Clickable)
	b.model, b.self = newModel(controlsModule, "Button", map[string]any{"description": label}), b
	b.model.custom = func(content json.RawMessage) {
		var event struct{ Event string }
		if json.Unmarshal(content, &event) == nil && event.Event == "click" {
			b.Click()
		}
	}
	return b
}

// OnClick has f called with each click, after those functions that were given before.
func (b *Clickable) OnClick(f func()) *Clickable {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handlers = append(b.handlers, f)
	return b
}

// Click does what a click does.
func (b *Clickable) Click() {
	b.mu.Lock()
	handlers := b.handlers
	b.mu.Unlock()
	for _, f := range handlers {
		f()
	}
}
