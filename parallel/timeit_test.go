package parallel

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/format"
)

// TestTimeitFormat compares with what IPython printed for the same figures.
func TestTimeitFormat(t *testing.T) {
	text, err := os.ReadFile("testdata/timeit.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Times   [][3]any
		Results []struct {
			Runs                        []time.Duration
			Loops, Precision            int
			Average, Stdev, Best, Worst float64
			Text, Report                string
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	for _, g := range golden.Times {
		seconds, precision, want := g[0].(float64), int(g[1].(float64)), g[2].(string)
		if got := format.Time(seconds, precision); got != want {
			t.Errorf("format.Time(%v, %d) = %q, IPython %q", seconds, precision, got, want)
		}
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Abs(b) }
	for _, g := range golden.Results {
		r := newTimeitResult(g.Runs, g.Loops, g.Precision)
		if r.String() != g.Text || r.Report() != g.Report {
			t.Errorf("runs %v of %d:\n%s\nIPython:\n%s", g.Runs, g.Loops, r.Report(), g.Report)
		}
		if !near(r.Average(), g.Average) || math.Abs(r.Stdev()-g.Stdev) > 1e-9*g.Average || !near(r.Best, g.Best) || !near(r.Worst, g.Worst) {
			t.Errorf("runs %v: average, deviation, best, worst = %v, %v, %v, %v, IPython %v, %v, %v, %v",
				g.Runs, r.Average(), r.Stdev(), r.Best, r.Worst, g.Average, g.Stdev, g.Best, g.Worst)
		}
	}
	if len(golden.Times) == 0 || len(golden.Results) == 0 {
		t.Error("the golden file is empty")
	}
}

func TestTimeLoopFindsLoops(t *testing.T) {
	var asked []int
	r := TimeLoop(TimeitOptions{}, func(n int) time.Duration {
		asked = append(asked, n)
		return time.Duration(n) * 30 * time.Microsecond
	})
	want := []int{1, 10, 100, 1000, 10000, 10000, 10000, 10000, 10000, 10000, 10000, 10000}
	if !slices.Equal(asked, want) {
		t.Errorf("loops asked for: %v, want %v", asked, want)
	}
	if got, want := r.GoString(), "<TimeitResult : 30 μs ± 0 ns per loop (mean ± std. dev. of 7 runs, 10,000 loops each)>"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(r.AllRuns) != 7 || r.AllRuns[0] != 300*time.Millisecond || len(r.Timings) != 7 {
		t.Errorf("AllRuns = %v, Timings = %v", r.AllRuns, r.Timings)
	}
}

func TestTimeLoopEndsWithAStatementOfNoTime(t *testing.T) {
	r := TimeLoop(TimeitOptions{Repeat: 1}, func(int) time.Duration { return 0 })
	if r.Loops != 1_000_000_000 || r.Repeat != 1 {
		t.Errorf("%d loops, %d runs; want 10⁹ loops, 1 run", r.Loops, r.Repeat)
	}
}

func TestTimeit(t *testing.T) {
	calls := 0
	r := Timeit(func() { calls++ }, Loops(5), Repeat(2), Precision(1))
	if calls != 10 || r.Loops != 5 || r.Repeat != 2 || len(r.AllRuns) != 2 {
		t.Errorf("%d calls, %d loops, %d runs; want 10, 5, 2", calls, r.Loops, r.Repeat)
	}
	if r.Best <= 0 || r.Best > r.Average() || r.Average() > r.Worst {
		t.Errorf("best %v, average %v, worst %v are out of order", r.Best, r.Average(), r.Worst)
	}
}
