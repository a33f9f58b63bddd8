package repl

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/magic"
)

// maxPast bounds the text that a history keeps; the oldest cells go first.
const maxPast = 32 << 20

// history is the cells that have run, as they were typed. It outlives the host
// process: it is what brings lost values back.
type history struct {
	cells []*pastCell // by count
	size  int         // of their text
	life  int         // how many times values were lost
}

// pastCell is a cell that has run.
type pastCell struct {
	count       int
	id          string // the front end's for the cell; may be empty
	code        string
	failed      bool
	interrupted bool             // by the user
	ran         bool             // it compiled, so what it declares counts, and its process lives on
	declares    []string         // the names
	uses        map[string]int   // the cells whose values it uses, by the names _ and _12
	acts        bool             // it may have changed something, though it failed
	asked       bool             // it asked the user for input
	capture     *capture         // what it prints goes to a file, while it runs
	payloads    []map[string]any // what the front end is to do, such as to replace the cell
	restart     string           // why it did not compile, where it would in a new session
	once        bool             // it has %rerun or %restart, which are not done again
	life        int              // of the history, when the cell ran last
}

// add takes in a cell, in place of one that had the same count.
func (h *history) add(c *pastCell) {
	c.life = h.life
	h.cells = slices.DeleteFunc(h.cells, func(old *pastCell) bool {
		if old.count == c.count {
			h.size -= len(old.code)
		}
		return old.count == c.count
	})
	h.cells = append(h.cells, c)
	slices.SortFunc(h.cells, func(a, b *pastCell) int { return cmp.Compare(a.count, b.count) })
	h.size += len(c.code)
	for h.size > maxPast && len(h.cells) > 1 {
		h.size -= len(h.cells[0].code)
		h.cells = h.cells[1:]
	}
}

// cell returns the cell with an execution count, nil where it is not known.
func (h *history) cell(count int) *pastCell {
	i, ok := slices.BinarySearchFunc(h.cells, count, func(c *pastCell, count int) int { return cmp.Compare(c.count, count) })
	if !ok {
		return nil
	}
	return h.cells[i]
}

// end says that all values are lost.
func (h *history) end() { h.life++ }

// alive returns the cells whose values the host process holds.
func (h *history) alive() []*pastCell { return h.cellsOfLife(h.life) }

// cellsOfLife returns the cells that made the values of one life.
func (h *history) cellsOfLife(life int) []*pastCell {
	var cells []*pastCell
	later := make(map[string]bool) // what cells further down declare
	for _, c := range slices.Backward(h.cells) {
		if c.life != life || !c.matters(later) {
			continue
		}
		cells = append(cells, c)
		for _, name := range c.declares {
			later[name] = true
		}
	}
	slices.Reverse(cells)
	return cells
}

// matters reports whether values can depend on a cell, where cells below declare
// the later names. Of a cell that failed counts what it had done by then, unless it
// was mended and is there again.
func (c *pastCell) matters(later map[string]bool) bool {
	declares := slices.ContainsFunc(c.declares, func(name string) bool { return !later[name] })
	switch {
	case c.failed && !c.ran:
		return false
	case c.interrupted, c.once, c.asked:
		return declares
	case c.failed:
		return declares || c.acts && len(c.declares) == 0
	}
	return true
}

// lost says that the values are gone and what brings them back. It is asked
// before end is called.
func (h *history) lost() string {
	cells := h.alive()
	if len(cells) == 0 {
		return "The session's values are gone."
	}
	again := "runs the cells again"
	if len(cells) == 1 {
		again = "runs the cell again"
	}
	var asking []*pastCell
	for _, c := range cells {
		if c.asked {
			asking = append(asking, c)
		}
	}
	switch len(asking) {
	case 0:
	case 1:
		again += fmt.Sprintf(" (cell[%d] asks for input)", asking[0].count)
	default:
		again += fmt.Sprintf(" (%s ask for input)", numbers(asking))
	}
	return fmt.Sprintf("The session's values are gone; %%rerun %s %s.", numbers(cells), again)
}

// numbers writes the cells' counts as %rerun takes them: "1,4-6".
func numbers(cells []*pastCell) string {
	var parts []string
	for i := 0; i < len(cells); {
		j := i
		for j+1 < len(cells) && cells[j+1].count == cells[j].count+1 {
			j++
		}
		if j == i {
			parts = append(parts, fmt.Sprint(cells[i].count))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", cells[i].count, cells[j].count))
		}
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// choose returns the cells that %rerun names, in the order of their counts: of a
// range, those that made values. Without ranges it is all of this life, or of the
// one before where nothing has run since.
func (h *history) choose(ranges []magic.Range) ([]*pastCell, error) {
	if len(ranges) == 0 {
		cells := h.alive()
		if len(cells) == 0 && h.life > 0 {
			cells = h.cellsOfLife(h.life - 1)
		}
		if len(cells) == 0 {
			return nil, fmt.Errorf("no cell has run yet that could be run again")
		}
		return cells, nil
	}
	making := make(map[*pastCell]bool)
	for life := range h.life + 1 {
		for _, c := range h.cellsOfLife(life) {
			making[c] = true
		}
	}
	var chosen []*pastCell
	for _, c := range h.cells {
		named, alone := false, false
		for _, r := range ranges {
			if r.First <= c.count && c.count <= r.Last {
				named, alone = true, alone || r.First == r.Last
			}
		}
		if named && c.once && alone && !making[c] {
			return nil, fmt.Errorf("cell[%d] has %%rerun or %%restart in it and is not run again", c.count)
		}
		if named && (alone || making[c]) {
			chosen = append(chosen, c)
		}
	}
	for _, r := range ranges {
		inside := func(c *pastCell) bool { return r.First <= c.count && c.count <= r.Last }
		switch {
		case slices.ContainsFunc(chosen, inside):
		case r.First == r.Last:
			return nil, fmt.Errorf("cell[%d] has not run in this notebook, or too long ago", r.First)
		default:
			return nil, fmt.Errorf("no cell from %d to %d has run without error", r.First, r.Last)
		}
	}
	return chosen, nil
}
