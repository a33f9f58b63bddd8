// Package host runs compiled cells. Its two sides are a Process, which the
// kernel holds, and Main, the main function of the process that loads the
// cells and lives as long as the notebook's session. Whatever a cell
// does, the kernel survives it: the end of the host is an Outcome. What they say to
// each other, over a socket, is in protocol.go. Of the files that have both ends of one
// matter, methods of [Process] are the kernel's, those of host the host process's.
//
// The kernel's side:
//
//	process      starts and ends a host process, receives what it sends
//	running      has it run a unit, interrupts that
//	shown        what it shows, asks, and wants compiled
//	streams      what it prints, and reports of crashes, read from pipes
//	trace        errors and stacks as those read them who wrote the cells
//	death        why it has ended
//	gonbui       what GoNB's package gonbui sends
//
// The host process:
//
//	main         its main function, and the run of a unit
//	execution    what runs: it is waited for, stopped, left behind
//	load         loads modules, each once
//	objects      loads their objects, by package loader, which it is given
//	serves       which files engines on other machines may fetch
//	outputs      opens its outputs again where cells have closed them
//	stdin        asks for what cells read from standard input
//	sink         sends what cells show
//	progress     shows how far a call is
//	look         looks what a run waits for: deadlocks
//	panics       describes a panic
//	exit         tells who calls os.Exit
//	children     ends what cells have left running
//	watch        the watcher, another process, which does that when the host has ended
//	remote       statements for engines: those are compiled and sent here, and run there
//	enginesink   what they show there
//
// Both:
//
//	calloutput   what engines print and show for a call
//	comm         messages of comms
//	enginecomm   those of comms that engines have opened
//	elsewhere    files for engines of another architecture
//	failure      how a run has failed
//	memory       how much the host process may use
package host
