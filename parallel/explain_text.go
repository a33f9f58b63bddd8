package parallel

import (
	"fmt"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/format"
)

// String is the explanation in a few lines: what ran where and why, where the
// time went, from which work on engines pay, and what would help.
func (e Explanation) String() string {
	if e.Items == 0 && e.Function == "" {
		return "nothing has been called through this view yet"
	}
	lines := []string{e.headline()}
	if e.Why != "" {
		lines = append(lines, e.Why)
	}
	if e.Tier == Engines {
		lines = append(lines, e.parts())
	}
	if e.Mapped {
		lines = append(lines, e.model())
	}
	if e.Redone > 0 {
		lines = append(lines, format.Count(e.Redone, "item")+" sent again because an engine died")
	}
	if e.Retried > 0 {
		lines = append(lines, format.Count(e.Retried, "time")+" an item that had failed ran again")
	}
	if advice := e.Advice(); advice != "" {
		lines = append(lines, advice)
	}
	return strings.Join(lines, "\n")
}

// headline says what was done.
func (e Explanation) headline() string {
	done := format.Count(e.Done, "item")
	if e.Done != e.Items {
		done = fmt.Sprintf("%d of %s", e.Done, format.Count(e.Items, "item"))
	}
	switch {
	case !e.Mapped:
		return fmt.Sprintf("%s ran on %s of %d, in %s; %s out, %s back",
			e.Function, format.Count(len(e.Engines), "engine"), e.Workers, short(e.Elapsed), size(e.BytesOut), size(e.BytesIn))
	case e.Tier == Caller:
		return fmt.Sprintf("%s of %s ran in the caller, in %s", done, e.Function, short(e.Elapsed))
	case e.Tier == Goroutines:
		return fmt.Sprintf("%s of %s ran in %s of this process, in %s: %s times as fast as a loop",
			done, e.Function, format.Count(e.Workers, "goroutine"), short(e.Elapsed), format.Figure(e.Speedup(), 2))
	}
	return fmt.Sprintf("%s of %s ran on %s of %d, in %s, in %s; %s out, %s back",
		done, e.Function, format.Count(len(e.Engines), "engine"), e.Workers, format.Count(e.Frames, "frame"), short(e.Elapsed), size(e.BytesOut), size(e.BytesIn))
}

// parts says where the time of the engines went.
func (e Explanation) parts() string {
	total := e.total()
	if total == 0 {
		return "no frame has been answered"
	}
	var parts []string
	for _, p := range e.Parts() {
		parts = append(parts, fmt.Sprintf("%s %s (%.0f %%)", p.Name, short(p.Time), 100*float64(p.Time)/float64(total)))
	}
	return "time of the engines: " + strings.Join(parts, ", ")
}

// total is the sum of the parts.
func (e Explanation) total() time.Duration {
	return e.Run + e.Encode + e.Decode + e.Queue + e.Wire + e.Idle
}

// Part is one of the parts of an explanation's time.
type Part struct {
	// Name is "run", "encode", "wire", "queue", "decode" or "idle".
	Name string
	// Time is summed over the workers.
	Time time.Duration
}

// Parts are where the workers' time went, in a fixed order.
func (e Explanation) Parts() []Part {
	return []Part{{"run", e.Run}, {"encode", e.Encode}, {"wire", e.Wire}, {"queue", e.Queue}, {"decode", e.Decode}, {"idle", e.Idle}}
}

// manyFrames for each engine travel together, so that one costs less than by itself.
const manyFrames = 4

// model says from when on engines pay.
func (e Explanation) model() string {
	costs := fmt.Sprintf("a frame costs %s, an item %s, beside the function", short(e.Overhead), short(e.PerItem()))
	pay := "%s: %d engines pay from %s of total work; this was %s"
	if e.Frames > manyFrames*e.Workers {
		pay = "%s; with few frames, %d engines pay from %s of total work or less; this was %s"
		costs = fmt.Sprintf("beside the function a frame by itself costs %s, there and back; each of these %s, of which encoding and decoding are %s", short(e.Overhead), short(e.PerFrame()), short((e.Encode+e.Decode)/time.Duration(e.Frames)))
	}
	switch even := e.BreakEven(); {
	case e.Tier == Caller:
		return fmt.Sprintf("goroutines pay from about %s of total work, engines from more than %s, which a frame costs; this was %s",
			short(worthWaking), short(e.Overhead), short(e.Work))
	case e.Tier == Goroutines:
		return "engines on this machine have the same processors, and would add the costs of frames, " + short(e.Overhead) + " each"
	case even < 0:
		return costs + "; one engine on one processor cannot be faster than a loop"
	default:
		return fmt.Sprintf(pay, costs, e.Workers, short(even), short(e.Work))
	}
}

// Advice says what would help, if anything would help much.
func (e Explanation) Advice() string {
	even := e.BreakEven()
	switch {
	case e.Tier != Engines || !e.Mapped || e.Done < e.Items:
		return ""
	case e.chunkCosts():
		return fmt.Sprintf("A chunk size of %d made %s; without ChunkSize the planner would need %s.", e.Chunk, format.Count(e.Frames, "frame"), between(e.Planned()))
	case even >= 0 && e.Work < even/2 && e.Items > 1 && e.remote:
		return fmt.Sprintf("The function itself took %s; the rest is what sending costs: let each item do more.", short(e.Work))
	case even >= 0 && e.Work < even/2 && e.Items > 1 && e.Why == "": // which says why it could not be otherwise
		return fmt.Sprintf("A loop would take about %s: rc.Auto() runs such calls here.", short(e.Work))
	case e.Encode+e.Decode > e.Elapsed/2 && e.Work < 2*(e.Encode+e.Decode):
		return "Encoding and decoding take the time: send less for each item, numbers rather than nested values, or give it to the engines beforehand."
	case e.Items >= 2*e.Workers && e.Idle > time.Duration(e.Workers)*e.Elapsed/3 && e.Work > 4*even:
		return "Engines were idle at the end: a few items take much longer than the others; begin with those, or divide them."
	}
	return ""
}

// chunkCosts reports whether the caller's chunk size costs more than half of the
// time.
func (e Explanation) chunkCosts() bool {
	_, most := e.Planned()
	return e.Chunk > 0 && e.Frames > manyFrames*e.Workers && most < e.Elapsed/2
}

// between writes a range of times, with the two digits that a prediction is good for.
func between(least, most time.Duration) string {
	low, high := short(time.Duration(nice(int(least)))), short(time.Duration(nice(int(most))))
	if low == high {
		return "about " + low
	}
	return "between " + low + " and " + high
}

// short writes a time with three digits at most.
func short(d time.Duration) string { return format.Short(d.Seconds()) }

// size writes a number of bytes.
func size(n int) string {
	switch {
	case n < 1000:
		return format.Count(n, "byte")
	case n < 1e6:
		return format.Figure(float64(n)/1e3, 3) + " kB"
	case n < 1e9:
		return format.Figure(float64(n)/1e6, 3) + " MB"
	}
	return format.Figure(float64(n)/1e9, 3) + " GB"
}
