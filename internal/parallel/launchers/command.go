package launchers

import (
	"bytes"
	"context"
	"fmt"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Command is a launcher whose nodes are children of this process. It is for engines that another user, a container or a set
// of processors is to have, and the simplest example of a launcher.
type Command struct {
	// Args is a command that runs the command that is appended to it, with the standard input that it is given, such as
	// {"sudo", "-u", "batch"} or {"numactl", "-N", "1"}. Without one the nodes are started as they are.
	Args []string
	// EnginesPerNode is how many engines each node has; 0 means that one node has all.
	EnginesPerNode int
}

// PerNode returns EnginesPerNode.
func (c Command) PerNode(n int) (int, error) {
	if c.EnginesPerNode < 0 {
		return 0, fmt.Errorf("Command.EnginesPerNode is %d", c.EnginesPerNode)
	}
	if c.EnginesPerNode == 0 {
		return n, nil
	}
	return c.EnginesPerNode, nil
}

// Launch starts the nodes.
func (c Command) Launch(ctx context.Context, o backend.Order) (backend.Allocation, error) {
	var nodes children
	for i := range o.Nodes {
		args := append(append([]string{}, c.Args...), "env", backend.NodeVariable, o.Program)
		n, err := newChild(fmt.Sprintf("node %d", i), args, nil, nil)
		if err != nil {
			nodes.Stop(ctx)
			return nil, err // it names the command
		}
		nodes = append(nodes, n)
		n.give(bytes.NewReader(o.Ticket(i, backend.TicketOptions{Attached: true})))
	}
	return nodes, nil
}
