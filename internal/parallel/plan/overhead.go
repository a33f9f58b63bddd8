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
	last   [31]time.Duration // a ring
	n      int               // measurements so far
	sorted []time.Duration   // those of the ring
}

// Add notes a measurement.
func (o *Overhead) Add(d time.Duration) {
	d = max(d, time.Microsecond)
	slot := &o.last[o.n%len(o.last)]
	if o.n >= len(o.last) {
		i, _ := slices.BinarySearch(o.sorted, *slot)
		o.sorted = slices.Delete(o.sorted, i, i+1)
	}
	*slot = d
	o.n++
	i, _ := slices.BinarySearch(o.sorted, d)
	o.sorted = slices.Insert(o.sorted, i, d)
}

// Estimate returns the overhead, and whether any was measured.
func (o *Overhead) Estimate() (d time.Duration, measured bool) {
	if o.n == 0 {
		return usualOverhead, false
	}
	return o.sorted[len(o.sorted)/4], true
}
