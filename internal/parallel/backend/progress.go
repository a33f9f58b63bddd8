package backend

import (
	"fmt"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/format"
)

// Progress is how far a call is that somebody waits for.
type Progress struct {
	// Function is what was called, Items the number of items, Done how many of them
	// are finished.
	Function    string
	Items, Done int
	// Engines are the items that each engine has finished, by its number; it is empty where none ran on engines.
	Engines map[int]int
	// Elapsed is the time since the call, Left about how long it will still take; 0
	// where nothing is done yet.
	Elapsed, Left time.Duration
	// Over is true when the call has ended. Nothing follows.
	Over bool
}

// String is one line.
func (p Progress) String() string {
	s := fmt.Sprintf("%s: %d of %s in %s", p.Function, p.Done, format.Count(p.Items, "item"), p.Elapsed.Round(100*time.Millisecond))
	if p.Left > 0 && !p.Over {
		s += fmt.Sprintf(", about %s left", p.Left.Round(time.Second))
	}
	return s
}
