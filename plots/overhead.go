package plots

import (
	"fmt"

	"github.com/goparallel/goparallel/parallel"
)

// Overhead draws what ways of mapping a function cost, as [parallel.View.Overhead]
// measured them: time against the number of items in a message, and lines for the loop, for what
// the view chooses by itself, and for rc.Auto().
func Overhead(o *parallel.Overhead) *Figure {
	ways := []Measurement{
		{Name: "a loop", Chunk: Serial, Time: o.Serial.Time},
		{Name: "the view's choice", Chunk: Default, Time: o.Planned.Time},
		{Name: "rc.Auto()", Chunk: Auto, Time: o.Auto.Time},
	}
	for _, c := range o.Chunks {
		ways = append(ways, Measurement{Chunk: c.Chunk, Time: c.Time})
	}
	f := ChunkSizes(ways)
	if f.x != "" { // there was something to draw
		f.title = fmt.Sprintf("%s over %s, by the number of items in a message", o.Function, counted(o.Items, "item"))
	}
	return f
}
