package parallel

import (
	"errors"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launchers"
)

// Launcher asks some system for nodes: processes, on other machines or on this one, that have engines. [SSH], [Slurm]
// and [Command] are launchers; whoever has another system writes one. See [On].
type Launcher = backend.Launcher

// Order is what a [Launcher] is to start, [TicketOptions] how nodes come to their tickets.
type (
	Order         = backend.Order
	TicketOptions = backend.TicketOptions
)

// Allocation is what a [Launcher] has asked for, [NodeState] what its system says of a node.
type (
	Allocation = backend.Allocation
	NodeState  = backend.NodeState
	NodePhase  = backend.NodePhase
)

// The phases of a node.
const (
	NodeUnknown = backend.NodeUnknown
	NodePending = backend.NodePending
	NodeRunning = backend.NodeRunning
	NodeEnded   = backend.NodeEnded
)

// SSH is a [Launcher] for machines that can be reached by ssh.
type SSH = launchers.SSH

// Slurm is a [Launcher] for clusters that Slurm runs.
type Slurm = launchers.Slurm

// GridEngine is a [Launcher] for Grid Engine in its kinds.
type GridEngine = launchers.GridEngine

// Queue is what PBS, LSF and HTCondor can be asked for.
type Queue = launchers.Queue

// PBS is a launcher for PBS Professional and OpenPBS. It has not run on a cluster yet: see [Queue].
func PBS(q Queue) Launcher { return launchers.PBS(q) }

// LSF is a launcher for IBM Spectrum LSF. It has not run on a cluster yet: see [Queue].
func LSF(q Queue) Launcher { return launchers.LSF(q) }

// HTCondor is a launcher for HTCondor. It has not run on a pool yet: see [Queue].
func HTCondor(q Queue) Launcher { return launchers.HTCondor(q) }

// Batch is a [Launcher] for another batch system, described by its commands; [BatchJob] is what its script is made for.
type (
	Batch    = launchers.Batch
	BatchJob = launchers.Job
)

// Command is a [Launcher] whose nodes are children of this process.
type Command = launchers.Command

// On makes [Start] ask a launcher for its engines, which connect over the network by mutual TLS. Start
// waits for them for as long as its context allows, which may be long where a queue is; standard error says from time to
// time how many have connected and why others have not. The engines run the program that this process runs.
//
// A node that is lost takes its engines with it, and nothing takes its place: what they had not answered runs on others, and
// standard error says what the launcher's system gives as the reason. An engine whose process dies alone is started
// again on its node. When the system announces the end of a node, by SIGTERM or SIGUSR1, its engines finish the frames that
// they have begun.
//
// Nodes end when this process does, however it ends, and within seconds when they cannot reach it any more.
func On(l Launcher) StartOption {
	if l == nil {
		l = noLauncher{}
	}
	return func(o *startOptions) { o.Launcher = l }
}

// noLauncher has no engines.
type noLauncher struct{ Launcher }

// PerNode says so.
func (noLauncher) PerNode(int) (int, error) {
	return 0, errors.New("On was given nil instead of a launcher, such as parallel.SSH")
}

// Adapt lets the cluster become larger and smaller, between two numbers of engines of which the one that [Start] is
// given must be one. It asks for more while the work of load-balanced calls on all engines, as far as their items' cost is known,
// would keep those that are there busy for more than 5 seconds, or for more than others take to come. One submission is under way at a time: what waits in a queue counts
// as there. After one that failed, or brought what was lost within a minute, it waits, longer each time, up to 10 minutes.
//
// Nodes of a launcher that are lost, or about to end, count as gone, and are replaced by others within the limits, which have nothing of what was pushed or kept there. A load-balanced call on all engines that has none left waits for
// them. It fails when five nodes were lost one after the other and no item was finished meanwhile.
//
// When there was less work than engines for as long as idle, those that have nothing to do are ended, whole nodes at a time; what waits in a queue is
// taken back first. An engine that keeps pushed values is not ended; what functions keep by [Set] is no hindrance.
func Adapt(least, most int, idle time.Duration) StartOption {
	return func(o *startOptions) { o.Adapt = backend.Adaptation{Min: least, Max: most, Idle: idle} }
}

// Listen sets where this process listens for the engines of a launcher: a host and a port, of which the first
// may be left out and the second may be a range, as in ":7000-7099" where a firewall lets only some ports
// through. The default is any port of all interfaces. Engines try all addresses of this machine; what connects and has not the
// cluster's certificate and secret is turned away.
func Listen(address string) StartOption { return func(o *startOptions) { o.Listen = address } }
