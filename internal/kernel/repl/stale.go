package repl

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/magic"
	"github.com/goparallel/goparallel/internal/kernel/session"
)

// flows remembers which cell used what, and what has changed since: a result is stale where
// the notebook, run from the top, would give another one. The cells' order is that in which they
// ran first. A cell that was changed is the same one only to a front end that says so, as
// JupyterLab does; without, a cell is known by its text.
type flows struct {
	runs    int // how many cells have run
	cells   []*flow
	changes map[string]change // by name, the last one
	values  map[int]value     // that cells with an id have shown, by their execution counts
}

// flow is a cell, as it ran last.
type flow struct {
	id, code     string
	count        int
	first, last  int // when it ran
	reads, makes []string
	uses         map[string]value // by the names _ and _12
	valued       int              // when its value came anew
	told         bool             // the user knows that it is stale
}

// value is what a cell has shown, as it came in a run.
type value struct {
	of  *flow
	run int
}

// change is when a name got another meaning or value.
type change struct {
	run int
	by  *flow
}

// noteRun takes in a cell that has been compiled and is about to run. A cell that runs again as it
// was, with all that it reads as it was, gives its names the values that they had.
func (f *flows) noteRun(past *pastCell, unit *session.Unit) {
	f.runs++
	c := f.cell(past)
	uses := make(map[string]value)
	for name, count := range past.uses {
		if v, ok := f.values[count]; ok {
			uses[name] = v
		}
	}
	same := c != nil && c.code == past.code && f.reason(c, nil) == "" && maps.EqualFunc(uses, c.uses, func(a, b value) bool { return a.of == b.of })
	if c == nil {
		c = &flow{id: past.id, first: f.runs}
		f.cells = append(f.cells, c)
	}
	if f.changes == nil {
		f.changes, f.values = make(map[string]change), make(map[int]value)
	}
	now := change{f.runs, c}
	for _, name := range unit.Changes {
		if _, known := f.changes[name]; !same || !known {
			f.changes[name] = now
		}
	}
	for _, name := range unit.Writes {
		f.changes[name] = now
	}
	c.code, c.count, c.last, c.told = past.code, past.count, f.runs, false
	c.reads, c.makes, c.uses = unit.Reads, slices.Concat(unit.Declares, unit.Writes), uses
	if !same {
		c.valued = f.runs
	}
	if c.id != "" { // by its text alone, a cell that runs again is not told from another one
		f.values[past.count] = value{c, c.valued}
	}
}

// newest returns the cells that are now those whose values a cell used, for when it runs again.
func (f *flows) newest(uses map[string]int) map[string]int {
	now := maps.Clone(uses)
	for name, count := range now {
		if v, ok := f.values[count]; ok {
			now[name] = v.of.count
		}
	}
	return now
}

// cell returns what is known of a cell.
func (f *flows) cell(past *pastCell) *flow {
	for _, c := range f.cells {
		if c.id == past.id && (past.id != "" || c.code == past.code) {
			return c
		}
	}
	return nil
}

// reason says why a cell is stale, where stale has those of the cells above it that are.
func (f *flows) reason(c *flow, stale map[*flow]bool) string {
	for _, name := range c.reads {
		if ch, ok := f.changes[name]; ok && ch.by != c && ch.run > c.last && ch.by.first < c.first {
			return fmt.Sprintf("%s was changed by cell[%d]", name, ch.by.count)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.uses)) {
		if v := c.uses[name]; v.of != c && v.of.valued > v.run && v.of.first < c.first {
			return fmt.Sprintf("%s was changed by cell[%d]", name, v.of.count)
		}
	}
	for _, above := range f.cells {
		if !stale[above] || above.first >= c.first {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(c.uses)) {
			if c.uses[name].of == above {
				return fmt.Sprintf("%s comes from cell[%d], which is stale", name, above.count)
			}
		}
		for _, name := range above.makes {
			if slices.Contains(c.reads, name) {
				return fmt.Sprintf("%s comes from cell[%d], which is stale", name, above.count)
			}
		}
	}
	return ""
}

// stale lists the cells that are, with the reasons.
func (f *flows) stale() (cells []*flow, why []string) {
	slices.SortFunc(f.cells, func(a, b *flow) int { return cmp.Compare(a.first, b.first) })
	stale := make(map[*flow]bool)
	for _, c := range f.cells {
		if reason := f.reason(c, stale); reason != "" {
			stale[c] = true
			cells, why = append(cells, c), append(why, reason)
		}
	}
	return cells, why
}

// news names the cells that have become stale since it was asked before, in a line.
func (f *flows) news() string {
	const most = 3
	var names []string
	first := ""
	cells, why := f.stale()
	for i, c := range cells {
		if c.told {
			continue
		}
		c.told = true
		names = append(names, fmt.Sprintf("cell[%d]", c.count))
		if first == "" {
			first = why[i]
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) > most:
		names = append(names[:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return fmt.Sprintf("stale: %s (%s); %%stale tells all, %%rerun stale runs them again", strings.Join(names, ", "), first)
}

// Stale lists the cells that are stale.
func (k kernelFor) Stale() (list []magic.Stale) {
	cells, why := k.r.flows.stale()
	for i, c := range cells {
		list = append(list, magic.Stale{Count: c.count, Code: c.code, Why: why[i]})
	}
	return list
}
