package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goparallel/goparallel/bench/internal/measure"
)

// typed are texts with a cursor, |, in a notebook that uses gonum.
var typed = []string{
	"mat.NewD|", "m.Mu|", "pl|", "p := plot.New()\np.Ti|", "line, err := plotter.NewL|",
	"plotter.Line{|", "optimize := bytes.NewB|", "p := plot.New()\nline, err := := 3\np.Ad|",
}

// displays is how many a cell shows for one figure.
const displays = 1000

// measureComfort measures what somebody waits for who writes in a notebook that has
// imported gonum: completions and documentation, many displays, and the first cell of a
// session that was just opened beside the ones after it.
func measureComfort(ctx context.Context, rounds int) (s measure.Samples, err error) {
	s = measure.Samples{}
	n, err := openNotebook(ctx, "import (\"gonum.org/v1/gonum/mat\"; \"gonum.org/v1/plot\"; \"gonum.org/v1/plot/plotter\")\nm := mat.NewDense(10, 10, nil)\n_, _ = plot.New(), plotter.XYs{}")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.r.Close()) }()
	for round := range rounds {
		for _, text := range typed {
			before, after, _ := strings.Cut(strings.Repeat("\n", round)+text, "|") // a text that is new
			began := time.Now()
			if len(n.r.Complete(ctx, before+after, len([]rune(before))).Items) == 0 {
				return nil, fmt.Errorf("nothing completes %q", text)
			}
			s["complete"] = append(s["complete"], time.Since(began).Seconds())
		}
		for _, name := range []string{"mat.NewDense", "plot.New", "plotter.NewLine", "m.Mul", "strings.Split", "fmt.Println"} {
			code := strings.Repeat("\n", round) + name
			began := time.Now()
			if !n.r.Inspect(ctx, code, len([]rune(code)), 0).Found {
				return nil, fmt.Errorf("nothing documents %s", name)
			}
			s["inspect"] = append(s["inspect"], time.Since(began).Seconds())
		}
		seconds, _, err := n.run(ctx, fmt.Sprintf("for i := range %d {\n\tdisplay.HTML(fmt.Sprint(\"<b>\", i, %d, \"</b>\"))\n}", displays, round))
		if err != nil {
			return nil, err
		}
		s["displays"] = append(s["displays"], seconds)
	}
	for range rounds {
		first, ordinary, err := measureOpening(ctx)
		if err != nil {
			return nil, err
		}
		s["opening_cell"], s["ordinary_cell"] = append(s["opening_cell"], first), append(s["ordinary_cell"], ordinary)
	}
	return s, nil
}

// measureOpening runs two cells that are new in a session that was just opened, each of
// which shows a value.
func measureOpening(ctx context.Context) (first, ordinary float64, err error) {
	unique := time.Now().UnixNano()
	n, err := openNotebook(ctx, fmt.Sprintf("fmt.Sprint(1, %d)", unique))
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, n.r.Close()) }()
	if ordinary, _, err = n.run(ctx, fmt.Sprintf("fmt.Sprint(2, %d)", unique)); err != nil {
		return 0, 0, err
	}
	return n.first, ordinary, nil
}
