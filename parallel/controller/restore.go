package controller

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/parallel/values"
	"github.com/goparallel/goparallel/parallel/wire"
)

// What was pushed to an engine is kept here too, so that a process that takes the
// place of another begins with it. Larger values are not kept: keeping is a copy.
const (
	maxPushed    = 16 << 20 // bytes of one value
	maxAllPushed = 64 << 20 // and of all values of an engine
)

// keepPushed keeps what is pushed to an engine under a name, or notes that it is too
// large for that.
func (c *Cluster) keepPushed(e *engine, parcel *values.Parcel) error {
	size := len(parcel.Value.Data)
	for _, b := range parcel.Value.Blocks {
		size += b.Len()
	}
	var kept *value
	if size <= maxPushed {
		var err error
		if kept, err = c.take(parcel); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, v := range e.pushed {
		if v != nil && name != parcel.Name {
			size += v.size()
		}
	}
	if size > maxAllPushed {
		kept = nil
	}
	if e.pushed == nil {
		e.pushed = map[string]*value{}
	}
	e.pushed[parcel.Name] = kept
	return nil
}

// restore gives a process that has connected, and that nobody else knows yet, what
// was pushed to the one before it, and says so.
func (e *engine) restore(link *wire.Link) {
	c := e.cluster
	c.mu.Lock()
	pushed := maps.Clone(e.pushed)
	c.lastCall++
	call := c.lastCall
	c.mu.Unlock()
	var given, lost []string
	opened := false
	for _, name := range slices.Sorted(maps.Keys(pushed)) {
		v := pushed[name]
		if v == nil {
			lost = append(lost, fmt.Sprintf("%q", name))
			continue
		}
		if !opened {
			opening, err := wire.EncodePayload(wire.Opening{Function: values.PushName})
			if err != nil || link.Send(&wire.Message{Envelope: wire.Envelope{Kind: wire.Open, Call: call}, Payload: opening}) != nil {
				return // the link is broken, which shows later
			}
			opened = true
		}
		frame := wire.Envelope{Kind: wire.Frame, Call: call, Frame: uint64(len(given)), Count: 1}
		if link.Send(&wire.Message{Envelope: frame, Payload: v.data, Blocks: v.blocks}) != nil || link.Flush() != nil {
			return
		}
		answer, err := link.Recv()
		answer.Drop()
		if err != nil {
			return
		}
		if answer.Kind != wire.Result || answer.Failures > 0 {
			lost = append(lost, fmt.Sprintf("%q", name))
			continue
		}
		given = append(given, fmt.Sprintf("%q", name))
	}
	if opened {
		e.restored = call
	}
	text := ""
	if len(given) > 0 {
		text += "; it has what was pushed as " + strings.Join(given, ", ") + ", without what functions changed in it"
	}
	if len(lost) > 0 {
		text += "; what was pushed as " + strings.Join(lost, ", ") + " is lost, because it was too large to be kept: push it again"
	}
	if text != "" {
		c.err.Say("engine %d was started again%s", e.id, text)
	}
}
