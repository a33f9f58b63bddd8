package kernel

import "context"

// notImplemented is the answer to a request that this kernel does not know,
// or not on that channel.
type notImplemented struct{ what string }

func (n notImplemented) Error() string { return "this kernel does not implement " + n.what }

// unimplemented answers every other request, so that no front end waits for a
// reply that never comes.
func (k *Kernel) unimplemented(_ context.Context, r *request) error {
	return notImplemented{r.Header.MsgType}
}
