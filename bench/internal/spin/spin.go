// Package spin is work of a known length: the same loop for every contestant
// that is written in Go, calibrated on the machine that runs it.
package spin

import (
	"sync"
	"time"
)

// Work goes round a loop n times. Each round needs the one before, so that
// processors cannot do several at once.
//
//go:noinline
func Work(n int) int {
	x := uint64(n)
	for range n {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return int(x >> 1)
}

// speed is how fast this machine goes round, as far as it was measured lately.
var speed struct {
	sync.Mutex
	at            time.Time
	call, perLoop float64 // seconds
}

// Calibrations are repeated after this time, because processors change their
// speed.
const fresh = 10 * time.Second

// Rounds returns how often Work has to go round to take this long.
func Rounds(seconds float64) int {
	speed.Lock()
	defer speed.Unlock()
	if time.Since(speed.at) > fresh {
		speed.call = fastest(0, 1000) / 1000
		speed.perLoop = fastest(50_000, 1) / 50_000
		speed.at = time.Now()
	}
	return max(0, int((seconds-speed.call)/speed.perLoop+0.5))
}

// RoundsOf is Rounds for several items.
func RoundsOf(seconds []float64) []int {
	rounds := make([]int, len(seconds))
	for i, s := range seconds {
		rounds[i] = Rounds(s)
	}
	return rounds
}

//lint:ignore U1000 nothing reads it, which the compiler does not find out
var kept int // what was computed is used, as far as the compiler knows

// fastest returns the shortest time of several that a number of calls took.
func fastest(n, calls int) float64 {
	shortest := time.Hour
	for range 25 {
		start := time.Now()
		for range calls {
			kept += Work(n)
		}
		shortest = min(shortest, time.Since(start))
	}
	return shortest.Seconds()
}
