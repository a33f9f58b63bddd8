package magic

import (
	"context"
	"fmt"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// Stale is a cell whose last result used what has changed since.
type Stale struct {
	// Count is its execution count, and Code its text.
	Count int
	Code  string
	// Why says what has changed, such as "x was changed by cell[7]".
	Why string
}

func init() {
	register(&definition{
		name: "stale", usage: "%stale",
		doc: "List the cells whose last result used what has changed since, and why: a cell above them was run again with another text, or changed a variable.\n" +
			"    %rerun stale runs them again, in the order of the notebook.",
		act: func(_ context.Context, k Kernel, _ string, out cell.Output) error {
			list := k.Stale()
			if len(list) == 0 {
				out.Stream("stdout", "No cell is stale.\n")
				return nil
			}
			var b strings.Builder
			for _, s := range list {
				fmt.Fprintf(&b, "cell[%d]: %s\n    %s\n", s.Count, cell.Gist(s.Code), s.Why)
			}
			out.Stream("stdout", b.String()+"%rerun stale runs them again.\n")
			return nil
		},
	})
}

// rerunStale runs the cells again that are stale.
func rerunStale(ctx context.Context, k Kernel, out cell.Output) error {
	var ranges []Range
	for _, s := range k.Stale() {
		ranges = append(ranges, Range{s.Count, s.Count})
	}
	if ranges == nil {
		out.Stream("stdout", "No cell is stale.\n")
		return nil
	}
	return k.Rerun(ctx, ranges, out)
}
