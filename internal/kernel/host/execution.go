package host

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
	"github.com/goparallel/goparallel/internal/parallel/poll"
)

// abandonAfter is how long what is interrupted may take to notice. One that
// is blocked, in a channel or in a call that does not poll, is left behind.
const abandonAfter = 50 * time.Millisecond

// execution is one run of a unit, or of the handler of a comm's message.
type execution struct {
	run     *poll.Run
	ctx     context.Context // ends when it is stopped
	cancel  context.CancelFunc
	looks   chan struct{} // for the watcher of standard input
	watch   watch
	began   moment
	ended   chan struct{} // closed by execute
	stopped chan struct{} // closed by stop
	once    sync.Once
	why     *failure // set before stopped is closed
}

var interrupted = &failure{Name: "Interrupted", Value: "the cell was interrupted; the session's values are kept"}

func newExecution() *execution {
	e := &execution{run: poll.NewRun(), began: now(), looks: make(chan struct{}), ended: make(chan struct{}), stopped: make(chan struct{})}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	return e
}

// stop ends the run from outside, for a reason.
func (e *execution) stop(why *failure) {
	e.once.Do(func() {
		e.why = why
		close(e.stopped) // first: what follows may end the run, and whoever sees its end has to know why
		e.run.Stop()
		e.cancel()
	})
}

// interrupt stops the run and ends the processes that were started since it began.
func (e *execution) interrupt(why *failure) {
	e.stop(why)
	endChildren(e.began)
}

// await has f run as the execution, which people know as what, and returns how it failed. It reports ended false where f was stopped and
// is left behind, because it is blocked.
func (h *host) await(e *execution, what string, f func() *failure) (failed *failure, ended bool) {
	failures := make(chan *failure, 1)
	goroutine := make(chan string, 1)
	done := e.run.Go(func() {
		goroutine <- traceback.Own()
		returned := false
		defer func() {
			if f := h.panicked(); f != nil {
				failures <- f
				_ = recover()
			} else if !returned {
				failures <- &failure{Name: "Goexit", Value: what + " called runtime.Goexit, so what follows in it did not run", Stack: string(debug.Stack())}
			}
		}()
		if f := f(); f != nil {
			failures <- f
		}
		returned = true
	})
	ended = true
	select {
	case <-done:
	case <-e.stopped:
		select {
		case <-done:
		case <-time.After(abandonAfter):
			ended = false
		}
	}
	select {
	case failed = <-failures:
	default:
	}
	select {
	case <-e.stopped:
	default:
		return failed, ended
	}
	own := ""
	select {
	case own = <-goroutine:
	default: // it was stopped before it began
	}
	return e.why.located(failed, ended, own), ended
}
