package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/measure"
	"github.com/goparallel/goparallel/bench/internal/report"
)

// measures are all that is measured, in this order.
var measures = []struct {
	name string
	take func(ctx context.Context, f *field, quick bool) (report.Section, error)
}{
	// Peers that are idle use processors too, so these come before they start:
	{"grid", takeGrid},
	{"predictions", takePredictions},
	{"growth", takeGrowth},
	{"engines", takeEngines},
	{"start", takeStart},
	{"empty", takeEmpty},
	{"post", takePost},
	{"stream", takeStream},
	{"observer", takeObserver},
	{"clients", takeClients},
	{"memory", takeMemory},
	{"kills", takeKills},
	{contest.Push, transfer(contest.Push)},
	{contest.Pull, transfer(contest.Pull)},
	{contest.Scatter, transfer(contest.Scatter)},
	{contest.Gather, transfer(contest.Gather)},
	{"metg", takeMETG},
}

// entry is a contestant in a setting, with how it gets a figure.
type entry struct {
	contestant, setting string
	figure              func(ctx context.Context) (float64, error)
}

// tasks makes an entry whose figure is the median time of a task.
func (f *field) tasks(contestant, setting string, t contest.Task) entry {
	return entry{contestant, setting, func(ctx context.Context) (float64, error) { return f.do(ctx, contestant, t) }}
}

// inTurns takes a figure of each entry in each round, so that whatever else the
// machine does falls on all of them.
func inTurns(ctx context.Context, rounds int, entries []entry) ([]report.Line, error) {
	samples := make([][]float64, len(entries))
	for round := range rounds {
		for i := range entries {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			i := (i + round) % len(entries) // nobody always comes after the same one
			figure, err := entries[i].figure(ctx)
			if errors.Is(err, errOut) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", entries[i].contestant, entries[i].setting, err)
			}
			samples[i] = append(samples[i], figure)
		}
	}
	var lines []report.Line
	for i, e := range entries {
		if len(samples[i]) == rounds {
			lines = append(lines, report.NewLine(e.contestant, e.setting, samples[i]))
		}
	}
	return lines, nil
}

// roundsOf is the number of rounds of a measure.
func roundsOf(quick bool, full int) int {
	if quick {
		return 3
	}
	return full
}

// median returns the median of a task's times.
func median(seconds []float64, err error) (float64, error) { return measure.Median(seconds), err }
