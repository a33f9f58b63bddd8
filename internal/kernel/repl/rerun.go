package repl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/magic"
)

// Rerun runs cells again and shows below the running cell what they show. It
// ends at the first one that fails, with that one's error, but goes on where it had
// failed before: it has done again what it had done then. Of a cell that was
// interrupted only the declarations are made again.
func (k kernelFor) Rerun(ctx context.Context, ranges []magic.Range, out cell.Output) error {
	k.past.once = true
	if k.again {
		return nil
	}
	cells, err := k.r.past.choose(ranges)
	if err != nil {
		return err
	}
	for _, c := range cells {
		out.Stream("stdout", fmt.Sprintf("cell[%d]: %s\n", c.count, cell.Gist(c.code)))
		req := cell.Request{Code: c.code, Count: c.count, StoreHistory: true, AllowStdin: k.r.executing.allowStdin}
		now := &pastCell{count: c.count, id: c.id, code: c.code, uses: c.uses, interrupted: c.interrupted && !named(ranges, c.count)}
		if now.interrupted {
			out.Stream("stdout", "(it was interrupted: its declarations only)\n")
		}
		err := k.r.run(ctx, req, rerunOutput{out}, now, true)
		now.failed = err != nil || now.interrupted
		if err != nil && (!c.failed || !now.ran || ctx.Err() != nil || named(ranges, c.count)) {
			err.Traceback = append(err.Traceback, "", fmt.Sprintf("%%rerun stopped at cell[%d].", c.count))
			return err
		} else if err != nil {
			out.Stream("stdout", fmt.Sprintf("(it failed, as it did before: %s: %s)\n", err.Name, err.Value))
		}
		k.r.past.add(now)
	}
	return nil
}

// named reports whether a cell is named by its own number.
func named(ranges []magic.Range, count int) bool {
	return slices.Contains(ranges, magic.Range{First: count, Last: count})
}

// Restart ends the host process; the next cell starts another.
func (k kernelFor) Restart(context.Context) error {
	k.past.once = true
	if k.again {
		return nil
	}
	k.r.mu.Lock()
	p := k.r.process
	k.r.mu.Unlock()
	if p == nil {
		k.r.session.Reset()
		k.r.flows = flows{}
		return nil
	}
	k.r.forget(p)
	return nil
}

// rerunOutput shows values as displays: a cell has one value, its own.
type rerunOutput struct{ cell.Output }

// Result shows the value of a cell that is run again.
func (o rerunOutput) Result(data cell.Bundle, metadata map[string]any) {
	o.Display(data, metadata, "")
}

// runningOutput is the output of a cell that runs.
type runningOutput struct {
	cell.Output
	r    *Interpreter
	past *pastCell
}

// Result shows the cell's value. Where that is an error, the cells that it names are links.
func (o runningOutput) Result(data cell.Bundle, metadata map[string]any) {
	if markup, ok := data["text/html"].(string); ok && metadata[cell.ErrorValue] != nil {
		data["text/html"] = o.r.linked(markup, o.past)
	}
	o.Output.Result(data, metadata)
}

// Input asks the user for a line, and notes that the cell does.
func (o runningOutput) Input(ctx context.Context, prompt string, password bool) (string, error) {
	o.past.asked = true
	return o.Output.Input(ctx, prompt, password)
}

// mayRestart asks the user whether a new session may begin for a cell that does not
// compile in this one.
func (r *Interpreter) mayRestart(ctx context.Context, why string, out cell.Output) bool {
	again := ""
	if cells := r.past.alive(); len(cells) > 0 {
		again = fmt.Sprintf(" cells %s and", numbers(cells))
	}
	answer, err := out.Input(ctx, fmt.Sprintf("%s\nRestart now, and run%s this one again? [Y/n] ", why, again), false)
	return err == nil && slices.Contains([]string{"", "y", "yes"}, strings.ToLower(strings.TrimSpace(answer)))
}

// beginAnew restarts the session, runs the cells again that made its values, and then
// the one that asked for it.
func (r *Interpreter) beginAnew(ctx context.Context, req cell.Request, out cell.Output, past *pastCell) *cell.Error {
	k := kernelFor{r, new(pastCell), false, req.Count}
	cells := r.past.alive()
	err := k.Restart(ctx)
	if err == nil && len(cells) > 0 {
		err = k.Rerun(ctx, nil, out)
	}
	if err != nil {
		return r.failure(ctx, "MagicError", err)
	}
	return r.run(ctx, req, out, past, false)
}
