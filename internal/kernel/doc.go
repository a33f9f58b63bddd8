// Package kernel answers Jupyter: it turns the requests that arrive on a
// kernel's channels into calls of a [cell.Interpreter], and what the
// interpreter shows into messages. It knows nothing of Go as a language.
//
// Each request family has a file of its own; unimplemented.go answers the rest.
// Requests on the shell channel go into three queues, each with a goroutine that
// handles one after another: cells, questions about code, and messages of comms
// (questions.go). Requests on the control channel have a goroutine as well. So questions,
// widgets, interrupts and shutdown are answered while a cell runs.
package kernel
