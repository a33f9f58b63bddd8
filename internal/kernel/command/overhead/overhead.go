// Package overhead is what %overhead calls in the process that runs the cells. It
// is apart from package command because it draws: only cells with this magic are linked
// with package plots.
package overhead

import (
	"fmt"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
	"github.com/goparallel/goparallel/kernel/display"
	"github.com/goparallel/goparallel/parallel"
	"github.com/goparallel/goparallel/plots"
)

// Last is the view that %overhead measures with unless it is told another: the
// load-balanced one of the client that was started last. Without any it ends the cell with a
// live.Failure that says how to start one.
func Last() *parallel.View {
	rc, _ := hooks.LastClient().(*parallel.Client)
	if rc == nil {
		panic(live.Failure{Name: "MagicError", Value: "%overhead measures with engines, and none run. Start two:\n\n\trc, err := parallel.Start(context.Background(), 2)"})
	}
	return On(rc)
}

// On is the view that a client or a view stands for.
func On(what any) *parallel.View {
	switch v := what.(type) {
	case *parallel.Client:
		return &v.LoadBalanced().View
	case *parallel.LoadBalancedView:
		return &v.View
	case *parallel.DirectView:
		return &v.View
	case *parallel.AutoView:
		return &v.View
	}
	panic(live.Failure{Name: "UsageError", Value: fmt.Sprintf("-on takes a view or a client, such as rc.All(), not a value of type %T", what)})
}

// Run measures what mapping f over the items costs, and shows a table with what
// follows from it, and a figure. From the first second on it shows how far it is.
func Run[A, R any](view *parallel.View, f func(A) R, items []A) {
	var p progress
	p.shown = time.Now()
	o, err := view.Overhead(f, items, parallel.OnStep(p.step))
	if err != nil {
		panic(live.Failure{Name: "MagicError", Value: "%overhead: " + err.Error()})
	}
	p.end(display.Data{"text/plain": o.String()})
	display.Show(plots.Overhead(o))
}

// progress is a line that says how far a measurement is, until the result takes its
// place. It is not replaced often, which would itself take time.
type progress struct {
	shown time.Time
	line  *display.Handle
}

func (p *progress) step(done float64, step string) {
	text := display.Data{"text/plain": fmt.Sprintf("measuring, %.0f %%: %s", 100*done, step)}
	switch {
	case p.line == nil && time.Since(p.shown) > time.Second:
		p.line = display.NewHandle(text)
	case p.line != nil && time.Since(p.shown) > time.Second/4:
		p.line.Update(text)
	default:
		return
	}
	p.shown = time.Now()
}

func (p *progress) end(result display.Data) {
	if p.line != nil {
		p.line.Update(result)
	} else {
		display.Show(result)
	}
}
