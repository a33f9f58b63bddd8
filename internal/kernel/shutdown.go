package kernel

import (
	"context"

	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// shutdown ends the interpreter, tells every front end, and lets Run return
// once the idle status is out.
func (k *Kernel) shutdown(_ context.Context, r *request) error {
	req, err := content[jupyter.ShutdownRequest](r)
	if err != nil {
		k.p.Log.Warn("shutdown request", "err", err) // its meaning is clear all the same
	}
	k.Interrupt()
	k.closeInterpreter()
	reply := jupyter.ShutdownReply{Status: "ok", Restart: req.Restart}
	k.reply(r, reply)
	k.publish("shutdown_reply", reply, r.RawHeader)
	r.after = k.quit
	return nil
}
