package backend

import (
	"context"
	"time"
)

// Launcher asks some system for processes, on other machines or on this one, in which engines live. Each such
// process is a node: it is given a program and a ticket, connects to the controller by itself, and
// starts engines as its children. Methods may be called from any goroutine.
type Launcher interface {
	// PerNode returns how many of n engines a node is to have, or why n engines cannot be had. The
	// last node has what remains.
	PerNode(n int) (int, error)
	// Launch asks for nodes and returns as soon as the system has taken that in. An error says what the
	// system said. The context limits Launch, not the nodes.
	Launch(ctx context.Context, o Order) (Allocation, error)
}

// Order is what a [Launcher] is to start.
type Order struct {
	// Name tells the nodes of this order from others' in what the system shows. It is no secret.
	Name string
	// Nodes is the number of nodes; they are numbered from 0.
	Nodes int
	// Engines is how many engines each node has; the last one may have fewer.
	Engines int
	// Program is the executable of each node, as a file of this machine. It is to be run without arguments, with the
	// variable [NodeVariable] in its environment and its ticket on standard input.
	Program string
	// ProgramFor returns the executable for nodes of another architecture, as GOARCH names it, which may take minutes; nil
	// where there is none.
	ProgramFor func(ctx context.Context, arch string) (string, error)
	// Address is the host and port at which the controller is found on this machine, for those who lead nodes to it
	// through a tunnel.
	Address string
	// Ticket returns what a node is to read on standard input. It lets its owner connect, so it must be seen by nobody
	// else: it may lie in a file of mode 0600, and must not be in an argument, an environment, or a log.
	Ticket func(node int, o TicketOptions) []byte
}

// Adaptation says between which numbers of engines a cluster makes itself larger and smaller, and how long engines are
// without work before it does the latter. It does neither where Max is 0.
type Adaptation struct {
	Min, Max int
	Idle     time.Duration
}

// NodeVariable is the setting that makes a program a node.
const NodeVariable = "GOPARALLEL_ENGINE=node"

// TicketOptions say how a node comes to its ticket.
type TicketOptions struct {
	// Attached is true where the node's standard input stays open until the node is to end.
	Attached bool
	// Through is the address, host and port, at which the node finds the controller if it cannot reach this
	// machine: the other end of a tunnel.
	Through string
}

// Allocation is what a [Launcher] has asked for.
type Allocation interface {
	// Poll returns what the system says of each node. It is called about once a second while that may be of
	// interest; an allocation that must not ask its system as often answers from memory. An error means that nothing is known.
	Poll(ctx context.Context) ([]NodeState, error)
	// Stop ends these nodes, or all, also those that have not begun, and waits for that. It frees what the
	// allocation has here when it stops all.
	Stop(ctx context.Context, nodes ...int) error
}

// NodeState is what a system says of a node.
type NodeState struct {
	Phase NodePhase
	// Name is what the system calls it, such as "job 12_3".
	Name string
	// Where is the machine, where that is known.
	Where string
	// Reason is why it waits, or how it ended, in the system's words.
	Reason string
	// Tail are the last lines that it printed, where they are known.
	Tail string
}

// NodePhase is how far a node has come.
type NodePhase int

// Of a node whose phase is unknown, nothing follows.
const (
	NodeUnknown NodePhase = iota
	NodePending
	NodeRunning
	NodeEnded
)

// String is the phase in a word.
func (p NodePhase) String() string {
	return [...]string{"unknown", "pending", "running", "ended"}[p]
}
