package parallel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// ramp returns n numbers that differ.
func ramp(n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = float64(i) + 0.5
	}
	return xs
}

// same compares slices without DeepEqual's price.
func same(t testing.TB, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d numbers, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("number %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// doubleXs doubles what is kept under "xs", in place.
func doubleXs() (int, error) {
	xs, err := Get[[]float64]("xs")
	for i := range xs {
		xs[i] *= 2
	}
	return len(xs), err
}

// keepSum keeps the sum of "xs" under "sum".
func keepSum() (int, error) {
	xs, err := Get[[]float64]("xs")
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return len(xs), errors.Join(err, Set("sum", sum))
}

// getMissing returns what Get says.
func getMissing() (string, error) {
	_, err := Get[int]("nowhere")
	return fmt.Sprint(err), nil
}

func init() { Register(doubleXs, keepSum, getMissing) }

type place struct {
	Name   string
	coords []float64
	tags   map[string][]int
}

func TestPushAndPullValuesOfAllSizes(t *testing.T) {
	rc := start(t, 2)
	all := rc.All()
	for _, n := range []int{0, 1, 1000, 5000, 70_000, 1 << 17, 3<<20 + 1} {
		xs := ramp(n)
		if err := all.Push("xs", xs); err != nil {
			t.Fatal(n, err)
		}
		for range 2 { // before and after an engine has decoded it
			back, err := all.Pull[[]float64]("xs")
			if err != nil || len(back) != 2 {
				t.Fatal(n, err)
			}
			same(t, back[0], xs)
			same(t, back[1], xs)
			if _, err := all.ApplyErrSync(keepSum); err != nil {
				t.Fatal(err)
			}
		}
		sums, err := all.Pull[float64]("sum")
		if want := float64(n) * float64(n) / 2; err != nil || sums[0] != want || sums[1] != want {
			t.Fatal(sums, want, err)
		}
	}
	here := place{"x", ramp(100_000), map[string][]int{"a": {1, 2}}}
	if err := all.Push("here", here); err != nil {
		t.Fatal(err)
	}
	there, err := all.Pull[place]("here")
	if err != nil || there[1].Name != "x" || there[1].tags["a"][1] != 2 {
		t.Fatal(there, err)
	}
	same(t, there[0].coords, here.coords)
}

func TestEnginesChangeTheirOwnCopies(t *testing.T) {
	rc := start(t, 2)
	for _, n := range []int{1000, 1 << 20} {
		xs := ramp(n)
		if err := rc.All().Push("xs", xs); err != nil {
			t.Fatal(err)
		}
		if _, err := rc.Targets(1).ApplyErrSync(doubleXs); err != nil {
			t.Fatal(err)
		}
		same(t, xs, ramp(n))
		back, err := rc.All().Pull[[]float64]("xs")
		if err != nil {
			t.Fatal(err)
		}
		same(t, back[0], xs)
		for i := range xs {
			if back[1][i] != 2*xs[i] {
				t.Fatal(i, back[1][i])
			}
		}
		back[0][0] = -1 // what was pulled is the caller's
		again, err := rc.All().Pull[[]float64]("xs")
		if err != nil {
			t.Fatal(err)
		}
		same(t, again[0], xs)
	}
}

func TestScatterAndGather(t *testing.T) {
	rc := start(t, 3)
	for _, n := range []int{0, 2, 10, 1_000_003} {
		xs := ramp(n)
		if err := rc.All().Scatter("xs", xs); err != nil {
			t.Fatal(err)
		}
		shares, err := rc.All().Pull[[]float64]("xs")
		if err != nil {
			t.Fatal(err)
		}
		if n == 10 && (len(shares[0]) != 4 || len(shares[1]) != 3 || len(shares[2]) != 3) {
			t.Error(shares)
		}
		if _, err := rc.All().ApplyErrSync(doubleXs); err != nil {
			t.Fatal(err)
		}
		back, err := rc.All().Gather[float64]("xs")
		if err != nil {
			t.Fatal(err)
		}
		for i := range xs {
			xs[i] *= 2
		}
		same(t, back, xs)
	}
	words := strings.Fields("the quick brown fox jumps")
	if err := rc.Targets(2, 0).Scatter("words", words); err != nil {
		t.Fatal(err)
	}
	back, err := rc.Targets(2, 0).Gather[string]("words")
	if err != nil || strings.Join(back, " ") != strings.Join(words, " ") {
		t.Error(back, err)
	}
}

func TestValuesThatAreNotThereAreErrorsByName(t *testing.T) {
	rc := start(t, 2)
	all := rc.All()
	if err := rc.Targets(0).Push("x", 1); err != nil {
		t.Fatal(err)
	}
	xs, err := all.Pull[int]("x")
	var re *RemoteError
	if !errors.As(err, &re) || re.Engine != 1 || !strings.Contains(err.Error(), `engine 1 has no value "x": push or set it first`) {
		t.Error(err)
	}
	if len(xs) != 2 || xs[0] != 1 || xs[1] != 0 {
		t.Error(xs)
	}
	for want, err := range map[string]error{
		`the value "x" is of type int, not float64`:    second(rc.Targets(0).Pull[float64]("x")),
		`the value for "c" cannot travel: chan int is`: all.Push("c", make(chan int)),
		"func() is a function":                         second(all.Pull[func()]("x")),
		"there is no engine 7":                         rc.Targets(7).Push("x", 1),
		"this process, which is no engine, has no":     second(Get[int]("x")),
		"could not be pulled":                          Set("c", make(chan int)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	said, err := all.ApplyErrSync(getMissing)
	if err != nil || said[1] != `engine 1 has no value "nowhere": push or set it first` {
		t.Error(said, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := all.Push("x", 2, WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestAnEngineThatWasStartedAgainHasWhatWasPushed loses one engine of two.
func TestAnEngineThatWasStartedAgainHasWhatWasPushed(t *testing.T) {
	for _, options := range [][]StartOption{nil, {TLS()}} {
		var out buffer
		rc := start(t, 2, append(options, Output(&out, &out))...)
		all := rc.All()
		xs := ramp(200_000)
		if err := errors.Join(all.Push("xs", xs), all.Push("name", "first"), all.Push("name", "n"), all.Scatter("ys", xs), all.Push("large", ramp(3<<20))); err != nil {
			t.Fatal(err)
		}
		if _, err := all.ApplyErrSync(keepSum); err != nil { // sets "sum"
			t.Fatal(err)
		}
		before := rc.Pid(1)
		killEngine(rc, 1)
		for end := time.Now().Add(20 * time.Second); rc.Pid(1) == before || rc.Pid(1) == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("engine 1 was not started again")
			}
		}
		shares, err := all.Pull[[]float64]("xs")
		if err != nil {
			t.Fatal(err)
		}
		same(t, shares[1], xs)
		if names, err := all.Pull[string]("name"); err != nil || names[1] != "n" {
			t.Error(names, err)
		}
		if ys, err := all.Gather[float64]("ys"); err != nil {
			t.Error(err)
		} else {
			same(t, ys, xs)
		}
		_, err = all.Pull[[]float64]("large")
		if err == nil || !strings.Contains(err.Error(), `engine 1 has no value "large": its process ended and was started again`) {
			t.Error(err)
		}
		want := "[parallel] engine 1 was started again; it has what was pushed as \"name\", \"xs\", \"ys\", without what functions changed in it; " +
			"what was pushed as \"large\" is lost, because it was too large to be kept: push it again\n"
		if text := out.take(); text != want {
			t.Errorf("%q, want %q", text, want)
		}
	}
}

func TestEnginesByTLS(t *testing.T) {
	rc := start(t, 2, TLS())
	xs := ramp(1 << 20)
	if err := rc.All().Push("xs", xs); err != nil {
		t.Fatal(err)
	}
	before := rc.Pid(0)
	killEngine(rc, 0)
	ys, err := rc.All().MapSync(half, xs)
	if err != nil {
		t.Fatal(err)
	}
	for i, y := range ys {
		if y != xs[i]/2 {
			t.Fatal(i, y)
		}
	}
	if rc.Pid(0) == before {
		t.Error("the engine was not started again")
	}
	back, err := rc.Targets(1).Pull[[]float64]("xs")
	if err != nil {
		t.Fatal(err)
	}
	same(t, back[0], xs)
}

// TestWhatIsPushedAgainAndAgain replaces values that a replaced engine would be given: their
// memory is used again, and never by a value that somebody still has to get.
func TestWhatIsPushedAgainAndAgain(t *testing.T) {
	rc := start(t, 2, Output(io.Discard, io.Discard))
	xs := make([]int, 1<<19) // 4 MB
	for round := range 60 {
		for i := range xs {
			xs[i] = round
		}
		if round%15 == 7 {
			defer time.AfterFunc(time.Duration(round)*100*time.Microsecond, func() { killEngine(rc, round%2) }).Stop()
		}
		if err := rc.All().Push("xs", xs); err != nil {
			t.Fatal(err)
		}
		clear(xs) // nobody may see this
		shares, err := rc.All().Pull[[]int]("xs")
		if err != nil {
			t.Fatal(err)
		}
		for id, share := range shares {
			if slices.ContainsFunc(share, func(x int) bool { return x != round }) || len(share) != len(xs) {
				t.Fatalf("engine %d has other values than those of round %d", id, round)
			}
		}
		if n := segments(t); n > 30 {
			t.Fatalf("%d pieces of shared memory after %d pushes", n, round)
		}
	}
}

// TestEnginesKilledWithinLargeTransfers kills engines while values of many
// megabytes are on their way. Everything has to arrive, or to fail by name, and
// nothing may be left.
func TestEnginesKilledWithinLargeTransfers(t *testing.T) {
	rc := start(t, 2)
	xs := ramp(8 << 20)
	for round := range 10 {
		stop := time.AfterFunc(time.Duration(round)*2*time.Millisecond, func() { killEngine(rc, round%2) })
		if err := rc.All().Push("xs", xs); err != nil {
			t.Fatal(round, err)
		}
		shares, err := rc.All().Pull[[]float64]("xs")
		if err != nil && !strings.Contains(err.Error(), "its process ended and was started again") {
			t.Fatal(round, err)
		}
		for _, share := range shares {
			if share != nil {
				same(t, share, xs)
			}
		}
		stop.Stop()
	}
	runtime.GC()
}

func BenchmarkPush(b *testing.B) {
	rc := start(b, 2)
	for _, n := range []int{1 << 10, 1 << 16, 1 << 20, 8 << 20} {
		xs := ramp(n)
		b.Run(fmt.Sprint(8*n), func(b *testing.B) {
			b.SetBytes(int64(8 * n))
			for range b.N {
				if err := rc.Targets(0).Push("xs", xs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPull(b *testing.B) {
	rc := start(b, 2)
	for _, n := range []int{1 << 10, 1 << 16, 1 << 20, 8 << 20} {
		if err := rc.All().Push("xs", ramp(n)); err != nil {
			b.Fatal(err)
		}
		if _, err := rc.All().ApplyErrSync(doubleXs); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(8*n), func(b *testing.B) {
			b.SetBytes(int64(8 * n))
			for range b.N {
				if _, err := rc.Targets(0).Pull[[]float64]("xs"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
