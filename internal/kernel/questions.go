package kernel

import (
	"context"
	"sync"

	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// questions are the requests that people wait for while they type. They are
// answered while a cell runs.
var questions = map[string]bool{"complete_request": true, "inspect_request": true, "is_complete_request": true}

// ofComms are the messages of comms. Widgets work while a cell runs.
var ofComms = map[string]bool{"comm_open": true, "comm_msg": true, "comm_close": true}

// waiting is how many requests of the shell channel may wait; beyond it they do so
// in the channel.
const waiting = 1000

// serveShell handles the requests of the shell channel: those that run cells in
// order, and beside them questions and messages of comms, each in order, too.
func (k *Kernel) serveShell(ctx context.Context) {
	var all sync.WaitGroup
	inOrder := func(handle func(*request)) chan *request {
		queue := make(chan *request, waiting)
		all.Go(func() {
			for r := range queue {
				if ctx.Err() == nil {
					handle(r)
				}
			}
		})
		return queue
	}
	cells := inOrder(func(r *request) { k.dispatch(ctx, r) })
	beside := func(r *request) {
		k.dispatch(ctx, r)
		k.stillBusy()
	}
	asked, events := inOrder(beside), inOrder(beside)
	k.serve(ctx, k.p.Channels.Shell, func(ctx context.Context, r *request) {
		queue := cells
		switch {
		case questions[r.Header.MsgType]:
			queue = asked
		case ofComms[r.Header.MsgType]:
			queue = events
		}
		select {
		case queue <- r:
		case <-ctx.Done():
		}
	})
	close(cells)
	close(asked)
	close(events)
	all.Wait()
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
