package controller

import (
	"context"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/values"
)

// Push starts a call that keeps values under a name on engines: the value at the
// only pointer on all of them, or the one at pointer i on target i. They must not
// change before the call has ended.
func (c *Cluster) Push(ctx context.Context, targets []int, name string, pointers []any) (backend.Call, error) {
	encoded, err := EncodeAll(name, pointers)
	if err != nil {
		return nil, err
	}
	modules, err := TypesIn(pointers...)
	if err != nil {
		return nil, err
	}
	return c.PushEncoded(ctx, targets, name, encoded, modules)
}

// EncodeAll encodes the values of a name at some pointers.
func EncodeAll(name string, pointers []any) ([]*codec.Encoded, error) {
	encoded := make([]*codec.Encoded, len(pointers))
	for i, pointer := range pointers {
		value, err := codec.Encode(pointer)
		if err != nil {
			return nil, fmt.Errorf("the value for %q cannot travel: %w", name, err)
		}
		encoded[i] = value
	}
	return encoded, nil
}

// PushEncoded is Push of values that are encoded already. Engines load the modules first.
func (c *Cluster) PushEncoded(ctx context.Context, targets []int, name string, encoded []*codec.Encoded, modules []registry.Module) (backend.Call, error) {
	engines, err := c.find(targets)
	if err != nil {
		return nil, err
	}
	if len(encoded) > 1 && len(encoded) != len(engines) || len(encoded) > len(engines) {
		return nil, errChanged
	}
	parcels, kept := make([]values.Parcel, len(engines)), make([]*pushed, len(engines))
	for i, value := range encoded {
		parcels[i] = values.Parcel{Name: name, Value: *value}
		if kept[i], err = c.keep(&parcels[i]); kept[i] != nil {
			kept[i].modules = modules
		}
		if err != nil {
			return nil, fmt.Errorf("the value for %q cannot travel: %w", name, err)
		}
	}
	if len(encoded) < len(engines) && c.options.Launcher != nil {
		for _, b := range parcels[0].Value.Blocks {
			c.depot.Offer(b)
		}
	}
	for i := len(encoded); i < len(parcels); i++ {
		parcels[i], kept[i] = parcels[0], kept[0] // the blocks are shared
	}
	c.mu.Lock()
	for i, e := range engines {
		e.keeps(name, kept[i])
	}
	c.mu.Unlock()
	return c.onEach(ctx, numbersOf(engines), values.PushName, len(parcels), unsafe.Pointer(unsafe.SliceData(parcels)), nil, Call{uses: kept[:len(encoded)], brings: modules})
}

// Pull starts a call that fetches the values of a name and a type from engines.
func (c *Cluster) Pull(ctx context.Context, targets []int, name string, t reflect.Type) (backend.Call, backend.Pulled, error) {
	engines, err := c.find(targets)
	if err == nil {
		_, err = codec.For(t)
	}
	if err != nil {
		return nil, nil, err
	}
	queries := make([]values.Query, len(engines))
	for i := range queries {
		queries[i] = values.Query{Name: name, Type: codec.Signature(t)}
	}
	results := make(values.Pulled, len(engines))
	call, err := c.onEach(ctx, numbersOf(engines), values.PullName, len(queries),
		unsafe.Pointer(unsafe.SliceData(queries)), unsafe.Pointer(unsafe.SliceData(results)), Call{})
	return call, results, err
}

// numbersOf are the numbers of engines.
func numbersOf(engines []*engine) []int {
	ids := make([]int, len(engines))
	for i, e := range engines {
		ids[i] = e.id
	}
	return ids
}

// onEach starts a call of one of our own functions, with an item for each target.
func (c *Cluster) onEach(ctx context.Context, targets []int, function string, n int, in, out unsafe.Pointer, call Call) (backend.Call, error) {
	call.job = backend.Job{
		Function: registry.Call{Function: registry.Named(function)},
		Items:    n, In: in, Out: out, Targets: targets, Pinned: true, Chunk: 1,
	}
	return c.submit(ctx, &call)
}
