package main

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/bench/internal/contest"
	"github.com/goparallel/goparallel/bench/internal/report"
	"github.com/goparallel/goparallel/parallel"
)

// TestMain lets the test's program be an engine, or another contestant's server.
func TestMain(m *testing.M) {
	parallel.Init()
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := serve(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestContestants lets those that are written in Go do what they are asked in
// the measures, with little to do.
func TestContestants(t *testing.T) {
	post := contest.Task{Kind: contest.Post, Items: 100, Repeat: 2, Warm: true}
	spin := contest.Task{Kind: contest.Spin, Costs: []float64{1e-6, 2e-6, 3e-6}, Repeat: 2}
	empty := contest.Task{Kind: contest.Empty, Repeat: 2}
	with := func(t contest.Task, settings ...string) (tasks []contest.Task) {
		for _, s := range settings {
			t.Setting = s
			tasks = append(tasks, t)
		}
		return tasks
	}
	carry := func(settings ...string) (tasks []contest.Task) {
		for _, way := range []string{contest.Push, contest.Pull, contest.Scatter, contest.Gather} {
			tasks = append(tasks, with(contest.Task{Kind: way, Bytes: 2_000_000, Repeat: 2, Warm: true}, settings...)...)
		}
		return tasks
	}
	f := newField("", "")
	defer f.close()
	for name, tasks := range map[string][]contest.Task{
		ours: slices.Concat(with(post, "default", "direct", "1", "50"), with(spin, "default", "1"), with(empty, "direct", "load-balanced"),
			carry("default", "read", "rows"), []contest.Task{{Kind: contest.Serial, Items: 10, Repeat: 2}, {Kind: contest.Start, Repeat: 2}}),
		oursTLS:    slices.Concat(with(post, "default", "1"), with(empty, "load-balanced"), carry("default"), []contest.Task{{Kind: contest.Start, Repeat: 2}}),
		goroutines: slices.Concat(with(post, "default", "best"), with(spin, "default", "best")),
		netRPC:     slices.Concat(with(post, "default", "best"), with(spin, "default", "best"), with(empty, "")),
		bareTCP:    slices.Concat(carry(""), with(empty, "")),
		bareUnix:   slices.Concat(carry(""), with(empty, "")),
		bareZmq4:   with(empty, "ipc", "tcp"),
	} {
		for _, task := range tasks {
			seconds, err := f.ask(t.Context(), name, task)
			if err != nil || len(seconds) != 2 || slices.Min(seconds) <= 0 {
				t.Errorf("%s, %s %q: %v %v", name, task.Kind, task.Setting, seconds, err)
			}
		}
	}
	if _, err := f.ask(t.Context(), ours, contest.Task{Kind: "sing"}); err == nil {
		t.Error("an unknown task was done")
	}
}

// TestLeftOut: a peer that is not there is left out, once and for all, and the
// others are measured.
func TestLeftOut(t *testing.T) {
	f := newField("/nowhere/python", "")
	defer f.close()
	lines, err := inTurns(t.Context(), 3, []entry{
		f.tasks(dask, "map", contest.Task{Kind: contest.Post, Items: 3, Repeat: 1}),
		f.tasks(goroutines, "best", contest.Task{Kind: contest.Post, Items: 3, Repeat: 1}),
	})
	if err != nil || len(lines) != 1 || lines[0].Contestant != goroutines || len(lines[0].Samples) != 3 || f.out[dask] == "" {
		t.Errorf("%v %+v, left out: %v", err, lines, f.out)
	}
}

// TestGrown takes the measure of growth, with its processes.
func TestGrown(t *testing.T) {
	s, err := takeGrowth(t.Context(), nil, true)
	if err != nil || len(s.Lines) != 3 || s.Goals[0].Missing != "" {
		t.Errorf("%v: %+v", err, s)
	}
	code := map[uintptr]bool{}
	for i, f := range thousand {
		code[reflect.ValueOf(f).Pointer()] = true
		if f(0) != i {
			t.Fatalf("function %d returns %d", i, f(0))
		}
	}
	if len(code) != 1000 {
		t.Errorf("%d different functions", len(code))
	}
}

// TestShared takes the measures of streams, observers and clients.
func TestShared(t *testing.T) {
	for name, take := range map[string]func(context.Context, *field, bool) (report.Section, error){
		"stream": takeStream, "observer": takeObserver, "clients": takeClients,
	} {
		s, err := take(t.Context(), nil, true)
		if err != nil || len(s.Lines) != 2 || len(s.Lines[0].Samples) != 3 || len(s.Goals) > 0 && s.Goals[0].Missing != "" {
			t.Errorf("%s: %v %+v", name, err, s)
		}
	}
}

// TestMemory looks at the memory of our own processes, and that Python's are left out where they are not there.
func TestMemory(t *testing.T) {
	f := newField("/nowhere/python3", "")
	s, err := takeMemory(t.Context(), f, true)
	if err != nil || len(s.Lines) != 2 || s.Goals[0].Missing == "" || f.out[ipyparallel] == "" {
		t.Fatalf("%v: %+v", err, s)
	}
	for _, l := range s.Lines {
		if l.Low < 5e6 || l.High > 5e8 {
			t.Errorf("%s: %v bytes", l.Setting, l.Samples)
		}
	}
	if text := s.Markdown(); !strings.Contains(text, " MB – ") {
		t.Error(text)
	}
}

// TestMETG searches for the length at which a contestant with known costs
// reaches half of ideal efficiency.
func TestMETG(t *testing.T) {
	const cost = 1e-4 // what each task costs an engine
	f := newField("", "")
	f.started["known"] = model{cost}
	f.started[goroutines] = model{0}
	for range 3 {
		if length, err := f.metg(t.Context(), "known", ""); err != nil || length < 0.94*cost || length > 1.06*cost {
			t.Errorf("%v, %v; want %v", length, err, cost)
		}
	}
}

// model is a contestant that takes no time.
type model struct{ cost float64 }

func (m model) Close() error { return nil }

func (m model) Do(_ context.Context, t contest.Task) ([]float64, error) {
	return []float64{float64(t.Items) * (t.Work + m.cost) / engines}, nil
}

func TestGrid(t *testing.T) {
	for _, quick := range []bool{false, true} {
		total := 0.0
		for _, c := range grid(quick) {
			total += 2.5 * c.total() * float64(c.rounds(quick))
			if len(c.costs) != c.items {
				t.Fatalf("%v has %d costs", c, len(c.costs))
			}
		}
		if limit := map[bool]float64{false: 600, true: 120}[quick]; total > limit {
			t.Errorf("quick %v: it takes about %.0f s", quick, total)
		}
	}
}

// TestJudge judges cells that are known to reach and to miss what is aimed for.
func TestJudge(t *testing.T) {
	of := func(items int, mean, loop, auto, peer float64) result {
		c := cell{shape: "uniform", mean: mean, items: items, costs: slices.Repeat([]float64{mean}, items)}
		line := func(seconds float64) report.Line { return report.NewLine("", "", []float64{seconds, seconds, seconds}) }
		return result{cell: c, loop: line(loop), auto: line(auto), peers: []report.Line{line(2 * peer), line(peer)}}
	}
	tables, goals, notes := judge([]result{
		of(10, 1e-8, 1e-7, 40e-6, 1),      // slower, but by less than 50 μs
		of(10, 1e-7, 1e-6, 60e-6, 1),      // by more
		of(1000, 1e-4, 0.1, 0.051, 0.052), // near the limit
		of(100, 1e-2, 1, 0.6, 0.5),        // not near it, and behind a peer
		of(1, 0.1, 0.1, 0.104, 1),         // one item can only be done at once
		of(2, 1, 2, 1, 1),                 // as fast as possible
	})
	for i, want := range []float64{5.0 / 6, 3.0 / 4, 3.0 / 4} {
		if goals[i].Reached != want || goals[i].Met() {
			t.Errorf("goal %q: %v, want %v", goals[i].Text, goals[i].Reached, want)
		}
	}
	if len(notes) != 3 {
		t.Errorf("notes: %q", notes)
	}
	if len(tables[0].Rows) != 6 || len(tables[1].Rows) != 4 || tables[0].Rows[0][0] != "10 ns" || tables[0].Rows[0][3] != "400" {
		t.Errorf("tables: %+v", tables)
	}
}
