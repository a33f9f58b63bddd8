package widgets

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
)

// A Control is a widget with a value, which the user, or the program, changes. Its
// methods may be called by several goroutines.
type Control[T any] struct {
	widget[*Control[T]]
	property string                                 // of the model, which has the value
	read     func(json.RawMessage) (T, error)       // of what the front end has
	write    func(T) (value T, sent any, err error) // the value that it becomes, and what the front end gets

	mu       sync.Mutex
	value    T
	handlers []func(T)
}

// control makes a control whose value is a property of the model, as it is.
func control[T any](name string, value T, state map[string]any) *Control[T] {
	read := func(raw json.RawMessage) (v T, err error) { return v, json.Unmarshal(raw, &v) }
	write := func(v T) (T, any, error) { return v, v, nil }
	return controlOf(name, "value", value, state, read, write)
}

func controlOf[T any](name, property string, value T, state map[string]any,
	read func(json.RawMessage) (T, error), write func(T) (T, any, error)) *Control[T] {
	c := &Control[T]{property: property, read: read, write: write, value: value}
	c.model, c.self = newModel(controlsModule, name, state), c
	if _, sent, err := write(value); err == nil {
		c.model.state[property] = sent
	}
	c.model.changed = c.received
	return c
}

// Value returns the value.
func (c *Control[T]) Value() T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value
}

// Set sets the value, on the screen too, and calls the functions of OnChange if that
// changes it. A slider goes no further than its ends; a value that a list does not have is
// an error.
func (c *Control[T]) Set(v T) error {
	v, sent, err := c.write(v)
	if err != nil {
		return err
	}
	if err := c.model.set(map[string]any{c.property: sent}); err != nil {
		return err
	}
	c.keep(v)
	return nil
}

// OnChange has f called with each new value, after those functions that were given before.
func (c *Control[T]) OnChange(f func(T)) *Control[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handlers = append(c.handlers, f)
	return c
}

// received takes what the user has changed.
func (c *Control[T]) received(state map[string]json.RawMessage) {
	raw, ok := state[c.property]
	if !ok {
		return
	}
	v, err := c.read(raw)
	if err != nil {
		panic(fmt.Errorf("the front end set %s to %s: %w", c, raw, err))
	}
	c.keep(v)
}

// keep keeps a value, and tells of it if it is new.
func (c *Control[T]) keep(v T) {
	c.mu.Lock()
	changed := !reflect.DeepEqual(v, c.value)
	c.value = v
	handlers := c.handlers
	c.mu.Unlock()
	if !changed {
		return
	}
	for _, f := range handlers {
		f(v)
	}
}

// get and watch are for Interact, which knows no T.
func (c *Control[T]) get() any       { return c.Value() }
func (c *Control[T]) watch(f func()) { c.OnChange(func(T) { f() }) }
