package difftest

import (
	"context"
	"slices"
)

// shrink looks for a smaller script that fails as well: without some cells, then
// without some pieces of cells. It gives up looking when the context ends.
func shrink(ctx context.Context, s *script, fails func(*script) bool) *script {
	best := s
	attempt := func(cells []entry) bool {
		if ctx.Err() != nil || len(cells) == 0 {
			return false
		}
		smaller := &script{name: s.name, cells: cells}
		if !fails(smaller) {
			return false
		}
		best = smaller
		return true
	}
	for n := len(best.cells) / 2; n > 0; n /= 2 {
		for i := len(best.cells) - n; i >= 0; i -= n {
			if i+n <= len(best.cells) {
				attempt(slices.Delete(slices.Clone(best.cells), i, i+n))
			}
		}
	}
	for i := len(best.cells) - 1; i >= 0; i-- {
		if best.cells[i].last != "" {
			cells := slices.Clone(best.cells)
			cells[i] = cells[i].clone()
			cells[i].last = ""
			attempt(cells)
		}
		for n := max(1, len(best.cells[i].items)/2); n > 0; n /= 2 {
			for k := len(best.cells[i].items) - n; k >= 0; k -= n {
				if k+n > len(best.cells[i].items) {
					continue
				}
				cells := slices.Clone(best.cells)
				cells[i] = cells[i].clone()
				cells[i].items = slices.Delete(cells[i].items, k, k+n)
				attempt(cells)
			}
		}
	}
	for i := len(best.cells) - 1; i >= 0; i-- {
		attempt(slices.Delete(slices.Clone(best.cells), i, i+1))
	}
	return best
}
