package live

import (
	"fmt"
	"sync"
)

// MostShown is of how many cells the values are kept for later cells.
const MostShown = 50

// shown are the values that the last cells have shown, one for each.
var shown struct {
	sync.Mutex
	values map[int]any // by execution count; a *place once a cell has used it
	counts []int       // the oldest first
}

// place holds the pointer to a value that cells use.
type place struct{ pointer any }

// Remember keeps the value that the cell with an execution count has shown, in the place of
// the one before the last [MostShown]. The host calls it; of several values none is kept.
func Remember(count int, values []any) {
	if count == 0 || len(values) != 1 {
		return
	}
	shown.Lock()
	defer shown.Unlock()
	if shown.values == nil {
		shown.values = make(map[int]any)
	}
	if _, ok := shown.values[count]; !ok {
		shown.counts = append(shown.counts, count)
	}
	shown.values[count] = values[0]
	if len(shown.counts) > MostShown {
		delete(shown.values, shown.counts[0])
		shown.counts = shown.counts[1:]
	}
}

// Shown returns a pointer to the value that the cell with an execution count has shown. It
// panics with a Failure where that is not kept, or is of another type.
func Shown[T any](count int) *T {
	shown.Lock()
	defer shown.Unlock()
	value, ok := shown.values[count]
	if !ok {
		panic(Failure{Name: "ValueError", Value: fmt.Sprintf("the value of cell[%d] is not here: the last %d are kept, in the notebook's own process; assign it to a variable", count, MostShown)})
	}
	held, ok := value.(place)
	if !ok {
		p := new(T)
		if value != nil { // of an interface type
			if *p, ok = value.(T); !ok {
				panic(Failure{Name: "ValueError", Value: fmt.Sprintf("the value of cell[%d] is of a type that was declared anew: run that cell again", count)})
			}
		}
		held = place{p}
		shown.values[count] = held
	}
	p, ok := held.pointer.(*T)
	if !ok {
		panic(Failure{Name: "ValueError", Value: fmt.Sprintf("the value of cell[%d] is of a type that was declared anew: run that cell again", count)})
	}
	return p
}
