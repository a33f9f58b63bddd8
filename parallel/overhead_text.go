package parallel

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/format"
)

// String is a table of the ways, with each one's time beside the loop's, and then
// the conclusions.
func (o *Overhead) String() string {
	over := format.Count(o.Items, "item")
	if o.Items < o.Given {
		over = fmt.Sprintf("the first %s of %s", format.Grouped(o.Items), format.Count(o.Given, "item"))
	}
	lines := []string{fmt.Sprintf("%s over %s on %s, medians of %s", o.Function, over, format.Count(o.Workers, "engine"), format.Count(o.Rounds, "round"))}
	lines = append(lines, o.table()...)
	switch {
	case o.Omitted == 1:
		lines = append(lines, "(ChunkSize(1) would take too long)")
	case o.Omitted > 1:
		lines = append(lines, fmt.Sprintf("(chunk sizes of %s and less would take too long)", format.Grouped(o.Omitted)))
	}
	return strings.Join(append(lines, o.Conclusion()), "\n")
}

// table sets the ways in columns.
func (o *Overhead) table() []string {
	rows := [][]string{{"", "time", "÷ loop", "frames"}}
	row := func(name string, c Cost) {
		frames := ""
		switch e := c.Explanation; {
		case e.Items == 0:
		case e.Tier == Engines:
			frames = format.Grouped(e.Frames)
		case e.Tier == Goroutines:
			frames = "in goroutines"
		default:
			frames = "in the caller"
		}
		rows = append(rows, []string{name, short(c.Time), ratio(float64(c.Time) / float64(o.Serial.Time)), frames})
	}
	row("a loop", o.Serial)
	for _, c := range o.Chunks {
		row(fmt.Sprintf("ChunkSize(%d)", c.Chunk), c)
	}
	row("the view's choice", o.Planned)
	row("rc.Auto()", o.Auto)
	lines, _ := format.Columns(rows, format.Figures)
	return lines
}

// Processors is how many of the view's engines can run at the same time here.
func (o *Overhead) Processors() int { return min(o.Workers, runtime.NumCPU()) }

// BreakEven is the number of items from which on the view, with frames of its own
// choice, is faster than a loop: a loop takes w for each item, the view w/P and the
// cost of sending it, and a fixed cost besides. It is 0 where no number is
// enough.
func (o *Overhead) BreakEven() int {
	p := float64(o.Processors())
	loop := float64(o.Serial.Time) / float64(o.Items)
	item := o.sending()
	gain := loop*(1-1/p) - item
	if gain <= 0 {
		return 0
	}
	fixed := float64(o.Planned.Explanation.Overhead)
	if o.Planned.Time > o.Serial.Time { // then nearly all of it is what it costs
		fixed = max(fixed, float64(o.Planned.Time)-float64(o.Items)*(loop/p+item))
	}
	return int(math.Ceil(fixed / gain))
}

// sending is what the view took to send an item and its result, in nanoseconds.
func (o *Overhead) sending() float64 {
	e := o.Planned.Explanation
	return float64(e.Encode+e.Decode) / float64(max(e.Done, 1))
}

// Conclusion says from how many items on engines pay, and what rc.Auto() did, where
// there were enough rounds to say so.
func (o *Overhead) Conclusion() string {
	if o.Rounds < leastRounds {
		return fmt.Sprintf("In %s nothing can be told from chance: give the measurement more time (parallel.Within), or fewer items.", format.Count(o.Rounds, "round"))
	}
	return o.engines() + "\n" + o.auto()
}

// times says how many times faster than the loop a way was: the range that the
// quartiles of both leave, and no more than the processors can be.
func (o *Overhead) times(c Cost) string {
	most := float64(max(1, o.Processors()))
	low := min(most, float64(o.Serial.Low)/float64(c.High))
	high := min(most, float64(o.Serial.High)/float64(c.Low))
	if a, b := format.Figure(low, 2), format.Figure(high, 2); a != b {
		return a + " to " + b + " times"
	}
	return format.Figure(high, 2) + " times"
}

func (o *Overhead) engines() string {
	loop := fmt.Sprintf("a loop takes %s for an item", format.Short(o.Serial.Time.Seconds()/float64(o.Items)))
	faster := float64(o.Serial.Time) / float64(o.Planned.Time)
	even := o.BreakEven()
	work := short(time.Duration(float64(even) * float64(o.Serial.Time) / float64(o.Items)))
	switch {
	case o.Workers < 2:
		return "One engine cannot be faster than a loop."
	case o.Processors() < 2:
		return "Engines on one processor cannot be faster than a loop."
	case o.Items < 2:
		return "One item cannot be divided among engines."
	case faster > 1 && 0 < even && even < o.Items:
		return fmt.Sprintf("Engines pay for %s from about %s on, %s of work: for these they are %s as fast as a loop.", o.Function, format.Count(nice(even), "item"), work, o.times(o.Planned))
	case faster > 1:
		return fmt.Sprintf("Engines are %s as fast as a loop for these.", o.times(o.Planned))
	case even == 0:
		return fmt.Sprintf("Engines never pay for %s: %s, and sending one takes %s.", o.Function, loop, format.Short(o.sending()/1e9))
	}
	return fmt.Sprintf("Engines pay for %s from about %s on, %s of work: %s. For these, a loop is faster.", o.Function, format.Count(nice(even), "item"), work, loop)
}

func (o *Overhead) auto() string {
	where := "in the caller, one after the other"
	switch e := o.Auto.Explanation; e.Tier {
	case Goroutines:
		where = "in " + format.Count(e.Workers, "goroutine") + " of this process"
	case Engines:
		where = "on engines"
	}
	compared := "as fast as the loop"
	if more := o.Auto.Time - o.Serial.Time; more > o.Serial.Time/20 {
		compared = short(more) + " more than the loop"
	} else if faster := float64(o.Serial.Time) / float64(o.Auto.Time); faster > 1.05 {
		compared = o.times(o.Auto) + " as fast as the loop"
	}
	return fmt.Sprintf("rc.Auto() ran them %s: %s.", where, compared)
}

// nice rounds a number to two digits.
func nice(n int) int {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit/2) / unit * unit
}

// ratio writes a ratio with two digits, and those from 100 on without a fraction.
func ratio(r float64) string {
	if r >= 100 {
		return format.Grouped(nice(int(math.Round(r)))) + "×"
	}
	return format.Figure(r, 2) + "×"
}
