package host

import (
	"fmt"
	"html"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/parallel/format"
	"github.com/goparallel/goparallel/kernel/display"
	"github.com/goparallel/goparallel/parallel"
)

// showProgress shows how far a call of a view is, below the cell that waits for
// it, in one place.
func showProgress() func(parallel.Progress) {
	var shown *display.Handle
	return func(p parallel.Progress) {
		data := display.Data{"text/plain": p.String(), "text/html": progressHTML(p)}
		if shown == nil {
			shown = display.NewHandle(data)
		} else {
			shown.Update(data)
		}
	}
}

// mostLanes is how many engines have a lane of their own.
const mostLanes = 16

// progressHTML is a bar for the call and a lane for each engine, with its rate. Of a call that has ended, a line stays.
func progressHTML(p parallel.Progress) string {
	line := html.EscapeString(p.String())
	if p.Over {
		return line
	}
	const bar = `<progress value="%d" max="%d" style="width: 20em; vertical-align: middle"></progress> `
	text := fmt.Sprintf(bar, p.Done, p.Items) + line
	if len(p.Engines) < 2 || len(p.Engines) > mostLanes {
		return text
	}
	most := slices.Max(slices.Collect(maps.Values(p.Engines)))
	for _, id := range slices.Sorted(maps.Keys(p.Engines)) {
		n := p.Engines[id]
		text += fmt.Sprintf(`<br><small>`+bar+"engine %d: %d, %s a second</small>", n, most, id, n, format.Figure(float64(n)/p.Elapsed.Seconds(), 3))
	}
	return text
}
