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

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/format"
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
	// AllowErrorValues lets the run go on after a cell whose value is an error, and
	// AllowErrors after one that fails, too.
	AllowErrorValues, AllowErrors bool
	// CellTimeout is how long a cell may take before it is interrupted and counts as
	// failed; 0 means without limit.
	CellTimeout time.Duration
	// Parameters are set in a cell behind the one that is tagged parameters.
	Parameters []Parameter
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
// one is tagged raises-exception or options allow it, and returns a [*CellError]; and it stops when ctx ends. The
// outputs so far are written in either case, and the cells that did not run
// have none. Run does not close the interpreter.
func Run(ctx context.Context, interp cell.Interpreter, in, out string, options Options) error {
	d, err := read(in)
	if err != nil {
		return err
	}
	if len(options.Parameters) > 0 {
		if err := d.setParameters(options.Parameters); err != nil {
			return fmt.Errorf("%s: %w", in, err)
		}
	}
	d.describe()
	failure := d.run(ctx, interp, in, options)
	if err := d.write(out); err != nil {
		return fmt.Errorf("the outputs could not be written: %w", err)
	}
	return failure
}

// run executes the code cells, and says at the end how many ran. What goroutines of
// cells still print afterwards comes too late.
func (d *document) run(ctx context.Context, interp cell.Interpreter, path string, options Options) (failure error) {
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
	start, ran, failed := time.Now(), 0, 0
	for n, i := range code {
		err := runCell(ctx, interp, o, d.cells[i], n+1, len(code), options)
		if ctx.Err() == nil {
			ran++
		}
		cellError, ok := err.(*CellError)
		if ok {
			failed++
			cellError.Path, cellError.Position = path, i+1
		}
		if err != nil && !(ok && options.AllowErrors && ctx.Err() == nil) {
			failure = err
			break
		}
	}
	d.keepWidgets(o.close())
	fmt.Fprintln(options.Progress, summary(ran, failed, len(code), time.Since(start)))
	return failure
}

// summary says in a line how a run ended.
func summary(ran, failed, total int, took time.Duration) string {
	count, cells := fmt.Sprint(ran), "cells"
	if ran < total {
		count += fmt.Sprintf(" of %d", total)
	}
	if total == 1 {
		cells = "cell"
	}
	text := fmt.Sprintf("%s %s ran in %s", count, cells, format.Short(took.Seconds()))
	if failed > 0 {
		text += fmt.Sprintf(", %d failed", failed)
	}
	return text
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
	run, cancel := ctx, func() {}
	if options.CellTimeout > 0 {
		run, cancel = context.WithTimeout(ctx, options.CellTimeout)
	}
	defer cancel()
	id, _ := c["id"].(string)
	reply := interp.Execute(run, cell.Request{Code: code, ID: id, Count: count, StoreHistory: true}, o)
	for _, p := range reply.Payloads { // what ?name asks for is shown below the cell, as JupyterLab does
		if data, ok := p["data"].(cell.Bundle); ok && p["source"] == "page" {
			o.Display(data, nil, "")
		}
	}
	failed, outcome := reply.Err, ""
	if failed != nil {
		if run.Err() != nil && ctx.Err() == nil {
			failed = &cell.Error{Name: "Timeout", Value: fmt.Sprintf("the cell took longer than %v and was interrupted", options.CellTimeout), Traceback: failed.Traceback}
			failed.Traceback = append([]string{failed.Error(), ""}, failed.Traceback...)
		}
		o.fail(failed)
	} else if value := o.errorValue(); value != "" && !options.AllowErrorValues && !options.AllowErrors {
		failed = &cell.Error{Name: "ErrorValue", Value: value, Traceback: []string{
			"its value is an error: " + value,
			"Nobody looks at it in a run like this one. To go on all the same, tag the cell raises-exception, or run with --allow-error-values.",
		}}
	}
	if failed != nil {
		outcome = "  " + failed.Name
	}
	fmt.Fprintf(options.Progress, "[%*d/%d] %7s%s  %s\n", len(fmt.Sprint(total)), count, total,
		format.Short(time.Since(start).Seconds()), outcome, cell.Gist(code))
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
