package command

import (
	"fmt"
	"runtime"
)

// memory is what %memit has measured before its statement.
var memory runtime.MemStats

func memitBegin(string) error {
	runtime.GC()
	runtime.ReadMemStats(&memory)
	return nil
}

func memitEnd(string) error {
	var after, live runtime.MemStats
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&live)
	fmt.Printf("allocated: %s in %d objects, live heap: %s (%s)\n",
		size(int64(after.TotalAlloc-memory.TotalAlloc)), after.Mallocs-memory.Mallocs,
		size(int64(live.HeapAlloc)), signed(int64(live.HeapAlloc)-int64(memory.HeapAlloc)))
	return nil
}

// size writes bytes with a fitting unit.
func size(n int64) string {
	switch {
	case n < 10<<10:
		return fmt.Sprintf("%d B", n)
	case n < 10<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 10<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}

func signed(n int64) string {
	if n < 0 {
		return "-" + size(-n)
	}
	return "+" + size(n)
}
