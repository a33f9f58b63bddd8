package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// printing is an interpreter whose cells' text also goes to w.
type printing struct {
	cell.Interpreter
	w io.Writer
}

// Execute runs a cell.
func (p printing) Execute(ctx context.Context, req cell.Request, out cell.Output) cell.Reply {
	o := &printingOutput{Output: out, w: p.w, updated: map[string]cell.Bundle{}}
	reply := p.Interpreter.Execute(ctx, req, o)
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(o.updated)) {
		o.print(o.updated[id])
	}
	return reply
}

// printingOutput prints what is shown. Of a display that is updated, such as
// progress, it prints what was shown first and, at the end of the cell, what it has become.
type printingOutput struct {
	cell.Output
	w io.Writer

	mu      sync.Mutex
	updated map[string]cell.Bundle // by id
}

func (o *printingOutput) Stream(name, text string) {
	io.WriteString(o.w, text)
	o.Output.Stream(name, text)
}

func (o *printingOutput) Display(data cell.Bundle, metadata map[string]any, id string) {
	o.print(data)
	o.Output.Display(data, metadata, id)
}

func (o *printingOutput) Update(data cell.Bundle, metadata map[string]any, id string) {
	o.mu.Lock()
	o.updated[id] = data
	o.mu.Unlock()
	o.Output.Update(data, metadata, id)
}

func (o *printingOutput) Result(data cell.Bundle, metadata map[string]any) {
	o.print(data)
	o.Output.Result(data, metadata)
}

func (o *printingOutput) print(data cell.Bundle) {
	if text, ok := data["text/plain"].(string); ok {
		fmt.Fprintln(o.w, strings.TrimRight(text, "\n"))
	}
}
