package parallel

import (
	"context"
	"fmt"
	"os"
	"syscall"
)

// AddEngines starts n more engines and returns their numbers, which no engine had before, when all
// are connected; if one fails, none is added. Load-balanced calls that run on all engines use them at once, others
// when they begin. What was pushed to the others they do not have.
func (rc *Client) AddEngines(ctx context.Context, n int) ([]int, error) {
	if ctx == nil {
		return nil, errNilContext
	}
	return rc.cluster.Add(ctx, n)
}

// RemoveEngine lets an engine finish the items that it was sent and ends it for good. What was
// planned for it goes to others; what only it could do fails. If the context ends before
// the items do, it is an error, and the engine stays. The last engine cannot be removed.
func (rc *Client) RemoveEngine(ctx context.Context, id int) error {
	if ctx == nil {
		return errNilContext
	}
	return rc.cluster.Remove(ctx, id)
}

// RestartEngine ends an engine's process at once, whatever it does, and returns when another one has its
// number. Items that it ran run again. It has what was pushed, as after any end of a process.
func (rc *Client) RestartEngine(ctx context.Context, id int) error {
	if ctx == nil {
		return errNilContext
	}
	return rc.cluster.Restart(ctx, id)
}

// SignalEngine sends a signal to an engine's process. What ends the process counts as its
// death, for which the item that runs is suspected; [Client.RestartEngine] suspects nobody.
func (rc *Client) SignalEngine(id int, signal os.Signal) error {
	s, ok := signal.(syscall.Signal)
	if !ok {
		return fmt.Errorf("%v is no signal that a process can be sent", signal)
	}
	return rc.cluster.Signal(id, s)
}
