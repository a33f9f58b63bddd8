package backend

import "time"

// Status is what a cluster does now.
type Status struct {
	// Name is the cluster's name; "" for one that is part of its caller's process.
	Name string
	// At is when it was looked at.
	At time.Time
	// Engines are in the order of their numbers.
	Engines []EngineStatus
	// Calls are those that run, the oldest first.
	Calls []CallStatus
}

// State is what an engine does.
type State string

// The states of an engine.
const (
	Idle     State = "idle"     // it waits for work
	Busy     State = "busy"     // it has frames
	Starting State = "starting" // its process has not connected yet
	Down     State = "down"     // no process runs; another is tried after a pause
)

// EngineStatus is what an engine does now.
type EngineStatus struct {
	ID, Pid int
	State   State
	// Why is the reason where the state is Down.
	Why string
	// Call is the number of the call that the engine works on, Function what people call it, and
	// Item the item that runs, or -1.
	Call     uint64
	Function string
	Item     int
	// Busy is since when it has worked on that frame.
	Busy time.Duration
	// Queue is the number of frames that it has, that one included.
	Queue int
	// Memory is the bytes of memory that its process occupies; 0 where nobody knows.
	Memory int64
	// Done is the number of items that it has finished, Failed how many of these failed, Deaths how many
	// of its processes have ended.
	Done, Failed, Deaths int
	// Spans are the frames that it has answered last, the oldest first.
	Spans []Span
}

// Span is when a frame ran, in nanoseconds since 1970, and of which call. Failed is the number of its items that failed.
type Span struct {
	From, To int64
	Call     uint64
	Failed   int
}

// CallStatus is how far a call is.
type CallStatus struct {
	Call            uint64
	Function, Label string
	// Items is how many there are, Done how many are finished, Away how many are on engines.
	Items, Done, Away, Failed int
	Elapsed                   time.Duration
}
