package controller

import (
	"context"
	"fmt"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Encoded is what a call of another process's function needs: this process knows neither the
// function nor its types, and passes on bytes.
type Encoded struct {
	// Modules are what engines load before they run the function, in order.
	Modules []registry.Module
	// Captures are the values of the variables that the function captures, Reads those of the
	// variables that it reads, and Keeps the caller's of those that it sets where it runs, by name.
	Captures     []Value
	Reads, Keeps map[string]Value
	// Size is the number of bytes of an item or its result in memory, as far as it is known.
	Size int
	// Items returns items as [codec.Codec.Encode] does. It is nil where the function has no argument.
	Items func(first, count int) (data []byte, blocks []*memory.Block)
	// Store takes the results of a range of items, those of failed ones included, before their
	// arrival is told. It uses up the blocks. It is nil where the function has no result.
	Store func(first, count int, data []byte, blocks []*memory.Block) error
}

// Value is an encoded value, and the name of its type.
type Value struct {
	Type   string
	Data   []byte
	Blocks []*memory.Block
}

// Foreign is an error of another process's function, as [codec.EncodeError] wrote it.
type Foreign struct{ Data []byte }

// Error says what it is: the text is elsewhere in a failure.
func (*Foreign) Error() string { return "an error that this process does not know" }

// SubmitEncoded starts a job of another process. Of its function the name and the label count; In
// and Out are not used.
func (c *Cluster) SubmitEncoded(ctx context.Context, job backend.Job, x *Encoded) (backend.Call, error) {
	return c.submit(ctx, &Call{job: job, encoded: x})
}

// prepareEncoded takes over what engines need.
func (call *Call) prepareEncoded() error {
	x := call.encoded
	call.opening = wire.Opening{Function: call.job.Function.Name, Limit: int64(call.job.Timeout), Modules: x.Modules}
	for _, given := range x.Captures {
		v, err := call.bring(given)
		if err != nil {
			return err
		}
		call.opening.Captures = append(call.opening.Captures, v.hash)
	}
	call.opening.Reads, call.opening.Keeps = map[string]wire.Hash{}, map[string]wire.Hash{}
	for name, given := range x.Reads {
		v, err := call.bring(given)
		if err != nil {
			return err
		}
		call.opening.Reads[name] = v.hash
	}
	for name, given := range x.Keeps { // engines need not have these, but tell them from others
		v, err := call.taken(given)
		if err != nil {
			return err
		}
		call.opening.Keeps[name] = v.hash
	}
	return nil
}

// bring makes a value one that the call brings to engines.
func (call *Call) bring(given Value) (*value, error) {
	v, err := call.taken(given)
	if err == nil {
		call.values = append(call.values, v)
	}
	return v, err
}

// taken is the value of this content.
func (call *Call) taken(given Value) (*value, error) {
	v, err := call.cluster.known(given.Type, given.Data, given.Blocks)
	if v == nil && err == nil {
		v, err = call.cluster.copied(given.Type, given.Data, given.Blocks)
	}
	if err != nil {
		return nil, fmt.Errorf("a value for %s: %w", call.job.Function, err)
	}
	return v, nil
}

// failure is the error of an item as an engine sent it.
func (call *Call) failure(data []byte) error {
	if call.encoded == nil {
		return codec.DecodeError(data)
	}
	if data == nil {
		return nil
	}
	return &Foreign{data}
}
