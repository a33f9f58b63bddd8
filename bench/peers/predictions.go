package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/goparallel/goparallel/bench/internal/measure"
	"github.com/goparallel/goparallel/bench/internal/report"
	"github.com/goparallel/goparallel/bench/internal/spin"
	"github.com/goparallel/goparallel/parallel"
)

// What predictions are to reach, as factors between what was said and what then happened.
const (
	typicalMiss = 1.25 // at the median over the grid
	rareMiss    = 2    // at the 95th percentile
	clearly     = 1.5  // of the break-even: with so much more or less work it is clear what pays
)

// mostFrames is the number of items up to which a cell is called with one item per message.
const mostFrames = 10_000

// prediction is what calls of a cell said, and what happened then: medians of the rounds.
type prediction struct {
	cell
	wasteful, repeated float64 // misses of what a call of one item per message said, and the planner's call before
	inside             float64 // 1 where the time was in the range that the wasteful call said
	width              float64 // the upper end of that range, in times of the lower one
	work               float64 // in times of the break-even
	faster             float64 // the loop's time, in times of the planner's
}

// takePredictions asks calls what the planner would need, and sees what it needs then: the range of
// [parallel.Explanation.Planned], which warnings and advice quote, and the break-even.
func takePredictions(ctx context.Context, _ *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "What calls say that the planner needs, and what it needs then"}
	rc, err := parallel.Start(ctx, engines)
	if err != nil {
		return s, err
	}
	defer rc.Close()
	var all []prediction
	for _, c := range grid(true) { // longer cells are nearly all work
		if c.items == 1 || c.items > mostFrames {
			continue
		}
		p, err := c.predict(rc.LoadBalanced().With(ctx), roundsOf(quick, 9))
		if err != nil {
			return s, fmt.Errorf("%v: %w", c, err)
		}
		all = append(all, p)
	}
	s.Goals, s.Notes = judgePredictions(all)
	return s, nil
}

// predict calls a cell with one item per message, as the planner likes, and as a loop, in
// turns. The first round is not counted: engines learn the function in it.
func (c cell) predict(view *parallel.LoadBalancedView, rounds int) (prediction, error) {
	items := spin.RoundsOf(c.costs)
	var before parallel.Explanation // of the planner's call in the round before
	samples := measure.Samples{}
	for round := range rounds + 1 {
		if _, err := view.MapSync(work, items, parallel.ChunkSize(1)); err != nil {
			return prediction{}, err
		}
		wasteful := view.Explain()
		began := time.Now()
		if _, err := view.MapSync(work, items); err != nil {
			return prediction{}, err
		}
		took := time.Since(began)
		began = time.Now()
		serial(work, items)
		loop := time.Since(began)
		if round > 0 {
			least, most := wasteful.Planned()
			figures := measure.Figures{
				"wasteful": missed(took)(wasteful.Planned()),
				"repeated": missed(took)(before.Planned()),
				"inside":   0,
				"width":    most.Seconds() / least.Seconds(),
				"work":     before.Work.Seconds() / before.BreakEven().Seconds(),
				"faster":   loop.Seconds() / took.Seconds(),
			}
			if least <= took && took <= most {
				figures["inside"] = 1
			}
			samples.Add(figures)
		}
		before = view.Explain()
	}
	m := samples.Median
	return prediction{c, m("wasteful"), m("repeated"), m("inside"), m("width"), m("work"), m("faster")}, nil
}

// missed returns the factor between the middle of a range that was said and the time that a call took.
func missed(took time.Duration) func(least, most time.Duration) float64 {
	return func(least, most time.Duration) float64 {
		middle := math.Sqrt(least.Seconds() * most.Seconds())
		return max(middle/took.Seconds(), took.Seconds()/middle)
	}
}

// judgePredictions sets what was said beside what happened, over all cells.
func judgePredictions(all []prediction) (goals []report.Goal, notes []string) {
	goal := func(text string, reached, wanted float64) {
		goals = append(goals, report.Goal{Text: text, Reached: reached, Low: reached, High: reached, Wanted: wanted, Inverse: true})
	}
	for _, after := range []struct {
		text string
		miss func(prediction) float64
	}{
		{"after one item per message", func(p prediction) float64 { return p.wasteful }},
		{"after the same call", func(p prediction) float64 { return p.repeated }},
	} {
		slices.SortFunc(all, func(a, b prediction) int { return cmp.Compare(after.miss(a), after.miss(b)) })
		goal("median factor between prediction and time, "+after.text, after.miss(all[len(all)/2]), typicalMiss)
		goal("95th percentile of it, "+after.text, after.miss(all[len(all)*95/100]), rareMiss)
		note := "the worst predictions " + after.text + ":"
		for _, p := range all[max(0, len(all)-8):] {
			note += fmt.Sprintf(" %v (%s);", p.cell, report.Number(after.miss(p)))
		}
		notes = append(notes, note)
	}
	var inside, clear, right int
	var widths []float64
	for _, p := range all {
		widths = append(widths, p.width)
		if p.inside > 0.5 {
			inside++
		}
		if p.work > clearly || p.work < 1/clearly {
			clear++
			if (p.work > 1) == (p.faster > 1) {
				right++
			}
		}
	}
	goals = append(goals, report.Goal{Text: "share of cells where engines pay, or do not, as the break-even says", Reached: float64(right) / float64(clear), Low: float64(right) / float64(clear), High: float64(right) / float64(clear), Wanted: 0.95})
	notes = append(notes, fmt.Sprintf("%d of %d times were inside the range that a call of one item per message gave, whose upper end is %s of the lower one at the median", inside, len(all), report.Number(measure.Median(widths))))
	return goals, notes
}
