package plots

import "time"

// A Measurement says how long one way of calling took.
type Measurement struct {
	// Name is how a person would call this way: "one item per message".
	Name string
	// Chunk is the number of items in each message, [Serial] for a loop that
	// sends none, [Default] where the view chose, or [Auto].
	Chunk int
	// Time is what the whole map took. A measurement without one is not drawn.
	Time time.Duration
	// Serial is what the serial loop took on the same machine. At zero it is
	// the measurement of the same set whose Chunk is [Serial].
	Serial time.Duration
}

// The values of [Measurement].Chunk that are no number of items.
const (
	// Serial marks the plain loop that everything else is compared with.
	Serial = 0
	// Default marks a call that left the chunk size to the view.
	Default = -1
	// Auto marks a call of the view that rc.Auto() returns.
	Auto = -2
)

// Ratio returns how many times longer it took than the serial loop, or 0 where
// that is not known.
func (m Measurement) Ratio() float64 {
	if m.Serial <= 0 {
		return 0
	}
	return float64(m.Time) / float64(m.Serial)
}

// A Reference is a set of published measurements to compare one's own with.
type Reference struct {
	// Name stands in legends and table heads: "the post".
	Name string
	// Measurements belong together by their Chunk with those compared.
	Measurements []Measurement
}

// Post returns the figures of the blog post "How not to use IPython.parallel
// on a laptop" for x**10 over 3000 items. Its first two were taken on one
// machine and the other two on another, where the serial map took 3.17 ms.
func Post() Reference {
	const mine, theirs = 9910 * time.Microsecond, 3170 * time.Microsecond
	return Reference{Name: "the post", Measurements: []Measurement{
		{Name: "serial map", Chunk: Serial, Time: mine, Serial: mine},
		{Name: "one item per message", Chunk: 1, Time: 22800 * time.Millisecond, Serial: mine},
		{Name: "six pieces", Chunk: 500, Time: 11400 * time.Microsecond, Serial: theirs},
		{Name: "two pieces", Chunk: 1500, Time: 5760 * time.Microsecond, Serial: theirs},
	}}
}

// timed returns the measurements that took time, each with its serial time
// filled in where the set has it.
func timed(ms []Measurement) []Measurement {
	serial, _ := find(ms, Serial)
	var out []Measurement
	for _, m := range ms {
		if m.Time <= 0 {
			continue
		}
		if m.Serial <= 0 {
			m.Serial = serial.Time
		}
		out = append(out, m)
	}
	return out
}

// find returns the first measurement with the given chunk that took time.
func find(ms []Measurement, chunk int) (Measurement, bool) {
	for _, m := range ms {
		if m.Chunk == chunk && m.Time > 0 {
			return m, true
		}
	}
	return Measurement{}, false
}
