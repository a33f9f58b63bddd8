package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/goparallel/goparallel/bench/internal/measure"
)

// settle is how many cells of a day run before the first that is measured, and
// probes how many plain ones are measured there and at the end.
const (
	settle = 10
	probes = 15
)

// measureDay works through a long day in one notebook: functions and types that
// are declared again and again, maps that grow, new variables, goroutines and
// interrupts. Between them it measures what a new cell takes and what both
// processes hold, at the beginning and at the end.
func measureDay(ctx context.Context, cells int) (s measure.Samples, err error) {
	n, err := openNotebook(ctx, "import (\n\t\"fmt\"\n\t\"sort\"\n\t\"strings\"\n)\nx, counts := 1, map[string]int{}")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.r.Close()) }()
	s = measure.Samples{}
	unique := time.Now().UnixNano()
	probe := func(name string) error {
		for i := range probes {
			seconds, _, err := n.run(ctx, fmt.Sprintf("x = x + %d\nfmt.Sprint(x, %d, %q)", i, unique, name))
			if err != nil {
				return err
			}
			s["day_"+name] = append(s["day_"+name], seconds)
		}
		memory := resident(os.Getpid())
		for _, pid := range children(os.Getpid()) {
			memory += resident(pid)
		}
		s["day_"+name+"_memory"] = []float64{memory}
		return nil
	}
	for i := range cells {
		if i == settle {
			if err := probe("first"); err != nil {
				return nil, err
			}
		}
		if i%50 == 40 {
			took, err := n.interrupt(ctx, fmt.Sprintf("for { x++; counts[\"%d\"]++ }", i))
			if err != nil {
				return nil, err
			}
			s["day_interrupt"] = append(s["day_interrupt"], took)
			continue
		}
		if _, _, err := n.run(ctx, dayCell(i)); err != nil {
			return nil, err
		}
	}
	return s, probe("last")
}

// dayCell is one cell of the day. Those of one kind declare the same names.
func dayCell(i int) string {
	switch i % 5 {
	case 0:
		return fmt.Sprintf("func rate(v int) int { return v*%d + x%%7 }\nx = rate(x) %% 1000\nfmt.Sprint(x)", i)
	case 1:
		return fmt.Sprintf("type dog struct{ name string; age%d int }\nfunc (d dog) String() string { return strings.ToUpper(d.name) }\nrex := dog{name: \"rex%d\"}\nfmt.Sprint(rex)", i/5%3, i)
	case 2:
		return fmt.Sprintf("for i := range 100 { counts[fmt.Sprint(i, %d)] = rate(i) }\nif len(counts) > 2000 { clear(counts) }\nlen(counts)", i)
	case 3:
		return fmt.Sprintf("names%d := []string{rex.name, \"b\", \"a\"}\nsort.Slice(names%d, func(i, j int) bool { return names%d[i] < names%d[j] })\nnames%d[0]", i%100, i%100, i%100, i%100, i%100)
	default:
		return fmt.Sprintf("done := make(chan int)\ngo func() { defer close(done); done <- rate(%d) }()\n<-done", i)
	}
}

// interrupt runs a cell that would never end, interrupts it, and returns how long
// it took to end then.
func (n *notebook) interrupt(ctx context.Context, code string) (float64, error) {
	var asked time.Time
	timer := time.AfterFunc(300*time.Millisecond, func() {
		asked = time.Now()
		n.r.Interrupt()
	})
	defer timer.Stop()
	if _, _, err := n.run(ctx, code); err == nil {
		return 0, fmt.Errorf("an endless loop has ended:\n%s", code)
	}
	return time.Since(asked).Seconds(), nil
}
