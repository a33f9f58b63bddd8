package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/measure"
	"github.com/goparallel/goparallel/bench/internal/report"
	"github.com/goparallel/goparallel/bench/internal/spin"
	"github.com/goparallel/goparallel/parallel"
)

// cell is one combination of the grid: how items differ, how long they take on
// average, in seconds, and how many there are.
type cell struct {
	shape string
	mean  float64
	items int
	costs []float64
}

func (c cell) String() string {
	return fmt.Sprintf("%s, %d × %s", c.shape, c.items, report.Time(c.mean))
}

// total is the serial loop's time, as far as it is known beforehand.
func (c cell) total() float64 { return c.mean * float64(c.items) }

// Limits of the grid, in seconds of total work.
const (
	longestCell  = 1.5
	longestQuick = 0.15
)

// grid returns all cells that are not too long. One item has one shape only.
func grid(quick bool) []cell {
	limit := longestCell
	if quick {
		limit = longestQuick
	}
	var cells []cell
	for decade := -8; decade <= -1; decade++ {
		for items := 1; items <= 1_000_000; items *= 10 {
			for i, shape := range spin.Shapes {
				c := cell{shape: shape.Name, mean: math.Pow10(decade), items: items}
				if c.total() > limit || items == 1 && i > 0 {
					continue
				}
				c.costs = shape.Costs(items)
				for i := range c.costs {
					c.costs[i] *= c.mean
				}
				cells = append(cells, c)
			}
		}
	}
	return cells
}

// rounds is how often a cell is measured: short ones vary more.
func (c cell) rounds(quick bool) int {
	switch {
	case quick, c.total() > 0.5:
		return 3
	case c.total() > 0.05:
		return 5
	case c.total() > 0.005:
		return 9
	}
	return 15
}

// takeGrid measures the view that chooses where to run against the serial loop
// and its peers, in all cells.
func takeGrid(ctx context.Context, f *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "Auto, over lengths, numbers and shapes of items"}
	rc, err := parallel.Start(ctx, engines)
	if err != nil {
		return s, err
	}
	defer rc.Close()
	var results []result
	for _, c := range grid(quick) {
		r, err := c.take(ctx, f, rc, quick)
		if err != nil {
			return s, fmt.Errorf("%v: %w", c, err)
		}
		results = append(results, r)
		for _, l := range append([]report.Line{r.loop, r.auto}, r.peers...) {
			l.Setting = c.String()
			s.Data = append(s.Data, l)
		}
		if c.shape == spin.Shapes[len(spin.Shapes)-1].Name {
			fmt.Fprint(os.Stderr, ".")
		}
	}
	s.Tables, s.Goals, s.Notes = judge(results)
	return s, nil
}

// take measures one cell. Python's best pool takes part where a call is long
// enough for it and its items need not be counted in hundreds of thousands.
func (c cell) take(ctx context.Context, f *field, rc *parallel.Client, quick bool) (result, error) {
	items, view := spin.RoundsOf(c.costs), rc.Auto()
	loops := func(run func() error) func(context.Context) (float64, error) {
		return func(context.Context) (float64, error) {
			if c.items > 1000 {
				runtime.GC() // nobody pays for what somebody else left behind
			}
			start := time.Now()
			err := run()
			return time.Since(start).Seconds(), err
		}
	}
	entries := []entry{
		{"serial loop", "", loops(func() error { serial(work, items); return nil })},
		{ours, "Auto", loops(func() error { _, err := view.MapSync(work, items); return err })},
		{goroutines, "best chunk", loops(func() error { inChunks(work, items); return nil })},
	}
	if c.total() > largeTotal/2 && c.mean > 5e-6 && c.items > 1 {
		entries = append(entries, f.tasks(pool, "map", contest.Task{Kind: contest.Spin, Setting: "default", Costs: c.costs, Repeat: 1}))
	}
	lines, err := inTurns(ctx, c.rounds(quick), entries)
	if err != nil {
		return result{}, err
	}
	return result{cell: c, loop: lines[0], auto: lines[1], peers: lines[2:]}, nil
}

// result is what a cell's measures were.
type result struct {
	cell
	loop, auto report.Line
	peers      []report.Line
}

// What Auto is to reach in each cell.
const (
	loopFactor  = 1.05  // times the serial loop, and
	loopSlack   = 50e-6 // seconds more
	largeTotal  = 20e-3 // seconds from which on the limit counts, and the best peer:
	limitFactor = 1.10  // times half of the serial loop, or the longest item
)

// overLoop is Auto's time in times of what it may be, by the serial loop.
func (r result) overLoop() float64 { return r.auto.Median / (loopFactor*r.loop.Median + loopSlack) }

// overLimit is the time of a line in times of what is possible with two processors.
func (r result) overLimit(l report.Line) float64 {
	longest := slices.Max(r.costs) / r.total() * r.loop.Median
	return l.Median / max(r.loop.Median/2, longest)
}

// overPeers is Auto's time in times of the best peer's, with its interval.
func (r result) overPeers() (ratio, low float64) {
	best := slices.MinFunc(r.peers, func(a, b report.Line) int { return cmp.Compare(a.Median, b.Median) })
	ratio, low, _ = measure.Ratio(r.auto.Samples, best.Samples)
	return ratio, low
}

func (r result) large() bool { return r.loop.Median >= largeTotal }
