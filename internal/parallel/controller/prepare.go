package controller

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"time"
	"weak"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// value is an encoded value of a variable, identified by its content.
type value struct {
	hash   wire.Hash
	data   []byte
	blocks []*memory.Block
}

// size is the number of bytes.
func (v *value) size() int { return len(v.data) + memory.Total(v.blocks) }

// maxHeld limits the bytes of values that an engine keeps for later calls.
const maxHeld = 256 << 20

// prepare finds out all that engines need to run the call, and takes the values
// of variables as they are now. What cannot travel is refused here, before
// anything is sent.
func (call *Call) prepare() error {
	if call.encoded != nil {
		return call.prepareEncoded()
	}
	f := call.job.Function
	refuse := func(format string, args ...any) error {
		return &registry.Refusal{Function: f.String(), Reason: fmt.Sprintf(format, args...)}
	}
	var err error
	if t := f.Runner.In; t != nil {
		if call.in, err = codec.For(t); err != nil {
			return refuse("its argument cannot travel: %v", err)
		}
	}
	if t := f.Runner.Out; t != nil {
		if call.out, err = codec.For(t); err != nil {
			return refuse("its result cannot travel: %v", err)
		}
	}
	call.opening.Function, call.opening.Limit = f.Name, int64(call.job.Timeout)
	for i, pointer := range f.Values {
		v, err := call.cluster.take(pointer)
		if err != nil {
			return refuse("it captures %s: %v", f.Captures[i], err)
		}
		call.values = append(call.values, v)
		call.opening.Captures = append(call.opening.Captures, v.hash)
	}
	variables := func(names []string) (map[string]wire.Hash, []*value, error) {
		hashes, values := make(map[string]wire.Hash, len(names)), make([]*value, len(names))
		for i, name := range names {
			pointer := registry.Variable(name)
			if pointer == nil {
				return nil, nil, refuse("it reads the variable %s, which is not known here", name)
			}
			v, err := call.cluster.take(pointer)
			if err != nil {
				return nil, nil, refuse("it reads the variable %s: %v", name, err)
			}
			hashes[name], values[i] = v.hash, v
		}
		return hashes, values, nil
	}
	var read []*value
	if call.opening.Reads, read, err = variables(f.Reads); err != nil {
		return err
	}
	call.values = append(call.values, read...)
	if call.opening.Keeps, _, err = variables(f.Keeps); err != nil {
		return err
	}
	if call.opening.Modules, err = ModulesOf(f, call.in, call.out); err != nil {
		return refuse("%v", err)
	}
	call.opening.Modules = append(call.opening.Modules, call.brings...)
	return nil
}

// ModulesOf lists the modules that engines need for a function with these types, and for what interfaces hold, in the order
// in which they are loaded.
func ModulesOf(f registry.Call, in, out *codec.Codec) ([]registry.Module, error) {
	open := in != nil && in.Open() || out != nil && out.Open()
	for _, pointer := range f.Values {
		open = open || holdsAny(pointer)
	}
	for _, name := range f.Reads {
		open = open || holdsAny(registry.Variable(name))
	}
	if !open {
		return registry.Modules(f.Module)
	}
	return registry.Modules(append([]string{f.Module}, registry.TypeModules()...)...)
}

// TypesIn lists the modules that engines need for what interfaces hold in the variables at some pointers.
func TypesIn(pointers ...any) ([]registry.Module, error) {
	if !slices.ContainsFunc(pointers, holdsAny) {
		return nil, nil
	}
	return registry.Modules(registry.TypeModules()...)
}

// holdsAny reports whether the variable at pointer, which can travel, may hold values of all types.
func holdsAny(pointer any) bool {
	how, err := codec.For(reflect.TypeOf(pointer).Elem())
	return err == nil && how.Open()
}

// take takes the value of the variable at pointer. The same value, taken again
// while it is in use, is one in memory too, and is shared by all engines.
func (c *Cluster) take(pointer any) (*value, error) {
	p := reflect.ValueOf(pointer)
	t := p.Type().Elem()
	how, err := codec.For(t)
	if err != nil {
		return nil, err
	}
	data, blocks, err := how.Encode(p.UnsafePointer(), 1)
	if err != nil {
		return nil, err
	}
	if v, err := c.known(t.String(), data, blocks); v != nil || err != nil {
		return v, err
	}
	// All of it is the variable's own memory, which may change, even now: the hash
	// must be that of the copy.
	return c.copied(t.String(), data, blocks)
}

// known returns the value of this content that is in use already, or nil.
func (c *Cluster) known(typed string, data []byte, blocks []*memory.Block) (*value, error) {
	hash, err := hashOf(typed, data, blocks)
	if err != nil {
		return nil, err
	}
	if known, ok := c.taken.Load(hash); ok {
		return known.(weak.Pointer[value]).Value(), nil
	}
	return nil, nil
}

// copied is a value that is a copy of what is encoded.
func (c *Cluster) copied(typed string, data []byte, blocks []*memory.Block) (*value, error) {
	v := &value{data: bytes.Clone(data)}
	for _, b := range blocks {
		view, err := b.View()
		if err != nil {
			return nil, err
		}
		block := memory.Snapshot(c.listener.Pool(), view)
		if c.options.Launcher != nil {
			c.depot.Offer(block)
		}
		v.blocks = append(v.blocks, block)
	}
	var err error
	if v.hash, err = hashOf(typed, v.data, v.blocks); err != nil {
		return nil, err
	}
	c.taken.Store(v.hash, weak.Make(v))
	runtime.AddCleanup(v, func(hash wire.Hash) {
		if known, ok := c.taken.Load(hash); ok && known.(weak.Pointer[value]).Value() == nil {
			c.taken.CompareAndDelete(hash, known)
		}
	}, v.hash)
	return v, nil
}

// open makes the message that introduces a call to an engine, with what this
// engine does not have yet. The cluster is locked.
func (e *engine) open(call *Call) *wire.Message {
	e.opened[call] = true
	if e.repeats(call) {
		e.ended, e.last.call = nil, call.id
		return &wire.Message{Envelope: wire.Envelope{Kind: wire.Again, Call: call.id}}
	}
	e.last = told{}
	if call.repeatable() {
		e.last = call.told()
	}
	o := call.opening
	o.Modules = nil
	for _, m := range call.opening.Modules {
		if !e.modules[m.ID] {
			e.modules[m.ID] = true
			o.Modules = append(o.Modules, m)
		}
	}
	var blocks []*memory.Block
	for _, v := range call.values {
		if e.values[v.hash] == nil {
			o.Values = append(o.Values, wire.Value{Hash: v.hash, Data: v.data, Blocks: len(v.blocks)})
			blocks = append(blocks, v.blocks...)
			e.values[v.hash] = v
			e.held += v.size()
		}
	}
	if e.held > maxHeld {
		o.Drop = e.drop()
	}
	o.Ended, e.ended = e.ended, nil
	payload, err := wire.EncodePayload(o)
	if err != nil {
		call.finish(fmt.Errorf("the call could not be described to engine %d: %w", e.id, err))
		return nil
	}
	return &wire.Message{Envelope: wire.Envelope{Kind: wire.Open, Call: call.id}, Payload: payload, Blocks: blocks}
}

// told is what an engine was told of the last call.
type told struct {
	call             uint64 // 0 for none that can be repeated
	function, module string
	limit            time.Duration
}

func (call *Call) told() told {
	return told{call.id, call.job.Function.Name, call.job.Function.Module, call.job.Timeout}
}

// repeats reports whether a call is the engine's last one again, as far as the engine
// sees: all that there is to say of it was said then. The cluster is locked.
func (e *engine) repeats(call *Call) bool {
	same := call.told()
	same.call = e.last.call
	if same != e.last || len(e.ended) != 1 || e.ended[0] != same.call || !call.repeatable() {
		return false
	}
	for _, m := range call.opening.Modules {
		if !e.modules[m.ID] {
			return false
		}
	}
	return true
}

// repeatable reports whether a call can stand for later ones: nothing is captured or read that may
// differ.
func (call *Call) repeatable() bool { return len(call.values) == 0 && len(call.opening.Keeps) == 0 }

// drop chooses the values that no open call uses, and forgets them. The cluster
// is locked.
func (e *engine) drop() []wire.Hash {
	needed := map[wire.Hash]bool{}
	for call := range e.opened {
		for _, v := range call.values {
			needed[v.hash] = true
		}
	}
	var dropped []wire.Hash
	for hash, v := range e.values {
		if !needed[hash] {
			dropped = append(dropped, hash)
			e.held -= v.size()
			delete(e.values, hash)
		}
	}
	return dropped
}

// forget notes that an engine may forget a call. The cluster is locked.
func (e *engine) forget(call *Call) {
	delete(e.opened, call)
	e.ended = append(e.ended, call.id)
}
