package magic

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// Range is the cells from one execution count to another, both included.
type Range struct{ First, Last int }

func init() {
	register(&definition{
		name: "rerun", usage: "%rerun [1-5] [1,4-6] [stale]", reads: true,
		doc: "Run cells again, by their execution counts and as they were typed then; without numbers, all that ran since the session began,\n" +
			"    and with stale, those that %stale lists. It stops at the first error, but not where a cell had failed before. A range leaves\n" +
			"    out cells that made no values.",
		act: func(ctx context.Context, k Kernel, arg string, out cell.Output) error {
			if strings.TrimSpace(arg) == "stale" {
				return rerunStale(ctx, k, out)
			}
			ranges, err := parseRanges(arg)
			if err != nil {
				return err
			}
			return k.Rerun(ctx, ranges, out)
		},
	})
}

// parseRanges reads numbers such as "1,4-6"; a space separates like a comma.
func parseRanges(arg string) ([]Range, error) {
	var ranges []Range
	for _, field := range strings.FieldsFunc(arg, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		from, to, isRange := strings.Cut(field, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || first < 1 || last < first {
			return nil, fmt.Errorf("%q names no cells: write their execution counts, as in %%rerun 3 or %%rerun 1,4-6", field)
		}
		ranges = append(ranges, Range{first, last})
	}
	return ranges, nil
}
