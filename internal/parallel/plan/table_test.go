package plan

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goparallel/goparallel/internal/parallel/plan/shapes"
)

var update = flag.Bool("update", false, "write docs/planner.md anew")

// policies are what the table compares.
var policies = []struct {
	name   string
	config func(c Config, mean float64) Config
}{
	{"planner, first call", func(c Config, mean float64) Config { return c }},
	{"planner, later calls", func(c Config, mean float64) Config { c.Cost = Cost{mean, c.Items}; return c }},
	{"planner, wrong memory", func(c Config, mean float64) Config { c.Cost = Cost{mean / 1000, c.Items}; return c }},
	{"a direct view", func(c Config, _ float64) Config { c.Order = Direct; return c }},
	{"N/4P", func(c Config, _ float64) Config { c.Chunk = max(1, (c.Items+4*c.Engines-1)/(4*c.Engines)); return c }},
	{"one by one", func(c Config, _ float64) Config { c.Chunk = 1; return c }},
}

// loads are the calls of the table.
var loads = []struct {
	name  string
	items int
	mean  float64 // nanoseconds
}{
	{"3000 × 3.3 µs (the post)", 3000, 3300},
	{"100000 × 10 µs", 100000, 10000},
	{"1000 × 1 ms", 1000, 1e6},
	{"100 × 10 ms", 100, 1e7},
}

// TestTable simulates all policies, and compares with the table that the
// documentation shows.
func TestTable(t *testing.T) {
	var b strings.Builder
	row := func(first string, config Config, costs ...[]float64) {
		fmt.Fprintf(&b, "| %s |", first)
		for _, p := range policies {
			w := 0.0
			for _, c := range costs {
				mean := 0.0
				for _, x := range c {
					mean += x / float64(len(c))
				}
				w = max(w, simulate(t, p.config(config, mean), c).now/ideal(config, c))
			}
			fmt.Fprintf(&b, " %.3g |", w)
		}
		b.WriteString("\n")
	}
	head := func(title, first string) {
		fmt.Fprintf(&b, "\n## %s\n\n| %s |", title, first)
		for _, p := range policies {
			fmt.Fprintf(&b, " %s |", p.name)
		}
		b.WriteString("\n|:--|" + strings.Repeat("--:|", len(policies)) + "\n")
	}
	b.WriteString(preface)
	head("Two engines, 100 µs for a frame, by shape", "items, shape")
	for _, load := range loads {
		for _, shape := range shapes.All {
			row(load.name+", "+shape.Name, Config{Items: load.items, Engines: 2, Overhead: 100 * time.Microsecond}, scaled(shape, load.items, load.mean))
		}
	}
	head("The worst of the seven shapes", "overhead, engines, items")
	for _, h := range []time.Duration{20 * time.Microsecond, 100 * time.Microsecond, time.Millisecond, 8 * time.Millisecond} {
		for _, engines := range []int{1, 2, 8, 64} {
			for _, load := range loads {
				var all [][]float64
				for _, shape := range shapes.All {
					all = append(all, scaled(shape, load.items, load.mean))
				}
				row(fmt.Sprintf("%v, %d, %s", h, engines, load.name), Config{Items: load.items, Engines: engines, Overhead: h}, all...)
			}
		}
	}
	b.WriteString(scaleTable(t))
	const file = "../../../docs/planner.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	shown, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(shown), b.String()); diff != "" {
		t.Errorf("docs/planner.md is not what the simulation gives; look at it, then run go test ./internal/parallel/plan -run TestTable -update\n%s", diff)
	}
}

const preface = `# What the planner does, simulated

A load-balanced view chooses by itself which items travel together; the rules stand in the documentation of package
internal/parallel/plan, whose tests write this file. Each number is the time of a call in virtual time, divided by what nobody can beat: the
overhead of one frame, and then the work divided evenly over the engines, or the longest item. A frame's overhead is what an
idle engine's answer takes beyond its work; a quarter of it occupies the controller, which is one for all engines.

"First call": nothing is known of the function. "Later calls": its mean cost is remembered. "Wrong memory": the
items are a thousand times as dear as those of earlier calls. The others are fixed rules: a share for each engine, as direct views have it, in parts where it takes long; a
quarter of a share in each frame, as Python's multiprocessing.Pool does; one item in each frame, as ipyparallel's load-balanced view does.

Shapes, all with the same mean: uniform; log-normal with a sigma of 1; bimodal, where one item in a hundred costs a hundred times what others do;
rising and falling from zero to twice the mean; a giant last item that is half of all the work; and the post's, a logarithm.
`
