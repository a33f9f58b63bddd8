// Command views measures goparallel against ipyparallel, in the same run and
// in turns, and prints what it found. See README.md for what is compared.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/goparallel/goparallel/bench/measure"
	"github.com/goparallel/goparallel/parallel"
)

func main() {
	parallel.Init() // an engine's process ends here
	rounds := flag.Int("rounds", 5, "how often each side is measured; medians are reported")
	python := flag.String("python", "/usr/bin/python3", "the Python that has ipyparallel")
	out := flag.String("out", "bench/results", "the folder for the figures, as JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rounds, *python, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures both sides in turns, so that what else the machine does in the
// meantime falls on both.
func run(ctx context.Context, rounds int, python, out string) error {
	ours, theirs := measure.Samples{}, measure.Samples{}
	version := ""
	for round := range rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d: goparallel", round+1, rounds)
		figures, err := measureViews(ctx)
		if err != nil {
			return err
		}
		ours.Add(figures)
		fmt.Fprint(os.Stderr, ", ipyparallel")
		peer, err := measurePeer(ctx, python)
		if err != nil {
			return err
		}
		theirs.Add(peer.Seconds)
		version = peer.Version
		fmt.Fprintln(os.Stderr)
	}
	report := newReport(ours, theirs, version, rounds)
	fmt.Print(report.table())
	return report.Save(out, "views", report)
}
