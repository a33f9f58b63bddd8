package kernel

import (
	"context"
	"sync"

	"github.com/goparallel/goparallel/kernel/jupyter"
)

// questions are the requests that people wait for while they type. They are
// answered while a cell runs.
var questions = map[string]bool{"complete_request": true, "inspect_request": true, "is_complete_request": true}

// waiting is how many requests of the shell channel may wait; beyond it they do so
// in the channel.
const waiting = 1000

// serveShell handles the requests of the shell channel: those that run cells in
// order, and questions beside them, in order, too.
func (k *Kernel) serveShell(ctx context.Context) {
	var both sync.WaitGroup
	inOrder := func(handle func(*request)) chan *request {
		queue := make(chan *request, waiting)
		both.Go(func() {
			for r := range queue {
				if ctx.Err() == nil {
					handle(r)
				}
			}
		})
		return queue
	}
	cells := inOrder(func(r *request) { k.dispatch(ctx, r) })
	asked := inOrder(func(r *request) {
		k.dispatch(ctx, r)
		k.stillBusy()
	})
	k.serve(ctx, k.p.Channels.Shell, func(ctx context.Context, r *request) {
		queue := cells
		if questions[r.Header.MsgType] {
			queue = asked
		}
		select {
		case queue <- r:
		case <-ctx.Done():
		}
	})
	close(cells)
	close(asked)
	both.Wait()
}

// stillBusy says again that a cell is running: front ends take the end of any
// request for the end of all.
func (k *Kernel) stillBusy() {
	k.mu.Lock() // the cell ends after running is nil, so its own idle comes later
	defer k.mu.Unlock()
	if k.running != nil {
		k.publish("status", jupyter.Status{ExecutionState: "busy"}, k.running.request.RawHeader)
	}
}
