package controller

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/values"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// What was pushed to an engine is kept here too, so that a process that takes the
// place of another begins with it. Larger values are not kept: keeping is a copy.
const (
	maxPushed    = 16 << 20 // bytes of one value
	maxAllPushed = 64 << 20 // and of all values of an engine
)

// pushed is a parcel that engines keep, encoded. Its blocks are copies, and those that
// are sent: shared memory is filled once.
type pushed struct {
	value
	modules []registry.Module // of types that it holds in interfaces
	users   int               // engines that keep it, calls and restorations that may still send it; guarded by cluster.mu
}

// drop takes a user off; the last one gives shared memory back at once, and not when it
// is garbage, so that the next push finds memory that is in use already. The cluster is locked.
func (p *pushed) drop() {
	if p == nil {
		return
	}
	if p.users--; p.users == 0 {
		for _, b := range p.blocks {
			b.Release()
		}
	}
}

// keep makes of a parcel one whose large pieces are copies, with one user: whoever
// sends it. It is nil, and the parcel as it was, where the value is too large to be kept.
func (c *Cluster) keep(parcel *values.Parcel) (*pushed, error) {
	if len(parcel.Value.Data)+memory.Total(parcel.Value.Blocks) > maxPushed {
		return nil, nil
	}
	blocks := make([]*memory.Block, len(parcel.Value.Blocks))
	for i, b := range parcel.Value.Blocks {
		view, err := b.View()
		if err != nil {
			return nil, err
		}
		blocks[i] = memory.Snapshot(c.listener.Pool(), view)
	}
	parcel.Value.Blocks = blocks
	how, err := codec.For(reflect.TypeFor[values.Parcel]())
	if err != nil {
		return nil, err
	}
	p := &pushed{users: 1}
	p.data, p.blocks, err = how.Encode(unsafe.Pointer(parcel), 1)
	return p, err
}

// keeps notes what is pushed to the engine under a name; nil where it is too large
// to be kept. The cluster is locked.
func (e *engine) keeps(name string, p *pushed) {
	size := 0
	for other, v := range e.pushed {
		if v != nil && other != name {
			size += v.size()
		}
	}
	if p != nil && size+p.size() > maxAllPushed {
		p = nil
	}
	if p != nil {
		p.users++
	}
	e.pushed[name].drop()
	if e.pushed == nil {
		e.pushed = map[string]*pushed{}
	}
	e.pushed[name] = p
}

// restore gives a process that has connected, and that nobody else knows yet, what
// was pushed to the one before it, and says so.
func (e *engine) restore(link connection) {
	c := e.cluster
	c.mu.Lock()
	pushed := maps.Clone(e.pushed)
	opening := wire.Opening{Function: values.PushName}
	for _, p := range pushed {
		if p != nil {
			p.users++
			opening.Modules = append(opening.Modules, p.modules...) // engines load each once
		}
	}
	c.lastCall++
	call := c.lastCall
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, p := range pushed {
			p.drop()
		}
	}()
	var given, lost []string
	opened := false
	for _, name := range slices.Sorted(maps.Keys(pushed)) {
		v := pushed[name]
		if v == nil {
			lost = append(lost, fmt.Sprintf("%q", name))
			continue
		}
		if !opened {
			payload, err := wire.EncodePayload(opening)
			if err != nil || link.Send(&wire.Message{Envelope: wire.Envelope{Kind: wire.Open, Call: call}, Payload: payload}) != nil {
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
