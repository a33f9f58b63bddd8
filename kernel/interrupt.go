package kernel

import (
	"context"

	"github.com/goparallel/goparallel/kernel/jupyter"
)

func (k *Kernel) interruptRequest(_ context.Context, r *request) error {
	k.Interrupt()
	k.reply(r, jupyter.OK{Status: "ok"})
	return nil
}

// Interrupt stops the running cell, if there is one, and returns at once. It
// serves interrupt requests and SIGINT alike.
func (k *Kernel) Interrupt() {
	k.mu.Lock()
	running := k.running
	k.mu.Unlock()
	if running == nil {
		return
	}
	running.interrupt()
	k.interp.interrupt()
}
