package repl

import (
	"context"
	"fmt"

	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/kernel/magic"
)

// Rerun runs cells again and shows below the running cell what they show. It
// ends at the first one that fails, with that one's error.
func (k kernelFor) Rerun(ctx context.Context, ranges []magic.Range, out cell.Output) error {
	k.onlyOnce()
	cells, err := k.r.past.choose(ranges)
	if err != nil {
		return err
	}
	for _, c := range cells {
		out.Stream("stdout", fmt.Sprintf("cell[%d]: %s\n", c.count, cell.Gist(c.code)))
		req := cell.Request{Code: c.code, Count: c.count, AllowStdin: k.r.executing.allowStdin}
		if err := k.r.run(ctx, req, rerunOutput{out}); err != nil {
			err.Traceback = append(err.Traceback, "", fmt.Sprintf("%%rerun stopped at cell[%d].", c.count))
			return err
		}
		k.r.past.add(&pastCell{count: c.count, code: c.code})
	}
	return nil
}

// Restart ends the host process; the next cell starts another.
func (k kernelFor) Restart(context.Context) error {
	k.onlyOnce()
	k.r.mu.Lock()
	p := k.r.process
	k.r.mu.Unlock()
	if p == nil {
		k.r.session.Reset()
		return nil
	}
	k.r.forget(p)
	return nil
}

// onlyOnce keeps the running cell out of what %rerun runs again.
func (k kernelFor) onlyOnce() {
	k.r.mu.Lock()
	defer k.r.mu.Unlock()
	if k.r.executing != nil {
		k.r.executing.once = true
	}
}

// rerunOutput shows values as displays: a cell has one value, its own.
type rerunOutput struct{ cell.Output }

// Result shows the value of a cell that is run again.
func (o rerunOutput) Result(data cell.Bundle, metadata map[string]any) {
	o.Display(data, metadata, "")
}
