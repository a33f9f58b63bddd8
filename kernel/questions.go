package kernel

import (
	"context"

	"github.com/goparallel/goparallel/kernel/jupyter"
)

// questions are the requests that people wait for while they type. They are
// answered while a cell runs.
var questions = map[string]bool{"complete_request": true, "inspect_request": true, "is_complete_request": true}

// serveShell handles the requests of the shell channel: those that run cells in
// order, and questions beside them.
func (k *Kernel) serveShell(ctx context.Context) {
	asked := make(chan *request, 100)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		for r := range asked {
			k.dispatch(ctx, r)
			k.stillBusy()
		}
	}()
	defer func() {
		close(asked)
		<-answered
	}()
	k.serve(ctx, k.p.Channels.Shell, func(r *request) bool {
		if !questions[r.Header.MsgType] {
			return false
		}
		select {
		case asked <- r:
			return true
		default:
			return false // so many that they can wait for each other
		}
	})
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
