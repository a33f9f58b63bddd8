package parallel

import (
	"flag"
	"testing"
	"time"
)

var farEngines = flag.Int("far-engines", 24, "how many engines TestManyFarEngines starts")

// TestManyFarEngines: engines of nodes, with a connection of TLS each, start at once, are given a value, and work through a million items. Figures are printed with -v.
func TestManyFarEngines(t *testing.T) {
	begin := time.Now()
	rc := start(t, *farEngines, On(Command{EnginesPerNode: 64}))
	t.Logf("%d engines of %d nodes are there after %v", *farEngines, (*farEngines+63)/64, time.Since(begin).Round(time.Millisecond))
	begin = time.Now()
	if err := rc.All().Push("wide", make([]float64, 1<<17)); err != nil {
		t.Fatal(err)
	}
	t.Logf("1 MB to all: %v", time.Since(begin).Round(time.Millisecond))
	xs := make([]int, 1_000_000)
	for i := range xs {
		xs[i] = i
	}
	for range 2 {
		r := rc.LoadBalanced().Map(squared, xs)
		ys, err := r.Get()
		if err != nil || len(ys) != len(xs) {
			t.Fatal(len(ys), err)
		}
		for i, y := range ys {
			if y != i*i {
				t.Fatalf("item %d became %d", i, y)
			}
		}
		e := r.Explain()
		t.Logf("10⁶ items: %v, in %d frames", e.Elapsed.Round(time.Millisecond), e.Frames)
	}
}
