package plan

import (
	"slices"
	"time"
)

// usualOverhead is assumed until a frame has been measured.
const usualOverhead = 100 * time.Microsecond

// Overhead is what a frame costs beside its items: the time from sending it to
// an idle engine to its answer, less what the engine spent. It is the lower quartile of
// the last measurements, because many wait for other processes as well. The zero
// value has measured nothing. It is not for concurrent use.
type Overhead struct {
	last [31]time.Duration
	n    int
}

// Add notes a measurement.
func (o *Overhead) Add(d time.Duration) {
	o.last[o.n%len(o.last)] = max(d, time.Microsecond)
	o.n++
}

// Estimate returns the overhead, and whether any was measured.
func (o *Overhead) Estimate() (d time.Duration, measured bool) {
	if o.n == 0 {
		return usualOverhead, false
	}
	sorted := slices.Clone(o.last[:min(o.n, len(o.last))])
	slices.Sort(sorted)
	return sorted[len(sorted)/4], true
}
