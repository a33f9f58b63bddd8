package parallel

import (
	"fmt"
	"os"

	"github.com/goparallel/goparallel/parallel"
)

// Progress is how far a call is that somebody waits for.
type Progress = parallel.Progress

// showProgress shows the progress of a call in one line below the cell, each time
// in place of the line before.
func showProgress() func(Progress) {
	return func(p Progress) {
		end := ""
		if p.Over {
			end = "\n"
		}
		fmt.Fprintf(os.Stderr, "\r%s%s", p, end)
	}
}
