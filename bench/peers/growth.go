package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/report"
	"github.com/goparallel/goparallel/parallel"
)

// functionsVariable tells a process, and its engines, how many functions to
// register.
const functionsVariable = "GOPARALLEL_BENCH_FUNCTIONS"

// registered are those functions.
var registered []func(int) int

func init() {
	n, _ := strconv.Atoi(os.Getenv(functionsVariable))
	for i := range n {
		registered = append(registered, parallel.Func(fmt.Sprint("function", i), thousand[i]))
	}
}

// takeGrowth measures an empty call of a process that has registered and called
// many functions.
func takeGrowth(ctx context.Context, f *field, quick bool) (report.Section, error) {
	s := report.Section{Title: "An empty call after many functions and calls"}
	var processes []*contest.Process
	defer func() {
		for _, p := range processes {
			p.Close()
		}
	}()
	exe, err := os.Executable()
	if err != nil {
		return s, err
	}
	var entries []entry
	for _, n := range []int{10, 100, 1000} {
		p, err := contest.Open(ctx, []string{functionsVariable + "=" + strconv.Itoa(n)}, exe, "serve", "grown")
		if err != nil {
			return s, err
		}
		processes = append(processes, p)
		entries = append(entries, entry{ours, grown(n), func(ctx context.Context) (float64, error) {
			return median(p.Do(ctx, contest.Task{Kind: contest.Empty, Repeat: 500, Warm: true}))
		}})
	}
	s.Lines, err = inTurns(ctx, roundsOf(quick, 15), entries)
	s.Goals = []report.Goal{
		report.AtMost("1000 functions: times a call with 10", 1.1, s.Line(ours, grown(1000)), s.Line(ours, grown(10))),
	}
	return s, err
}

func grown(n int) string { return fmt.Sprintf("called before: %d functions", n) }

// serveGrown is a cluster in a process of its own, which has called each of the
// functions before it is asked.
func serveGrown() error {
	ctx := context.Background()
	c, err := openOurs(ctx)
	if err != nil {
		return err
	}
	view := c.(*cluster).rc.LoadBalanced()
	for i, f := range registered {
		if out, err := view.MapSync(f, []int{i}); err != nil || out[0] != 2*i {
			return errors.Join(err, fmt.Errorf("function %d made %v", i, out), c.Close())
		}
	}
	return contest.Serve(ctx, os.Stdin, os.Stdout, contest.Hello{}, c)
}
