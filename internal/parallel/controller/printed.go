package controller

import (
	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/printed"
)

// lastCalls is how many calls that are over may still have output on its way.
const lastCalls = 100

// output is what the items of a call print on one of the outputs.
type output struct {
	stderr bool
	to     backend.Output // nil where nobody asks for the call's alone
	given  bool           // its lines go where those of all calls go
	texts  printed.Texts
}

// Print keeps lines of an engine, and passes them on to who wants those of the call.
func (o *output) Print(engine int, lines []byte) bool {
	o.texts.Keep(engine, lines)
	if o.to == nil || o.given {
		return false
	}
	o.to.Print(o.stderr, engine, lines)
	return true
}

// Show passes on what an engine shows.
func (o *output) Show(engine int, what []byte) {
	if o.to != nil {
		o.to.Show(engine, what)
	}
}

// outputs are what a call prints: on standard output, and on standard error.
type outputs struct {
	streams [2]output
	over    bool // the call is; guarded by cluster.mu
}

// listenTo notes where a call's output goes. The cluster is locked.
func (c *Cluster) listenTo(call *Call) {
	to := call.job.Output
	call.outputs = &outputs{streams: [2]output{{to: to, given: c.given}, {stderr: true, to: to, given: c.given}}}
	c.printing[call.id] = call.outputs
}

// mute forgets, some calls later, the output of one that is over. The cluster is locked.
func (c *Cluster) mute(call *Call) {
	call.outputs.over = true
	c.muted = append(c.muted, call.id)
	if len(c.muted) > lastCalls {
		delete(c.printing, c.muted[0])
		c.muted = c.muted[1:]
	}
}

// outputOf returns what finds the output of calls.
func (c *Cluster) outputOf(stream int) func(call uint64) launch.Printed {
	return func(call uint64) launch.Printed {
		c.mu.Lock()
		defer c.mu.Unlock()
		if o := c.printing[call]; o != nil {
			return &o.streams[stream]
		}
		return nil
	}
}

// Output returns what the items have printed so far on standard output, or on standard error, by engine.
func (call *Call) Output(stderr bool) map[int]string {
	stream := 0
	if stderr {
		stream = 1
	}
	return call.outputs.streams[stream].texts.All()
}
