// Package kernel answers Jupyter: it turns the requests that arrive on a
// kernel's channels into calls of a [cell.Interpreter], and what the
// interpreter shows into messages. It knows nothing of Go as a language.
//
// Each request family has a file of its own; unimplemented.go answers the rest.
// Requests on the shell channel are handled one after another by one
// goroutine, requests on the control channel by another, so that interrupts
// and shutdown are answered while a cell runs.
package kernel
