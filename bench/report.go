package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goparallel/goparallel/parallel"
	"github.com/goparallel/goparallel/plots"
)

// samples hold the figures of several rounds.
type samples map[string][]float64

func (s *samples) add(f figures) {
	if *s == nil {
		*s = samples{}
	}
	for name, seconds := range f {
		(*s)[name] = append((*s)[name], seconds)
	}
}

// median returns the median of the rounds, or 0 where there are none.
func (s samples) median(name string) float64 {
	if len(s[name]) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s[name]))
	return sorted[len(sorted)/2]
}

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

// cells are the lines about cells, which ipyparallel has none to compare with,
// and how many seconds they may take.
var cells = []struct {
	title, ours string
	goal        float64
}{
	{"a cell never seen before", "new_cell", 0.4},
	{"a cell run again unchanged", "same_cell", 0.01},
}

// report is what a run of the benchmark found; its JSON is what is kept.
type report struct {
	Time        time.Time
	Go          string
	Ipyparallel string
	Processor   string
	Processors  int
	Load        string // of the machine when the report was made, over 1, 5 and 15 minutes
	Engines     int
	Rounds      int
	Ours        samples
	Theirs      samples
}

func newReport(ours, theirs samples, ipyparallel string, rounds int) report {
	return report{
		Time: time.Now().UTC().Truncate(time.Second), Go: runtime.Version(), Ipyparallel: ipyparallel,
		Processor: processor(), Processors: runtime.NumCPU(), Load: load(), Engines: engines, Rounds: rounds,
		Ours: ours, Theirs: theirs,
	}
}

// table sets the medians beside each other.
func (r report) table() *plots.Table {
	t := &plots.Table{Head: []string{"", "goparallel", "ipyparallel", "times faster", "goal"}}
	for _, c := range compared {
		ours, theirs := r.Ours.median(c.ours), r.Theirs.median(c.theirs)
		goal := "–"
		if c.goal > 0 {
			goal = "≥ " + strconv.FormatFloat(c.goal, 'f', -1, 64)
		}
		t.Rows = append(t.Rows, []string{
			c.title, parallel.FormatTime(ours, 3), parallel.FormatTime(theirs, 3),
			strconv.FormatFloat(theirs/ours, 'f', 1, 64), goal,
		})
	}
	for _, c := range cells {
		t.Rows = append(t.Rows, []string{
			c.title, parallel.FormatTime(r.Ours.median(c.ours), 3), "–", "–", "≤ " + parallel.FormatTime(c.goal, 3),
		})
	}
	return t
}

// save writes the report into a folder, in a file named after its time.
func (r report) save(folder string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	name := r.Time.Format("2006-01-02T150405Z") + ".json"
	return os.WriteFile(filepath.Join(folder, name), append(text, '\n'), 0o644)
}

// processor returns the processor's name, where Linux tells it.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

// load returns the machine's load averages, where Linux tells them.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	return strings.Join(fields[:min(3, len(fields))], " ")
}
