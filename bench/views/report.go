package main

import (
	"strconv"

	"github.com/goparallel/goparallel/bench/measure"
	"github.com/goparallel/goparallel/parallel"
	"github.com/goparallel/goparallel/plots"
)

// compared are the lines of the table: names of figures, and how many times
// faster ours is meant to be.
var compared = []struct {
	title, ours, theirs string
	goal                float64
}{
	{"3000 items, one per message", "each", "each", 70},
	{"3000 items, default chunks (theirs: direct view)", "default", "direct", 2},
	{"3000 items, direct view", "direct", "direct", 2},
	{"3000 items, six pieces", "six", "six", 0},
	{"3000 items, two pieces", "two", "two", 0},
	{"empty call, one engine", "empty_direct", "empty_direct", 15},
	{"empty call, load-balanced", "empty_balanced", "empty_balanced", 15},
	{"from nothing to the first result", "start", "start", 10},
	{"3000 items, serial loop", "serial", "serial", 0},
}

// report is what a run of the benchmark found; its JSON is what is kept.
type report struct {
	measure.Machine
	Ipyparallel string
	Engines     int
	Rounds      int
	Ours        measure.Samples
	Theirs      measure.Samples
}

func newReport(ours, theirs measure.Samples, ipyparallel string, rounds int) report {
	return report{
		Machine: measure.ThisMachine(), Ipyparallel: ipyparallel, Engines: engines, Rounds: rounds, Ours: ours, Theirs: theirs,
	}
}

// table sets the medians beside each other.
func (r report) table() *plots.Table {
	t := &plots.Table{Head: []string{"", "goparallel", "ipyparallel", "times faster", "goal"}}
	for _, c := range compared {
		ours, theirs := r.Ours.Median(c.ours), r.Theirs.Median(c.theirs)
		goal := "–"
		if c.goal > 0 {
			goal = "≥ " + strconv.FormatFloat(c.goal, 'f', -1, 64)
		}
		t.Rows = append(t.Rows, []string{
			c.title, parallel.FormatTime(ours, 3), parallel.FormatTime(theirs, 3),
			strconv.FormatFloat(theirs/ours, 'f', 1, 64), goal,
		})
	}
	return t
}
