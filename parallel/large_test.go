package parallel

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// lookup is a large variable that functions read, as those of a session do.
var lookup []float64

// lookUp returns a number of the table, and spoils it on the engine.
func lookUp(i int) float64 {
	x := lookup[i]
	lookup[i] = -1
	return x
}

func init() {
	registry.Var("lookup", &lookup)
	registry.Func(registry.Info{Name: "s.lookUp", Reads: []string{"lookup"}}, lookUp, registry.Fn1R(lookUp))
}

// segments counts the pieces of shared memory that this process has open.
func segments(t testing.TB) (n int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if to, _ := os.Readlink("/proc/self/fd/" + entry.Name()); strings.HasPrefix(to, "/memfd:goparallel-values") {
			n++
		}
	}
	return n
}

func TestALargeVariableIsInMemoryOnceForAllEngines(t *testing.T) {
	rc := start(t, 3)
	before := segments(t)
	defer func() { lookup = nil }()
	ask := func(want float64, pieces int) {
		t.Helper()
		ys, err := rc.All().MapSync(lookUp, []int{5, 6, 1 << 19})
		if err != nil || ys[0] != want+5 || ys[2] != want+1<<19 {
			t.Fatal(ys, err)
		}
		if n := segments(t) - before; n != pieces {
			t.Errorf("%d pieces of shared memory, want %d", n, pieces)
		}
	}
	lookup = ramp(1 << 20)
	ask(0.5, 1)
	if lookup[5] != 5.5 {
		t.Error("an engine changed the variable here")
	}
	// The same content, elsewhere in memory: nothing is sent. An engine keeps what
	// functions have done to its variable.
	lookup = ramp(1 << 20)
	ys, err := rc.All().MapSync(lookUp, []int{7, 8, 9})
	if err != nil || ys[0] != 7.5 || segments(t)-before != 1 {
		t.Error(ys, err, segments(t)-before)
	}
	if ys, err = rc.All().MapSync(lookUp, []int{5, 6, 1 << 19}); err != nil || ys[0] != -1 || ys[2] != -1 {
		t.Error(ys, err)
	}
	lookup[0]++
	ask(0.5, 2)
	lookup[0]-- // engines go back to what they have, as it came
	ask(0.5, 2)

	// An engine that was started again gets it again, without another copy.
	pid := rc.Pid(1)
	killEngine(rc, 1)
	for end := time.Now().Add(20 * time.Second); rc.Pid(1) == pid || rc.Pid(1) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("engine 1 was not started again")
		}
	}
	if ys, err = rc.Targets(1).MapSync(lookUp, []int{70}); err != nil || ys[0] != 70.5 || segments(t)-before != 2 {
		t.Error(ys, err, segments(t)-before)
	}
}

// TestLargeItemsAndResults: memory within items and results travels like pushed
// values, and belongs to who received it.
func TestLargeItemsAndResults(t *testing.T) {
	for name, options := range map[string][]StartOption{"shared memory": nil, "TLS": {TLS()}} {
		t.Run(name, func(t *testing.T) {
			rc := start(t, 2, options...)
			for _, n := range []int{10, 5000, 200_000} {
				rows := make([][]float64, 7)
				for i := range rows {
					rows[i] = ramp(n + i)
				}
				for _, chunk := range []int{1, 3} {
					got, err := rc.LoadBalanced().MapErrSync(reversed, rows, ChunkSize(chunk))
					if n == 10 && err != nil || n != 10 && (err == nil || !strings.Contains(err.Error(), "item 3")) {
						t.Fatal(n, err)
					}
					for i, row := range got {
						if i == 3 && n != 10 {
							continue // it failed
						}
						for k, x := range row {
							if x != rows[i][len(row)-1-k] {
								t.Fatalf("row %d of %d, number %d: %v", i, n, k, x)
							}
						}
						row[0] = 0 // it can be written to
					}
				}
			}
		})
	}
}

// reversed turns a row round in place, and fails for some.
func reversed(row []float64) ([]float64, error) {
	if len(row) > 100 && len(row)%10 == 3 {
		return nil, fmt.Errorf("no row of %d", len(row))
	}
	for i, k := 0, len(row)-1; i < k; i, k = i+1, k-1 {
		row[i], row[k] = row[k], row[i]
	}
	return row, nil
}

func init() { Register(reversed) }

// BenchmarkLargeVariable is a call that reads 64 MB which engines have: what it
// costs to find that out.
func BenchmarkLargeVariable(b *testing.B) {
	rc := start(b, 2)
	defer func() { lookup = nil }()
	lookup = ramp(8 << 20)
	b.SetBytes(64 << 20)
	for range b.N {
		if _, err := rc.All().MapSync(lookUp, []int{1, 2}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestLargeTransfersOfManyCallers: everything arrives whatever overlaps, and in the
// end nobody keeps shared memory that nobody uses.
func TestLargeTransfersOfManyCallers(t *testing.T) {
	rc := start(t, 2)
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	var callers sync.WaitGroup
	for caller := range 4 {
		callers.Go(func() {
			name := fmt.Sprint("xs", caller)
			for round := range rounds {
				xs := ramp(60_000 + 70_001*caller + 30_000*round)
				if err := rc.All().Push(name, xs); err != nil {
					t.Error(err)
					return
				}
				ys, err := rc.LoadBalanced().MapSync(half, xs)
				if err != nil || ys[len(ys)-1] != xs[len(xs)-1]/2 || ys[0] != 0.25 {
					t.Error(err)
					return
				}
				back, err := rc.All().Pull[[]float64](name)
				if err != nil || len(back[1]) != len(xs) || back[1][len(xs)-1] != xs[len(xs)-1] || back[0][0] != 0.5 {
					t.Error(err)
					return
				}
				if err := rc.All().Scatter(name, xs); err != nil {
					t.Error(err)
					return
				}
				if all, err := rc.All().Gather[float64](name); err != nil || len(all) != len(xs) || all[len(xs)-1] != xs[len(xs)-1] {
					t.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	for caller := range 4 {
		if err := rc.All().Push(fmt.Sprint("xs", caller), []float64{1}); err != nil {
			t.Fatal(err)
		}
	}
	// What is not in use goes after a while.
	for end := time.Now().Add(30 * time.Second); segments(t) > 0; time.Sleep(100 * time.Millisecond) {
		runtime.GC()
		if _, err := rc.All().ApplySync(collect); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(end) {
			t.Fatal(segments(t), "pieces of shared memory are left")
		}
	}
}

// collect collects garbage on an engine.
func collect() int { runtime.GC(); return 0 }

func init() { Register(collect) }
