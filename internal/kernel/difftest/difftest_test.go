package difftest

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

var (
	scriptCount = flag.Int("scripts", 40, "how many scripts run")
	firstSeed   = flag.Uint64("seed", 1, "what the scripts are made of")
	onlyScript  = flag.Int("script", -1, "run just this one, and make it smaller if it differs")
)

const (
	cells  = 30 // of a script
	family = 8  // scripts that begin alike, so that the session compiles their first cells once
	shared = 15 // cells with which they do
	batch  = 40 // scripts whose programs are built at once

	shrinking = 5 * time.Minute // how long to look for a smaller script
)

// A difference is a cell that showed something else than the program.
type difference struct {
	script    *script
	cell      int
	got, want string
	why       string // the session's error, where it refused the cell
}

func (d *difference) String() string {
	return fmt.Sprintf("%s\n-- cell %d showed --\n%s%s\n-- the program --\n%s", d.script, d.cell+1, d.got, d.why, d.want)
}

// TestDifferences runs scripts in sessions and as programs. For more of them, or others:
//
//	go test ./internal/kernel/difftest -scripts 1000 -seed 7 -timeout 10h
//
// and to make the one smaller that failed: -seed 7 -script 312.
func TestDifferences(t *testing.T) {
	ctx := t.Context()
	l, err := newLab(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	from, to := 0, *scriptCount
	if *onlyScript >= 0 {
		from, to = *onlyScript, *onlyScript+1
	}
	for ; from < to; from += batch {
		list := make([]*script, min(batch, to-from))
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for i := range list {
			group.Go(func() error {
				list[i] = generate(l.types(), *firstSeed, from+i, (from+i)/family, shared, cells)
				return nil
			})
		}
		group.Wait()
		answers, err := l.answers(ctx, list)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprintf("from%d", from), func(t *testing.T) {
			for i, s := range list {
				t.Run(fmt.Sprint(from+i), func(t *testing.T) {
					t.Parallel()
					if answers[i] == nil {
						t.Skip("as a program, the script does not end")
					}
					d, err := l.compare(ctx, s, answers[i])
					switch {
					case err != nil:
						t.Error(err)
					case d != nil && *onlyScript >= 0:
						t.Errorf("%s", l.smallest(ctx, d))
					case d != nil:
						t.Errorf("cell %d differs; -seed %d -script %d makes the script smaller\n%s\n-- showed --\n%s%s\n-- the program --\n%s",
							d.cell+1, *firstSeed, from+i, s.cells[d.cell].text(), d.got, d.why, d.want)
					}
				})
			}
		})
	}
}

func (l *lab) compare(ctx context.Context, s *script, answers []string) (*difference, error) {
	at, got, why, err := l.inSession(ctx, s, answers)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, s)
	}
	if at < 0 {
		return nil, nil
	}
	return &difference{s, at, got, answers[at], why}, nil
}

// smallest looks for a smaller script that differs.
func (l *lab) smallest(ctx context.Context, d *difference) *difference {
	ctx, cancel := context.WithTimeout(ctx, shrinking)
	defer cancel()
	best := &difference{&script{name: d.script.name, cells: d.script.cells[:d.cell+1]}, d.cell, d.got, d.want, d.why}
	shrink(ctx, best.script, func(s *script) bool {
		answers, err := l.answers(ctx, []*script{s})
		if err != nil || answers[0] == nil {
			return false
		}
		smaller, err := l.compare(ctx, s, answers[0])
		if err != nil || smaller == nil || refused(smaller) != refused(d) {
			return false
		}
		best = smaller
		return true
	})
	return best
}

// refused tells differences apart whose cells do not compile on one side.
func refused(d *difference) bool {
	return strings.Contains(d.got, "refused\n") != strings.Contains(d.want, "refused\n")
}

// TestSharedMemory has closures and pointers that know a variable whose type gets and loses
// methods: it stays the variable that it was, also where a cell declares it once more.
func TestSharedMemory(t *testing.T) {
	ctx := t.Context()
	l, err := newLab(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	says := func(text string) item { return item{true, text} }
	does := func(text string) item { return item{false, text} }
	s := &script{cells: []entry{
		{items: []item{says("const k = 1"), says("type T float64"), says("func (t T) Area() int { return k / 3 }"), says("var v T = 2.5"),
			does("list := []T{1}"), does("f := func() T { return v }"), does("p := &v"), does("g := func() []T { return list }"), does("a := any(&v)")}},
		{items: []item{says(`const k = "gone"`), does("v *= 2")}, last: "f(), *p, v"},
		{items: []item{says("func (t T) Name() string { return \"T\" }"), does("*p += 1"), does("list = append(list, v)")}, last: "f(), v, len(g()), a == any(p)"},
		{items: []item{says("func (t *T) Set() {}"), does("v += 3")}, last: "f(), *p, v"},
		{items: []item{says("func (t T) Other() {}"), says("var v T = 12")}, last: "f(), *p, v"},
	}}
	answers, err := l.answers(ctx, []*script{s})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(answers[0], ""), "=> 5 5 5\n=> 6 6 2 true\n=> 9 9 9\n=> 12 12 12\n"; got != want {
		t.Errorf("the program shows\n%swant\n%s", got, want)
	}
	if d, err := l.compare(ctx, s, answers[0]); err != nil || d != nil {
		t.Error(d, err)
	}
}

// TestShrink leaves of a script what a failure needs.
func TestShrink(t *testing.T) {
	s := &script{}
	for i := range 20 {
		c := entry{last: "1"}
		for k := range 7 {
			c.items = append(c.items, item{text: fmt.Sprintf("x = %d", 10*i+k)})
		}
		s.cells = append(s.cells, c)
	}
	small := shrink(t.Context(), s, func(s *script) bool {
		text := s.String()
		return strings.Contains(text, "x = 31\n") && strings.Contains(text, "x = 36\n") && strings.Contains(text, "x = 174\n")
	})
	if got, want := small.String(), "-- cell 1 --\nx = 31\nx = 36\n-- cell 2 --\nx = 174\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
