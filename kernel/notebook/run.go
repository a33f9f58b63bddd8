// Package notebook runs Jupyter notebooks without Jupyter: it hands their code
// cells to an interpreter in order and writes what they show into the file.
package notebook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/parallel"
)

// A CellError is returned by [Run] for a cell that failed.
type CellError struct {
	// Path is the notebook.
	Path string
	// Position is the cell's place among all cells of the notebook, from 1.
	Position int
	// Count is the number that Jupyter shows beside it, In [Count].
	Count int
	// Err is how it failed.
	Err *cell.Error
}

// Options say how a notebook is run.
type Options struct {
	// Progress receives a line about each cell.
	Progress io.Writer
	// AllowErrorValues lets the run go on after a cell whose value is an error.
	AllowErrorValues bool
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Error returns the cell's number and its traceback without colours.
func (e *CellError) Error() string {
	text := e.Err.Text()
	if text == "" {
		text = e.Err.Error()
	}
	return fmt.Sprintf("%s: cell [%d] failed (cell %d of the notebook):\n%s", e.Path, e.Count, e.Position, colours.ReplaceAllString(text, ""))
}

// Unwrap returns Err.
func (e *CellError) Unwrap() error { return e.Err }

// Run executes the code cells of the notebook in, which is of format 4, in
// order, and writes it with their outputs to out, which may be the same file.
// What a notebook holds besides is kept.
//
// It stops at the first cell that fails, or has an error as its value, unless that
// one is tagged raises-exception, and returns a [*CellError]; and it stops when ctx ends. The
// outputs so far are written in either case, and the cells that did not run
// have none. Run does not close the interpreter.
func Run(ctx context.Context, interp cell.Interpreter, in, out string, options Options) error {
	d, err := read(in)
	if err != nil {
		return err
	}
	d.describe()
	var code []int
	for i, c := range d.cells {
		if c["cell_type"] == "code" {
			c["execution_count"], c["outputs"] = nil, []any{}
			if strings.TrimSpace(source(c)) != "" {
				code = append(code, i)
			}
		}
	}
	o := &outputs{shown: map[string][]object{}}
	var failure error
	for n, i := range code {
		if failure = runCell(ctx, interp, o, d.cells[i], n+1, len(code), options); failure != nil {
			if failed, ok := failure.(*CellError); ok {
				failed.Path, failed.Position = in, i+1
			}
			break
		}
	}
	o.mu.Lock() // what goroutines of cells still print comes too late
	defer o.mu.Unlock()
	if err := d.write(out); err != nil {
		return fmt.Errorf("the outputs could not be written: %w", err)
	}
	return failure
}

// runCell executes one cell; count is its number among the total of those that
// run.
func runCell(ctx context.Context, interp cell.Interpreter, o *outputs, c object, count, total int, options Options) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stopped before cell [%d]: %w", count, err)
	}
	o.begin(c)
	if count == 1 {
		interp.Background(o)
	}
	c["execution_count"] = json.Number(fmt.Sprint(count))
	code := source(c)
	start := time.Now()
	reply := interp.Execute(ctx, cell.Request{Code: code, Count: count, StoreHistory: true}, o)
	for _, p := range reply.Payloads { // what ?name asks for is shown below the cell, as JupyterLab does
		if data, ok := p["data"].(cell.Bundle); ok && p["source"] == "page" {
			o.Display(data, nil, "")
		}
	}
	failed, outcome := reply.Err, ""
	if failed != nil {
		o.fail(failed)
	} else if value := o.errorValue(); value != "" && !options.AllowErrorValues {
		failed = &cell.Error{Name: "ErrorValue", Value: value, Traceback: []string{
			"its value is an error: " + value,
			"Nobody looks at it in a run like this one. To go on all the same, tag the cell raises-exception, or run with --allow-error-values.",
		}}
	}
	if failed != nil {
		outcome = "  " + failed.Name
	}
	fmt.Fprintf(options.Progress, "[%*d/%d] %7s%s  %s\n", len(fmt.Sprint(total)), count, total,
		parallel.FormatTime(time.Since(start).Seconds(), 3), outcome, cell.Gist(code))
	switch {
	case failed == nil || hasTag(c, "raises-exception") && ctx.Err() == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("stopped in cell [%d]: %w", count, ctx.Err())
	default:
		return &CellError{Count: count, Err: failed}
	}
}

// describe fills in which kernel and language the notebook is for.
func (d *document) describe() {
	metadata := part(d.root, "metadata")
	if _, ok := metadata["kernelspec"]; !ok {
		metadata["kernelspec"] = object{"display_name": "Go (goparallel)", "language": "go", "name": "goparallel"}
	}
	language := part(metadata, "language_info")
	language["name"] = "go"
	language["version"] = strings.TrimPrefix(runtime.Version(), "go")
	language["mimetype"] = "text/x-go"
	language["file_extension"] = ".go"
	language["pygments_lexer"] = "go"
	language["codemirror_mode"] = "go"
}
