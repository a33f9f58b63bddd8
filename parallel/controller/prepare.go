package controller

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"reflect"

	"github.com/goparallel/goparallel/parallel/codec"
	"github.com/goparallel/goparallel/parallel/registry"
	"github.com/goparallel/goparallel/parallel/wire"
)

// value is an encoded value of a variable, identified by its content.
type value struct {
	hash wire.Hash
	data []byte
	used uint64 // number of the call that used it last, on an engine
}

// maxHeld limits the bytes of values that an engine keeps for later calls.
const maxHeld = 256 << 20

// prepare finds out all that engines need to run the call, and takes the values
// of variables as they are now. What cannot travel is refused here, before
// anything is sent.
func (call *Call) prepare() error {
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
	if call.opening.Modules, err = registry.Modules(f.Module); err != nil {
		return refuse("%v", err)
	}
	call.opening.Function = f.Name
	for i, pointer := range f.Values {
		v, err := encode(pointer)
		if err != nil {
			return refuse("it captures %s: %v", f.Captures[i], err)
		}
		call.values = append(call.values, v)
		call.opening.Captures = append(call.opening.Captures, v.hash)
	}
	for _, name := range f.Reads {
		pointer := registry.Variable(name)
		if pointer == nil {
			return refuse("it reads the variable %s, which is not known here", name)
		}
		v, err := encode(pointer)
		if err != nil {
			return refuse("it reads the variable %s: %v", name, err)
		}
		call.values = append(call.values, v)
		if call.opening.Reads == nil {
			call.opening.Reads = map[string]wire.Hash{}
		}
		call.opening.Reads[name] = v.hash
	}
	return nil
}

// encode takes the value of the variable at pointer.
func encode(pointer any) (*value, error) {
	p := reflect.ValueOf(pointer)
	c, err := codec.For(p.Type().Elem())
	if err != nil {
		return nil, err
	}
	data, err := c.Encode(p.UnsafePointer(), 1)
	if err != nil {
		return nil, err
	}
	if c.Raw() {
		data = bytes.Clone(data) // it is the variable's own memory
	}
	return &value{hash: hashOf(p.Type().Elem(), data), data: data}, nil
}

// hashOf is different for equal bytes of different types: the empty map of one
// is not that of another.
func hashOf(t reflect.Type, data []byte) wire.Hash {
	h := sha256.New()
	h.Write([]byte(t.String()))
	h.Write([]byte{0})
	h.Write(data)
	return wire.Hash(h.Sum(nil))
}

// open makes the message that introduces a call to an engine, with what this
// engine does not have yet. The cluster is locked.
func (e *engine) open(call *Call) *wire.Message {
	e.opened[call] = true
	o := call.opening
	o.Modules = nil
	for _, m := range call.opening.Modules {
		if !e.modules[m.ID] {
			e.modules[m.ID] = true
			o.Modules = append(o.Modules, m)
		}
	}
	for _, v := range call.values {
		if e.values[v.hash] == nil {
			if o.Values == nil {
				o.Values = map[wire.Hash][]byte{}
			}
			o.Values[v.hash] = v.data
			e.values[v.hash] = &value{hash: v.hash, data: v.data}
			e.held += len(v.data)
		}
		e.values[v.hash].used = call.id
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
	return &wire.Message{Envelope: wire.Envelope{Kind: wire.Open, Call: call.id}, Payload: payload}
}

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
			e.held -= len(v.data)
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
