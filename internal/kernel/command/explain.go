package command

import (
	"errors"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/parallel"
)

// explain makes the explanation of the last call of any view the cell's value.
func explain(arg string) error {
	if arg != "" {
		return errors.New("%explain takes no argument: it explains the last call of any view; for a view of yours, write view.Explain()")
	}
	e, ok := parallel.LastExplanation()
	if !ok {
		return errors.New("there is no call to explain: no view of this session has been called yet, as in rc.LoadBalanced().MapSync(f, xs)")
	}
	live.Show(e)
	return nil
}
