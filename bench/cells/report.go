package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/goparallel/goparallel/bench/internal/measure"
	"github.com/goparallel/goparallel/internal/parallel/format"
	"github.com/goparallel/goparallel/plots"
)

// report is what a run of the benchmark found; its JSON is what is kept.
type report struct {
	measure.Machine
	Samples measure.Samples
}

// table sets the medians beside what they are compared with.
func (r report) table() *plots.Table {
	t := &plots.Table{Head: []string{"", "here", "compared with", "ratio", "goal"}}
	row := func(title string, here, other float64, goal string) {
		compared, ratio := "–", "–"
		if other > 0 {
			compared, ratio = format.Time(other, 3), strconv.FormatFloat(here/other, 'f', 2, 64)
		}
		t.Rows = append(t.Rows, []string{title, format.Time(here, 3), compared, ratio, goal})
	}
	m := r.Samples.Median
	row("a new cell, through Jupyter (gonb)", m("goparallel_fmt"), m("gonb_fmt"), "≤ 1.2")
	row("the same with gonum/plot (gonb)", m("goparallel_plot"), m("gonb_plot"), "≤ 1.5")
	row("the same with gonum/plot (gonb without)", m("goparallel_plot"), m("gonb_fmt"), "≤ 1.8")
	row("a new cell, without Jupyter", m("new_cell"), 0, "≤ 400 ms")
	row("a cell of an earlier session", m("cached_cell"), 0, "≤ 30 ms")
	row("a cell run again unchanged", m("same_cell"), 0, "≤ 10 ms")
	row("completion, with gonum imported", m("complete"), 0, "≤ 50 ms")
	row("documentation, with gonum imported", m("inspect"), 0, "≤ 100 ms")
	row("a cell with 1000 displays", m("displays"), 0, "≤ 1 s")
	row("a new cell as the first of a session (as the second)", m("opening_cell"), m("ordinary_cell"), "≤ 1.2")
	row("the last of many cells (the first)", m("last_cells"), m("first_cells"), "≤ 1.3")
	const mb = 1 << 20
	t.Rows = append(t.Rows, []string{"memory after many cells: host + kernel",
		fmt.Sprintf("%.0f + %.0f MB", m("host_memory")/mb, m("kernel_memory")/mb), "–", "–", "≤ 600 MB"})
	row("a cell at the end of a long day (at its beginning)", m("day_last"), m("day_first"), "≤ 1.2")
	row("an interrupt", m("day_interrupt"), 0, "≤ 100 ms")
	t.Rows = append(t.Rows, []string{"memory that the day has added", fmt.Sprintf("%.0f MB", (m("day_last_memory")-m("day_first_memory"))/mb), "–", "–", "≤ 150 MB"})
	for _, l := range loops {
		goal := "–"
		if slices.Contains([]string{"sum", "sum over range", "sum of a slice", "powers", "primes"}, l.name) {
			goal = "≤ 1.05"
		}
		row("loop: "+l.name+" (a program)", m("cell "+l.name), m("program "+l.name), goal)
	}
	return t
}
