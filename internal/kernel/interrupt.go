package kernel

import (
	"context"

	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

func (k *Kernel) interruptRequest(_ context.Context, r *request) error {
	k.Interrupt()
	k.reply(r, jupyter.OK{Status: "ok"})
	return nil
}

// Interrupt stops the running cell and the handling of a comm's message, if there are
// any, and returns at once. It serves interrupt requests and SIGINT alike.
func (k *Kernel) Interrupt() {
	k.mu.Lock()
	running, event := k.running, k.event
	k.mu.Unlock()
	if running == nil && event == nil {
		return
	}
	if running != nil {
		running.interrupt()
	}
	k.interp.interrupt()
}
