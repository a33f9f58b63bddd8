package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/goparallel/goparallel/kernel/cell"
)

// printing is an interpreter whose cells' text also goes to w.
type printing struct {
	cell.Interpreter
	w io.Writer
}

// Execute runs a cell.
func (p printing) Execute(ctx context.Context, req cell.Request, out cell.Output) cell.Reply {
	return p.Interpreter.Execute(ctx, req, printingOutput{out, p.w})
}

type printingOutput struct {
	cell.Output
	w io.Writer
}

func (o printingOutput) Stream(name, text string) {
	io.WriteString(o.w, text)
	o.Output.Stream(name, text)
}

func (o printingOutput) Display(data cell.Bundle, metadata map[string]any, id string) {
	o.print(data)
	o.Output.Display(data, metadata, id)
}

func (o printingOutput) Result(data cell.Bundle, metadata map[string]any) {
	o.print(data)
	o.Output.Result(data, metadata)
}

func (o printingOutput) print(data cell.Bundle) {
	if text, ok := data["text/plain"].(string); ok {
		fmt.Fprintln(o.w, strings.TrimRight(text, "\n"))
	}
}
