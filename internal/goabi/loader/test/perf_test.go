package test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/goabi/loader/perfmap"
)

// TestPerfKnowsWhatWasLoaded compares the map with where functions say that they are.
func TestPerfKnowsWhatWasLoaded(t *testing.T) {
	prepare(t)
	file := write(t, "perf", `import ("fmt"; "os"; "reflect")

//go:noinline
func work(n int) int { return n + 1 }

func main() { fmt.Printf("%d %x", os.Getpid(), reflect.ValueOf(work).Pointer()) }
`)
	t.Setenv(perfmap.Variable, "yes")
	pid, place, _ := strings.Cut(load(t, "unit.main="+compile(t, "unit", file)), " ")
	path := "/tmp/perf-" + pid + ".map"
	t.Cleanup(func() { os.Remove(path) })
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	for line := range strings.Lines(string(text)) {
		var addr, size uint64
		var name string
		if n, err := fmt.Sscanf(line, "%x %x %s", &addr, &size, &name); n != 3 {
			t.Errorf("%q: %v", line, err)
		}
		if name != "main.work" {
			continue
		}
		names++
		if want, err := strconv.ParseUint(place, 16, 64); err != nil || addr != want || size == 0 {
			t.Errorf("%q, want %s: %v", line, place, err)
		}
	}
	if names != 1 {
		t.Errorf("main.work is there %d times in\n%s", names, text)
	}
}
