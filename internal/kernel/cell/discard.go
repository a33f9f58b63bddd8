package cell

import (
	"context"
	"errors"
)

// Discard is an Output that throws everything away and has nobody to ask.
type Discard struct{}

// Stream does nothing.
func (Discard) Stream(name, text string) {}

// Display does nothing.
func (Discard) Display(data Bundle, metadata map[string]any, id string) {}

// Update does nothing.
func (Discard) Update(data Bundle, metadata map[string]any, id string) {}

// Result does nothing.
func (Discard) Result(data Bundle, metadata map[string]any) {}

// Clear does nothing.
func (Discard) Clear(wait bool) {}

// Comm does nothing.
func (Discard) Comm(Comm) {}

// Input fails at once.
func (Discard) Input(ctx context.Context, prompt string, password bool) (string, error) {
	return "", errors.New("there is nobody to ask for input")
}
