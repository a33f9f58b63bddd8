package repl

import (
	"context"
	"errors"
	"sync"

	"github.com/goparallel/goparallel/kernel/cell"
)

// valueOutput keeps the value of an expression and discards all else.
type valueOutput struct {
	mu       sync.Mutex
	data     cell.Bundle
	metadata map[string]any
}

func (v *valueOutput) Result(data cell.Bundle, metadata map[string]any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.data, v.metadata = data, metadata
}

func (*valueOutput) Stream(string, string)                       {}
func (*valueOutput) Display(cell.Bundle, map[string]any, string) {}
func (*valueOutput) Update(cell.Bundle, map[string]any, string)  {}
func (*valueOutput) Clear(bool)                                  {}
func (*valueOutput) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("an expression cannot ask for input")
}
