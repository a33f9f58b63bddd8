package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/bench/internal/measure"
)

func TestGoals(t *testing.T) {
	ours := NewLine("ours", "", []float64{0.011, 0.010, 0.012})
	theirs := NewLine("theirs", "", []float64{0.022, 0.020, 0.024})
	for _, c := range []struct {
		goal    Goal
		reached float64
		met     bool
	}{
		{Faster("", 1.5, ours, theirs), 2, true},
		{Faster("", 2.5, ours, theirs), 2, false},
		{AtMost("", 0.6, ours, theirs), 0.5, true},
		{AtMost("", 0.4, ours, theirs), 0.5, false},
	} {
		if c.goal.Reached != c.reached || c.goal.Met() != c.met || c.goal.Open() || c.goal.Missing != "" {
			t.Errorf("%+v", c.goal)
		}
	}
	absent := Section{Lines: []Line{ours}}.Line("Dask", "map")
	if g := Faster("", 2, ours, absent); g.Met() || !strings.Contains(g.Missing, "Dask") {
		t.Errorf("a goal without its peer: %+v", g)
	}
	noisy := NewLine("noisy", "", []float64{0.001, 0.02, 0.5})
	if g := Faster("", 1.5, ours, noisy); !g.Open() {
		t.Errorf("of rounds that differ: %+v", g)
	}
}

func TestMarkdown(t *testing.T) {
	ours := NewLine("ours", "default", []float64{0.010, 0.010, 0.010})
	theirs := NewLine("theirs", "best", []float64{0.025, 0.025, 0.025})
	r := Report{
		Machine: measure.ThisMachine(), Quick: true,
		Versions: map[string]string{"theirs": "7.1.0"}, Out: map[string]string{"Dask": "it is not installed\nand more"},
		Sections: []Section{{
			Name: "empty", Title: "An empty call", Lines: []Line{ours, theirs},
			Data:   []Line{NewLine("hidden", "", []float64{1})},
			Goals:  []Goal{Faster("times faster", 2, ours, theirs), AtMost("times", 0.1, ours, theirs)},
			Tables: []Table{{Title: "More", Words: 1, Head: []string{"a", "b"}, Rows: [][]string{{"x", "1"}}}},
			Notes:  []string{"a note"},
		}},
	}
	folder := filepath.Join(t.TempDir(), "results")
	if err := r.Write(folder); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, r.File("peers", "md")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"## An empty call", "A quick run", "- theirs: 7.1.0", "- Dask was left out: it is not installed\n",
		"| contestant | setting | median |", "| theirs     | best    |  25 ms | 25 ms – 25 ms |    2.50 |",
		"| times faster | ≥ 2.00 |    2.50 | 2.50 – 2.50 |    met |", "| times        | ≤ 0.10 |    0.40 | 0.40 – 0.40 | missed |",
		"\nMore\n\n| a  |  b |\n|:---|---:|\n| x  |  1 |\n", "\n- a note\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "hidden") {
		t.Errorf("data are in the tables:\n%s", text)
	}
	data, err := os.ReadFile(filepath.Join(folder, r.File("peers", "json")))
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(data, &back); err != nil || back.Sections[0].Line("theirs", "best").Median != 0.025 || back.Sections[0].Data[0].Contestant != "hidden" {
		t.Errorf("%v: %+v", err, back)
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{0.456: "0.46", 2: "2.00", 12.34: "12.3", 123.4: "123", 12345: "12345"} {
		if got := Number(x); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}
