// Command peers measures goparallel against its peers, in one run and in turns,
// and reports what it found beside what was aimed for. See ../README.md for what
// is compared.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/bench/internal/measure"
	"github.com/goparallel/goparallel/bench/internal/report"
	"github.com/goparallel/goparallel/parallel"
)

func main() {
	parallel.Init() // an engine's process ends here
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	quick := flag.Bool("quick", false, "three rounds and few cells: minutes instead of a quarter of an hour, and wide intervals")
	only := flag.String("only", "", "measure these alone, with commas between: "+strings.Join(names(), ", "))
	python := flag.String("python", "/usr/bin/python3", "the Python that has the peers")
	gopeer := flag.String("gopeer", "", "the program built from gopeer; gRPC, conc and pond are left out without it")
	out := flag.String("out", "bench/results", "the folder for the table and the figures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *quick, *only, *python, *gopeer, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// names are the names of all measures, in the order in which they are taken.
func names() []string {
	var all []string
	for _, m := range measures {
		all = append(all, m.name)
	}
	return all
}

// run takes the measures that were chosen and writes the report.
func run(ctx context.Context, quick bool, only, python, gopeer, out string) error {
	chosen := names()
	if only != "" {
		chosen = strings.Split(only, ",")
	}
	for _, name := range chosen {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("there is no measure %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	field := newField(python, gopeer)
	defer field.close()
	r := report.Report{Machine: measure.ThisMachine(), Quick: quick}
	var failed []error
	for _, m := range measures {
		if !slices.Contains(chosen, m.name) || ctx.Err() != nil {
			continue
		}
		began := time.Now()
		fmt.Fprint(os.Stderr, m.name, " ")
		section, err := m.take(ctx, field, quick)
		fmt.Fprintf(os.Stderr, "(%.0f s)\n", time.Since(began).Seconds())
		section.Name = m.name
		if err != nil { // the others are worth having
			section.Notes = append(section.Notes, "failed: "+err.Error())
			failed = append(failed, fmt.Errorf("%s: %w", m.name, err))
		}
		r.Sections = append(r.Sections, section)
	}
	r.Versions, r.Out = field.versions, field.out
	fmt.Print(r.Markdown())
	return errors.Join(append(failed, r.Write(out))...)
}
