// Command cells measures what a cell costs: one never seen before, against gonb's
// in the same run; one seen before; many in one session; and what it costs that a
// loop can be interrupted. See bench/README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"

	"github.com/goparallel/goparallel/bench/internal/measure"
	"github.com/goparallel/goparallel/parallel"
)

func main() {
	parallel.Init() // an engine's process ends here
	var o options
	flag.IntVar(&o.cells, "cells", 30, "how many cells are run for each median")
	flag.IntVar(&o.many, "many", 200, "how many cells are run in one session")
	flag.IntVar(&o.day, "day", 2000, "how many cells a long day has")
	flag.IntVar(&o.rounds, "rounds", 5, "how often the loops are measured")
	flag.StringVar(&o.gonb, "gonb", "", "gonb's binary, which needs goimports and gopls in PATH; without it only goparallel is measured")
	flag.StringVar(&o.python, "python", "/usr/bin/python3", "the Python that has jupyter_client")
	flag.StringVar(&o.out, "out", "bench/results", "the folder for the figures, as JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	cells, many, day, rounds int
	gonb, python, out        string
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "goparallel-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(os.Stderr, "building goparallel")
	binary, err := buildKernel(ctx, dir)
	if err != nil {
		return err
	}
	r := report{Machine: measure.ThisMachine(), Samples: measure.Samples{}}
	for _, step := range []struct {
		title   string
		measure func() (measure.Samples, error)
	}{
		{"cells through Jupyter", func() (measure.Samples, error) { return measureKernels(ctx, binary, o.gonb, o.python, o.cells) }},
		{"cells in two sessions", func() (measure.Samples, error) { return measureSessions(ctx, o.cells) }},
		{"what somebody waits for who types", func() (measure.Samples, error) { return measureComfort(ctx, max(1, o.cells/3)) }},
		{"many cells in one session", func() (measure.Samples, error) { return measureMany(ctx, o.many) }},
		{"a long day in one session", func() (measure.Samples, error) { return measureDay(ctx, o.day) }},
		{"loops", func() (measure.Samples, error) { return measureLoops(ctx, dir, o.rounds) }},
	} {
		fmt.Fprintln(os.Stderr, step.title)
		s, err := step.measure()
		if err != nil {
			return err
		}
		maps.Copy(r.Samples, s)
	}
	fmt.Print(r.table())
	return r.Save(o.out, "cells", r)
}
