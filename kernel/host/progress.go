package host

import (
	"fmt"
	"html"

	"github.com/goparallel/goparallel/kernel/display"
	"github.com/goparallel/goparallel/parallel"
)

// showProgress shows how far a call of a view is, below the cell that waits for
// it, in one place.
func showProgress() func(parallel.Progress) {
	var shown *display.Handle
	return func(p parallel.Progress) {
		bar := ""
		if !p.Over {
			bar = fmt.Sprintf(`<progress value="%d" max="%d" style="width: 20em; vertical-align: middle"></progress> `, p.Done, p.Items)
		}
		data := display.Data{"text/plain": p.String(), "text/html": bar + html.EscapeString(p.String())}
		if shown == nil {
			shown = display.NewHandle(data)
		} else {
			shown.Update(data)
		}
	}
}
