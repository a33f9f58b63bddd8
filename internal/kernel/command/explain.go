package command

import (
	"errors"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/parallel"
)

// explain makes the explanation of the last call of any view the cell's value.
func explain(arg string) error {
	if arg != "" {
		return errors.New("%explain takes no argument: it explains the last call of any view; for a view of yours, write view.Explain()")
	}
	view, _ := hooks.LastCaller().(*parallel.View)
	if view == nil {
		return errors.New("there is no call to explain: no view has been called, as in rc.LoadBalanced().MapSync(f, xs), since the process with the session's values was started; what it knew of calls ends with it")
	}
	live.Show(view.Explain())
	return nil
}
