package kernel

import (
	"context"

	"github.com/goparallel/goparallel/kernel/jupyter"
)

// commInfo says that no comm is open: widget managers wait for the answer.
func (k *Kernel) commInfo(_ context.Context, r *request) error {
	k.reply(r, jupyter.CommInfoReply{Status: "ok", Comms: map[string]struct{}{}})
	return nil
}

// commOpen closes the comm at once, which the protocol asks of a kernel that
// does not know the target.
func (k *Kernel) commOpen(_ context.Context, r *request) error {
	open, err := content[jupyter.CommOpen](r)
	if err != nil {
		return err
	}
	k.p.Log.Debug("no such comm target", "target", open.TargetName)
	k.publish("comm_close", jupyter.CommClose{CommID: open.CommID, Data: map[string]any{}}, r.RawHeader)
	return nil
}

// commIgnored takes messages of comms that have been closed already.
func (k *Kernel) commIgnored(context.Context, *request) error { return nil }
