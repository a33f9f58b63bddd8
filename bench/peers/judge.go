package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/goparallel/goparallel/bench/internal/report"
)

// judge sets the cells of the grid beside what was aimed for.
func judge(results []result) ([]report.Table, []report.Goal, []string) {
	large := slices.DeleteFunc(slices.Clone(results), func(r result) bool { return !r.large() })
	tables := []report.Table{
		table("Auto ÷ serial loop, the worst of the shapes", results, func(r result) float64 { return r.auto.Median / r.loop.Median }),
		table("Auto ÷ max(half of the loop, longest item), the worst of the shapes, where the loop takes 20 ms or more", large, func(r result) float64 { return r.overLimit(r.auto) }),
		table("The same of two goroutines that take chunks, which is what this machine can do", large, func(r result) float64 { return r.overLimit(r.peers[0]) }),
	}
	var goals []report.Goal
	var notes []string
	count := func(text string, cells []result, over func(result) float64, most float64) {
		missed := slices.DeleteFunc(slices.Clone(cells), func(r result) bool { return over(r) <= most })
		slices.SortFunc(missed, func(a, b result) int { return cmp.Compare(over(b), over(a)) })
		share := float64(len(cells)-len(missed)) / float64(max(len(cells), 1))
		goals = append(goals, report.Goal{Text: "share of cells: " + text, Reached: share, Low: share, High: share, Wanted: 1})
		if len(missed) == 0 {
			return
		}
		note := fmt.Sprintf("missed in %d of %d cells: %s; the worst are", len(missed), len(cells), text)
		for i, r := range missed[:min(len(missed), 8)] {
			if i > 0 {
				note += ";"
			}
			note += fmt.Sprintf(" %v (%s × that; Auto %s, loop %s)", r.cell, report.Number(over(r)/most), report.Time(r.auto.Median), report.Time(r.loop.Median))
		}
		notes = append(notes, note)
	}
	count("≤ 1.05 × the loop + 50 μs", results, result.overLoop, 1)
	count("≤ 1.10 × max(half of the loop, longest item), of 20 ms or more", large, func(r result) float64 { return r.overLimit(r.auto) }, limitFactor)
	count("not behind the best peer, as far as intervals tell, of 20 ms or more", large, func(r result) float64 { _, low := r.overPeers(); return low }, 1)
	return tables, goals, notes
}

// table sets the worst figures of all shapes by length and number of items.
func table(title string, results []result, figure func(result) float64) report.Table {
	t := report.Table{Title: title, Words: 1, Head: []string{"an item takes"}}
	var columns []int
	var rows []float64
	worst := map[[2]float64]float64{}
	for _, r := range results {
		key := [2]float64{r.mean, float64(r.items)}
		worst[key] = math.Max(worst[key], figure(r))
		columns, rows = append(columns, r.items), append(rows, r.mean)
	}
	slices.Sort(columns)
	columns = slices.Compact(columns)
	slices.Sort(rows)
	rows = slices.Compact(rows)
	for _, n := range columns {
		t.Head = append(t.Head, fmt.Sprintf("%d items", n))
	}
	for _, mean := range rows {
		row := []string{report.Time(mean)}
		for _, n := range columns {
			if figure, ok := worst[[2]float64{mean, float64(n)}]; ok {
				row = append(row, report.Number(figure))
			} else {
				row = append(row, "")
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
