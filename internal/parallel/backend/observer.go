package backend

import (
	"log/slog"
	"time"
)

// Metrics is told of what happens on a cluster, by number: within about a tenth of a second, and before the cluster has
// closed. One goroutine at a time calls its methods for a cluster, and no call waits for them.
type Metrics interface {
	// Count adds n to a counter of an engine, or, with -1, of the cluster.
	Count(c Counter, engine int, n int)
	// Took is told times of an engine, or, with -1, of the cluster, in order. The slice is not the method's to keep.
	Took(t Timer, engine int, times []time.Duration)
}

// Counter is what is counted, and Timer what is timed. Their names, such as engine_starts, are what String returns.
type (
	Counter int
	Timer   int
)

// The counters.
const (
	EngineStarts Counter = iota
	EngineDeaths
	EngineKills
	EngineFailures
	Calls
	CallFailures
	Frames
	Items
	ItemFailures
	ItemRetries
	ItemRedone
	BytesOut
	BytesIn
	NumCounters
)

// The timers.
const (
	FrameRun Timer = iota
	FrameWire
	CallTime
	NumTimers
)

// number is what is counted or timed: its name, and what it says in a sentence.
type number struct{ name, help string }

var counters = [NumCounters]number{
	EngineStarts:   {"engine_starts", "Processes that connected."},
	EngineDeaths:   {"engine_deaths", "Processes that ended, but for the end of the cluster."},
	EngineKills:    {"engine_kills", "Processes that the controller ended because they were stopped, late, or to be replaced."},
	EngineFailures: {"engine_failures", "Processes that could not be started."},
	Calls:          {"calls", "Calls that began."},
	CallFailures:   {"call_failures", "Calls that ended early."},
	Frames:         {"frames", "Frames that were answered."},
	Items:          {"items", "Items whose frames were answered."},
	ItemFailures:   {"item_failures", "Items that failed, after their retries."},
	ItemRetries:    {"item_retries", "Items that ran again because they had failed."},
	ItemRedone:     {"item_redone", "Items that ran again because their engine died."},
	BytesOut:       {"bytes_out", "Bytes of items."},
	BytesIn:        {"bytes_in", "Bytes of results."},
}

var timers = [NumTimers]number{
	FrameRun:  {"frame_run", "What the function took for the items of a frame."},
	FrameWire: {"frame_wire", "What a frame took beside its engine's work and its wait there."},
	CallTime:  {"call", "What a call took from its beginning to its end."},
}

// String is the counter's name.
func (c Counter) String() string { return counters[c].name }

// Help says what is counted, in a sentence.
func (c Counter) Help() string { return counters[c].help }

// String is the timer's name.
func (t Timer) String() string { return timers[t].name }

// Help says what is timed, in a sentence.
func (t Timer) Help() string { return timers[t].help }

// Observer is told of what happens on a cluster. Either may be nil.
type Observer struct {
	Log     slog.Handler
	Metrics Metrics
}
