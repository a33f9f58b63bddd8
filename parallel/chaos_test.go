package parallel

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// runCounted is an item that takes 10 ms, and notes in a file that it runs.
var runCounted = Func("counted", func(c countedItem) int {
	if f, err := os.OpenFile(c.File, os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
		f.Write([]byte{0})
		f.Close()
	}
	time.Sleep(10 * time.Millisecond)
	return c.X
})

type countedItem struct {
	X    int
	File string
}

// TestKillsCostLittle kills an engine every half second: little of what it had done may run again.
func TestKillsCostLittle(t *testing.T) {
	rc := start(t, 2)
	for name, view := range map[string]*View{"direct": &rc.All().View, "load-balanced": &rc.LoadBalanced().View} {
		file := filepath.Join(t.TempDir(), "runs")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		items, want := make([]countedItem, 600), make([]int, 600)
		for i := range items {
			items[i], want[i] = countedItem{i, file}, i
		}
		stop := make(chan struct{})
		var killer sync.WaitGroup
		kills := 0
		killer.Go(func() {
			for id := 0; ; id = 1 - id {
				select {
				case <-stop:
					return
				case <-time.After(500 * time.Millisecond):
					killEngine(rc, id)
					kills++
				}
			}
		})
		ys, err := view.MapSync(runCounted, items)
		close(stop)
		killer.Wait()
		if err != nil || !slices.Equal(ys, want) {
			t.Fatal(name, err)
		}
		runs, err := os.Stat(file)
		if err != nil || kills == 0 || float64(runs.Size()) > 1.3*float64(len(items)) {
			t.Errorf("%s: %d items ran %d times with %d kills %v", name, len(items), runs.Size(), kills, err)
		}
		t.Logf("%s: %d items ran %d times with %d kills", name, len(items), runs.Size(), kills)
	}
}

// The number of random runs, and where they begin. 50 take less than a minute; for a thousand:
//
//	go test ./parallel -run TestChaos -chaos 1000 -chaos-seed 7 -timeout 1h
var (
	chaosRuns = flag.Int("chaos", 50, "how many runs of TestChaos")
	chaosSeed = flag.Uint64("chaos-seed", 1, "the seed of the first one; that of each other is one more")
)

// chaosItem is an item that may do something to its engine, once.
type chaosItem struct {
	X    int
	Act  string
	File string // exists once the item has begun
	Pad  []byte
}

var chaotic = FuncErr("chaotic", func(c chaosItem) (int, error) {
	first := false
	if c.Act != "" && c.Act != "error" {
		f, err := os.OpenFile(c.File, os.O_CREATE|os.O_EXCL, 0o600)
		if first = err == nil; first {
			f.Close()
		}
	}
	switch {
	case c.Act == "error":
		return 0, fmt.Errorf("item %d", c.X)
	case first && c.Act == "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case first && c.Act == "segfault":
		syscall.Kill(os.Getpid(), syscall.SIGSEGV)
	case first && c.Act == "exit":
		os.Exit(9)
	case first && c.Act == "stop":
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case first && c.Act == "sleep":
		time.Sleep(20 * time.Millisecond)
	}
	return c.X + len(c.Pad), nil
})

// TestChaos does to engines, and to what they say, whatever can happen, at random: the results are those of a
// loop, in order, each item arrives once, and nothing is left behind.
func TestChaos(t *testing.T) {
	for seed := *chaosSeed; seed < *chaosSeed+uint64(*chaosRuns); seed++ {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { chaos(t, seed) }) {
			t.Fatalf("again: go test ./parallel -run TestChaos -chaos 1 -chaos-seed %d", seed)
		}
	}
}

func chaos(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	meddled := random.IntN(3) == 0
	if meddled {
		t.Setenv("TEST_MEDDLE", fmt.Sprint(seed))
	}
	rc := start(t, 2, Output(io.Discard, io.Discard))
	dir := t.TempDir()
	stop := make(chan struct{})
	var outside sync.WaitGroup
	if kind := random.IntN(4); kind < 3 {
		again := rand.New(rand.NewPCG(seed, 2))
		outside.Go(func() { torment(rc, again, kind, stop) })
	}
	for call := range 3 {
		n := 1 + random.IntN(400)
		items := make([]chaosItem, n)
		pad := 0
		if !meddled && random.IntN(3) == 0 {
			pad = random.IntN(4 << 10)
		}
		failing := map[int]bool{}
		for i := range items {
			items[i] = chaosItem{X: i, Pad: make([]byte, pad)}
			if random.IntN(n) < 3 {
				items[i].Act = []string{"kill", "segfault", "exit", "stop", "sleep", "error"}[random.IntN(6)]
				if items[i].Act == "stop" && random.IntN(4) > 0 {
					items[i].Act = "sleep" // what was stopped is noticed in a second and a half
				}
				items[i].File = filepath.Join(dir, fmt.Sprint(call, "-", i))
				failing[i] = items[i].Act == "error"
			}
		}
		view, direct := &rc.LoadBalanced().View, random.IntN(2) == 0
		if direct {
			view = &rc.All().View
		}
		var options []Option
		if random.IntN(2) == 0 {
			options = append(options, ChunkSize(1+random.IntN(40)))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		cut := random.IntN(6) == 0 // the call is cancelled in its middle
		if cut {
			time.AfterFunc(time.Duration(random.IntN(30))*time.Millisecond, cancel)
		}
		r := view.MapErr(chaotic, items, append(options, WithContext(ctx))...)
		arrived := make([]int, n)
		for i := range r.Arriving() {
			arrived[i]++
		}
		ys, err := r.Get()
		cancel()
		failed := map[int]bool{}
		if m, ok := errors.AsType[*MapError](err); ok {
			for i, f := range m.Failures {
				if failed[f.Item] || i > 0 && m.Failures[i-1].Item >= f.Item || !failing[f.Item] || !strings.HasSuffix(f.Value, fmt.Sprint("item ", f.Item)) {
					t.Errorf("call %d: item %d is said to have failed: %v", call, f.Item, f)
				}
				failed[f.Item] = true
			}
			err = m.Cause
		}
		if err != nil && !(cut && errors.Is(err, context.Canceled)) {
			t.Fatalf("call %d of %d items, direct %t: %v", call, n, direct, err)
		}
		for i, y := range ys {
			want := i + pad
			if failed[i] {
				want = 0
			}
			if arrived[i] > 1 || err == nil && arrived[i] != 1 || y != want && (err == nil || arrived[i] > 0) || err == nil && failed[i] != failing[i] {
				t.Fatalf("call %d: item %d of %d arrived %d times as %d, failed: %t %v", call, i, n, arrived[i], y, failed[i], err)
			}
		}
	}
	close(stop)
	outside.Wait()
}

// torment does something to engines from outside until it is told to stop.
func torment(rc *Client, random *rand.Rand, kind int, stop <-chan struct{}) {
	for {
		pause := time.Duration(30+random.IntN(100)) * time.Millisecond
		select {
		case <-stop:
			return
		case <-time.After(pause):
		}
		pid := rc.Pid(random.IntN(2))
		if pid == 0 || len(rc.IDs()) < 2 {
			continue // who never comes to an item ends its call, which is right
		}
		switch kind {
		case 0:
			syscall.Kill(pid, syscall.SIGKILL)
		case 1:
			syscall.Kill(pid, syscall.SIGSTOP)
			time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
			syscall.Kill(pid, syscall.SIGCONT)
		case 2:
			syscall.Kill(pid, syscall.SIGTERM)
		}
	}
}
