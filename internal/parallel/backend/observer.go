package backend

import (
	"log/slog"
	"time"
)

// Metrics is told of what happens on a cluster, by number. Its methods are called by several goroutines,
// while the cluster waits: they return at once, and call nothing of the cluster.
type Metrics interface {
	// Count adds to a counter of an engine, or, with -1, of the cluster.
	Count(c Counter, engine int, n int)
	// Took is a time of an engine, or, with -1, of the cluster.
	Took(t Timer, engine int, d time.Duration)
}

// Counter is what is counted, and Timer what is timed, by a name such as "engine_starts".
type (
	Counter string
	Timer   string
)

// The counters.
const (
	EngineStarts   Counter = "engine_starts"
	EngineDeaths   Counter = "engine_deaths"
	EngineKills    Counter = "engine_kills"
	EngineFailures Counter = "engine_failures"
	Calls          Counter = "calls"
	CallFailures   Counter = "call_failures"
	Frames         Counter = "frames"
	Items          Counter = "items"
	ItemFailures   Counter = "item_failures"
	ItemRetries    Counter = "item_retries"
	ItemRedone     Counter = "item_redone"
	BytesOut       Counter = "bytes_out"
	BytesIn        Counter = "bytes_in"
)

// The timers.
const (
	FrameRun  Timer = "frame_run"
	FrameWire Timer = "frame_wire"
	CallTime  Timer = "call"
)

// Counters are all counters, Timers all timers.
var (
	Counters = []Counter{EngineStarts, EngineDeaths, EngineKills, EngineFailures, Calls, CallFailures, Frames, Items, ItemFailures, ItemRetries, ItemRedone, BytesOut, BytesIn}
	Timers   = []Timer{FrameRun, FrameWire, CallTime}
)

// Help says what is counted, in a sentence.
func (c Counter) Help() string {
	return map[Counter]string{
		EngineStarts:   "Processes that connected.",
		EngineDeaths:   "Processes that ended, but for the end of the cluster.",
		EngineKills:    "Processes that the controller ended because they were stopped, late, or to be replaced.",
		EngineFailures: "Processes that could not be started.",
		Calls:          "Calls that began.",
		CallFailures:   "Calls that ended early.",
		Frames:         "Frames that were answered.",
		Items:          "Items whose frames were answered.",
		ItemFailures:   "Items that failed, after their retries.",
		ItemRetries:    "Items that ran again because they had failed.",
		ItemRedone:     "Items that ran again because their engine died.",
		BytesOut:       "Bytes of items.",
		BytesIn:        "Bytes of results.",
	}[c]
}

// Help says what is timed, in a sentence.
func (t Timer) Help() string {
	return map[Timer]string{
		FrameRun:  "What the function took for the items of a frame.",
		FrameWire: "What a frame took beside its engine's work and its wait there.",
		CallTime:  "What a call took from its beginning to its end.",
	}[t]
}

// Observer is told of what happens on a cluster. Either may be nil.
type Observer struct {
	Log     slog.Handler
	Metrics Metrics
}
