package parallel

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
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
