package difftest

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"
)

var (
	scriptCount = flag.Int("scripts", 40, "how many scripts run")
	firstSeed   = flag.Uint64("seed", 1, "what the scripts are made of")
	onlyScript  = flag.Int("script", -1, "run just this one, and make it smaller if it fails")
	cellCount   = flag.Int("cells", 30, "how many cells a script has")
	shrinking   = flag.Duration("shrink", 3*time.Minute, "how long to look for a smaller script")
	printing    = flag.Bool("print", false, "print the scripts and what their programs show, and run no session")
)

const (
	family = 4  // scripts that begin alike
	shared = 15 // cells with which they do
	batch  = 40 // scripts whose programs are built at once
)

// A difference is a cell that showed something else than the program.
type difference struct {
	script    *script
	cell      int
	got, want string
}

func (d *difference) String() string {
	return fmt.Sprintf("%s\n-- cell %d showed --\n%s\n-- the program --\n%s", d.script, d.cell+1, d.got, d.want)
}

// TestDifferences runs scripts in sessions and as programs. For more of them, or others:
//
//	go test ./kernel/difftest -scripts 1000 -seed 7 -timeout 10h
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
		var list []*script
		for i := from; i < min(from+batch, to); i++ {
			list = append(list, generate(l.importer, *firstSeed, i, i/family, shared, *cellCount, features{inits: true}))
		}
		answers, err := l.answers(ctx, list)
		if err != nil {
			t.Fatal(err)
		}
		if *printing {
			for i, s := range list {
				for n, c := range s.cells {
					t.Logf("-- script %s, cell %d --\n%s\n-- shows --\n%s", s.name, n+1, c.text(), answers[i][n])
				}
			}
			continue
		}
		t.Run(fmt.Sprintf("from%d", from), func(t *testing.T) {
			for i, s := range list {
				t.Run(fmt.Sprint(from+i), func(t *testing.T) {
					t.Parallel()
					d, err := l.compare(ctx, s, answers[i])
					switch {
					case err != nil:
						t.Error(err)
					case d != nil && *onlyScript >= 0:
						t.Errorf("%s", l.smallest(ctx, d))
					case d != nil:
						t.Errorf("cell %d differs; -seed %d -script %d makes the script smaller\n%s\n-- showed --\n%s\n-- the program --\n%s",
							d.cell+1, *firstSeed, from+i, s.cells[d.cell].text(), d.got, d.want)
					}
				})
			}
		})
	}
}

func (l *lab) compare(ctx context.Context, s *script, answers []string) (*difference, error) {
	at, got, err := l.inSession(ctx, s, answers)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, s)
	}
	if at < 0 {
		return nil, nil
	}
	return &difference{s, at, got, answers[at]}, nil
}

// smallest looks for a smaller script that differs.
func (l *lab) smallest(ctx context.Context, d *difference) *difference {
	ctx, cancel := context.WithTimeout(ctx, *shrinking)
	defer cancel()
	best := &difference{&script{name: d.script.name, cells: d.script.cells[:d.cell+1]}, d.cell, d.got, d.want}
	shrink(ctx, best.script, func(s *script) bool {
		answers, err := l.answers(ctx, []*script{s})
		if err != nil {
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
