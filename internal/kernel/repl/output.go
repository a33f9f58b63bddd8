package repl

import (
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// valueOutput keeps the value of an expression and discards all else.
type valueOutput struct {
	cell.Discard
	mu       sync.Mutex
	data     cell.Bundle
	metadata map[string]any
}

// Result keeps the value.
func (v *valueOutput) Result(data cell.Bundle, metadata map[string]any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.data, v.metadata = data, metadata
}
