package cell

import "encoding/json"

// Comm is a message of a comm: a connection between an object of the session, such
// as a widget, and its other side in the front end. Either side may open one, send on
// it and close it.
type Comm struct {
	// Kind is CommOpen, CommMessage or CommClose.
	Kind string `json:"kind"`
	// ID names the comm, and is chosen by the side that opens it.
	ID string `json:"id"`
	// Target says what the other side shall connect it to, such as
	// "jupyter.widget"; only an opening message has it.
	Target string `json:"target,omitempty"`
	// Data and Metadata are JSON objects, or nil for empty ones.
	Data     json.RawMessage `json:"data,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// Buffers are binary data that travels beside Data.
	Buffers [][]byte `json:"buffers,omitempty"`
}

// The kinds of a Comm, by the names that the protocol has for them.
const (
	CommOpen    = "comm_open"
	CommMessage = "comm_msg"
	CommClose   = "comm_close"
)
