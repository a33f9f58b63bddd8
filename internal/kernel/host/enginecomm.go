package host

import (
	"context"
	"fmt"
	"math"
	"unsafe"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/kernel/comms"
)

// What the front end sends to a comm that an engine has opened, such as that of a widget, is a call of a function on that engine: it waits until the
// engine is free, and what the handler prints and shows comes back as that of any call.

// origin is the engine that has opened a comm.
type origin struct {
	cluster backend.Cluster
	engine  int
}

// handlerName is the registered name of the function that handles a comm's message on an engine.
const handlerName = "goparallel.comm"

func init() {
	registry.Func(registry.Info{Name: handlerName, Label: "the handler of a comm"}, handleOnEngine, registry.FnContext1E(handleOnEngine))
}

// handleOnEngine has the engine handle a message. A handler that is blocked when it is interrupted is left behind, as what
// Execute runs.
func handleOnEngine(ctx context.Context, c cell.Comm) error {
	return apart(ctx, func() { comms.Deliver(c) })
}

// noteEngineComm keeps which comms are those of engines.
func (h *host) noteEngineComm(c cell.Comm, of origin) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch c.Kind {
	case cell.CommOpen:
		h.engineComms[c.ID] = of
	case cell.CommClose:
		delete(h.engineComms, c.ID)
	}
}

// originOf returns the engine that a message of the front end's is for, if it is for one.
func (h *host) originOf(c cell.Comm) (of origin, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	of, ok = h.engineComms[c.ID]
	if c.Kind == cell.CommClose {
		delete(h.engineComms, c.ID)
	}
	return of, ok
}

// toEngine has an engine handle a message, before all calls that wait for it, and says how that failed.
func (h *host) toEngine(ctx context.Context, of origin, c cell.Comm) *failure {
	messages := []cell.Comm{c}
	call, err := of.cluster.Submit(ctx, backend.Job{
		Function: registry.Call{Function: registry.Named(handlerName)}, Items: 1, In: unsafe.Pointer(unsafe.SliceData(messages)),
		Targets: []int{of.engine}, Pinned: true, Applied: true, Once: true, Chunk: 1, Priority: math.MaxInt,
		Output: callOutput{h: h, cluster: of.cluster},
	})
	if err == nil {
		<-call.Done()
		call.AwaitOutput()
		err = call.Err()
		if failures := call.Failures(); len(failures) > 0 {
			f := failures[0]
			text := f.Value
			if f.Panic {
				text = "panic: " + text
			}
			return &failure{Name: "EngineError", Value: fmt.Sprintf("engine %d: %s%s", of.engine, text, f.Death), Remote: f.Stack, Engine: of.engine}
		}
	}
	if err != nil {
		return &failure{Name: "EngineError", Value: fmt.Sprintf("engine %d, whose widget this is, cannot handle what was done to it: %v", of.engine, err)}
	}
	return nil
}
