package controller

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/goparallel/goparallel/internal/parallel/launch"
)

// mostPrinted limits what is kept of an engine's output in a call, in bytes of each stream.
const mostPrinted = 256 << 10

// lastCalls is how many calls that are over may still have output on its way.
const lastCalls = 100

// printed is what the items of a call print on one of the outputs.
type printed struct {
	to io.Writer // nil where the lines of all calls go

	mu    sync.Mutex
	texts map[int]*bytes.Buffer // by engine
	full  map[int]bool
}

// Keep keeps a line, unless there are too many.
func (p *printed) Keep(engine int, line []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.texts[engine]
	if text == nil {
		if p.texts == nil {
			p.texts, p.full = map[int]*bytes.Buffer{}, map[int]bool{}
		}
		text = new(bytes.Buffer)
		p.texts[engine] = text
	}
	switch {
	case p.full[engine]:
	case text.Len()+len(line) > mostPrinted:
		fmt.Fprintf(text, "… it prints more than %d KB in one call: the rest is not kept\n", mostPrinted>>10)
		p.full[engine] = true
	default:
		text.Write(line)
	}
}

// Writer is where lines go as they come.
func (p *printed) Writer() io.Writer { return p.to }

// all returns what each engine has printed.
func (p *printed) all() map[int]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	texts := make(map[int]string, len(p.texts))
	for engine, text := range p.texts {
		texts[engine] = text.String()
	}
	return texts
}

// outputs are what a call prints: on standard output, and on standard error.
type outputs struct {
	streams [2]printed
	over    bool // the call is; guarded by cluster.mu
}

// listenTo notes where a call's output goes. The cluster is locked.
func (c *Cluster) listenTo(call *Call) {
	call.outputs = &outputs{}
	if !c.given {
		call.outputs.streams = [2]printed{{to: call.job.Stdout}, {to: call.job.Stderr}}
	}
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

// of returns what finds the output of calls.
func (c *Cluster) of(stream int) func(call uint64) launch.Printed {
	return func(call uint64) launch.Printed {
		c.mu.Lock()
		defer c.mu.Unlock()
		if o := c.printing[call]; o != nil {
			return &o.streams[stream]
		}
		return nil
	}
}

// now returns what finds the output of the call that an engine works for.
func (c *Cluster) now(stream int) func(engine int) launch.Printed {
	return func(engine int) launch.Printed {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, e := range c.engines {
			if e.id == engine && e.printing != nil {
				return &e.printing.streams[stream]
			}
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
	return call.outputs.streams[stream].all()
}
