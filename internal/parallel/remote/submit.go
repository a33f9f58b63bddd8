package remote

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/controller"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/values"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Submit starts a job. Its items are encoded before Submit returns. The context's end cancels it.
func (c *Cluster) Submit(ctx context.Context, job backend.Job) (backend.Call, error) {
	return c.submit(ctx, job, false)
}

func (c *Cluster) submit(ctx context.Context, job backend.Job, hidden bool) (*Call, error) {
	f := job.Function
	asked := cluster.Submission{
		Function: f.Name, Shown: f.String(), Items: job.Items, Targets: job.Targets, All: job.Targets == nil, Chunk: job.Chunk, Direct: job.Direct,
		Applied: job.Applied, Pinned: job.Pinned, Why: job.Why, Label: job.Label, Priority: job.Priority, Retries: job.Retries, Backoff: job.Backoff,
		Timeout: job.Timeout, StopAtError: job.StopAtError, Once: job.Once, Most: job.Most, Hidden: hidden,
	}
	d, blocks, err := describe(f, &asked)
	if err != nil {
		return nil, err
	}
	call := newCall(c, job.Output)
	call.out, call.results = d.out, job.Out
	call.report.Function, call.report.Label, call.report.Remote, call.report.Why = f.String(), job.Label, f.Runner.Call == nil, job.Why
	call.report.Items, call.report.Chunk, call.report.Workers = job.Items, 0, c.Size()
	if job.Targets != nil {
		call.report.Workers = len(job.Targets)
	}
	if d.in != nil && !job.Pinned && !job.Applied {
		call.report.Mapped, call.report.Chunk = true, job.Chunk
	}
	if err := c.begin(ctx, call, cluster.Question{Call: &asked}, blocks, call.answered); err != nil {
		return nil, err
	}
	if d.in != nil {
		if err := c.give(call, d.in, job.In, job.Items); err != nil {
			call.Cancel(err)
			return nil, err
		}
	}
	return call, nil
}

// begin asks for a call, which is known before anything can come of it.
func (c *Cluster) begin(ctx context.Context, call *Call, q cluster.Question, blocks []*block, answered func(cluster.Reply)) error {
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return c.err
	}
	c.last++
	call.number = c.last
	c.calls[call.number] = call
	c.asked[call.number] = answered
	c.mu.Unlock()
	call.mu.Lock()
	call.stop = context.AfterFunc(ctx, func() { call.Cancel(context.Cause(ctx)) })
	call.mu.Unlock()
	payload, err := wire.EncodePayload(q)
	if err == nil {
		err = c.link.Send(&wire.Message{Envelope: wire.Envelope{Kind: wire.Ask, Call: call.number}, Payload: payload, Blocks: blocks})
	}
	if err == nil {
		err = c.link.Flush()
	}
	if err != nil {
		call.finish(err, nil)
	}
	return err
}

// portion is how many bytes of items travel together, about.
const portion = 16 << 20

// give sends the items of a call.
func (c *Cluster) give(call *Call, in *codec.Codec, items unsafe.Pointer, n int) error {
	size := max(1, int(in.Type.Size()))
	for first := 0; first < n; {
		count := min(n-first, max(1, portion/size))
		apart, err := in.EncodeApart(unsafe.Add(items, uintptr(first)*in.Type.Size()), count)
		if err != nil {
			return fmt.Errorf("of items %d to %d, %w", first, first+count-1, err)
		}
		p := cluster.Portion{Raw: apart.Raw, Data: apart.Data, Ends: apart.Ends, BlockEnds: apart.BlockEnds}
		blocks := apart.Blocks
		if apart.Raw && len(apart.Data) >= largeItems {
			p.Data, blocks = nil, []*block{blockOf(apart.Data)}
		}
		payload, err := wire.EncodePayload(p)
		if err == nil {
			err = c.link.Send(&wire.Message{Envelope: wire.Envelope{Kind: wire.Items, Call: call.number, First: first, Count: count}, Payload: payload, Blocks: blocks})
		}
		if err != nil {
			return fmt.Errorf("items %d to %d: %w", first, first+count-1, err)
		}
		first += count
	}
	return c.link.Flush()
}

// description is what a call is made of on this side.
type description struct{ in, out *codec.Codec }

// describe finds out all that engines need to run a function, and takes the values of variables as they are
// now. What cannot travel is refused here, before anything is sent.
func describe(f registry.Call, s *cluster.Submission) (d description, blocks []*block, err error) {
	refuse := func(format string, args ...any) error {
		return &registry.Refusal{Function: f.String(), Reason: fmt.Sprintf(format, args...)}
	}
	if t := f.Runner.In; t != nil {
		if d.in, err = codec.For(t); err != nil {
			return d, nil, refuse("its argument cannot travel: %v", err)
		}
		s.Argument, s.Size = true, int(t.Size())
	}
	if t := f.Runner.Out; t != nil {
		if d.out, err = codec.For(t); err != nil {
			return d, nil, refuse("its result cannot travel: %v", err)
		}
		s.Result, s.Size = codec.Signature(t), max(s.Size, int(t.Size()))
	}
	if s.Modules, err = controller.ModulesOf(f, d.in, d.out); err != nil {
		return d, nil, refuse("%v", err)
	}
	take := func(pointer any) (v cluster.Value, err error) {
		p := reflect.ValueOf(pointer)
		how, err := codec.For(p.Type().Elem())
		if err != nil {
			return v, err
		}
		data, more, err := how.Encode(p.UnsafePointer(), 1)
		blocks = append(blocks, more...)
		return cluster.Value{Type: p.Type().Elem().String(), Data: data, Blocks: len(more)}, err
	}
	for i, pointer := range f.Values {
		v, err := take(pointer)
		if err != nil {
			return d, nil, refuse("it captures %s: %v", f.Captures[i], err)
		}
		s.Captures = append(s.Captures, v)
	}
	variables := func(names []string) (all []cluster.Named, err error) {
		for _, name := range names {
			pointer := registry.Variable(name)
			if pointer == nil {
				return nil, refuse("it reads the variable %s, which is not known here", name)
			}
			v, err := take(pointer)
			if err != nil {
				return nil, refuse("it reads the variable %s: %v", name, err)
			}
			all = append(all, cluster.Named{Name: name, Value: v})
		}
		return all, nil
	}
	if s.Reads, err = variables(f.Reads); err == nil {
		s.Keeps, err = variables(f.Keeps)
	}
	return d, blocks, err
}

// Push starts a call that keeps values under a name on engines.
func (c *Cluster) Push(ctx context.Context, targets []int, name string, pointers []any) (backend.Call, error) {
	q := cluster.Push{Name: name, Targets: targets, All: targets == nil}
	var blocks []*block
	encoded, err := controller.EncodeAll(name, pointers)
	if err == nil {
		q.Modules, err = controller.TypesIn(pointers...)
	}
	if err != nil {
		return nil, err
	}
	for _, value := range encoded {
		q.Values = append(q.Values, cluster.Value{Type: value.Type, Data: value.Data, Blocks: len(value.Blocks)})
		blocks = append(blocks, value.Blocks...)
	}
	call := newCall(c, nil)
	call.report.Function, call.report.Items = "Push", c.engines(targets)
	return call, c.begin(ctx, call, cluster.Question{Push: &q}, blocks, call.answered)
}

// engines is the number of engines of a view.
func (c *Cluster) engines(targets []int) int {
	if targets == nil {
		return c.Size()
	}
	return len(targets)
}

// Pull starts a call that fetches the values of a name and a type from engines.
func (c *Cluster) Pull(ctx context.Context, targets []int, name string, t reflect.Type) (backend.Call, backend.Pulled, error) {
	if _, err := codec.For(t); err != nil {
		return nil, nil, err
	}
	n := c.engines(targets)
	queries := slices.Repeat([]values.Query{{Name: name, Type: codec.Signature(t)}}, n)
	results := make(values.Pulled, n)
	call, err := c.submit(ctx, backend.Job{
		Function: registry.Call{Function: registry.Named(values.PullName)}, Items: n, Targets: targets, Pinned: true, Chunk: 1,
		In: unsafe.Pointer(unsafe.SliceData(queries)), Out: unsafe.Pointer(unsafe.SliceData(results)),
	}, true)
	if err != nil {
		return nil, nil, err
	}
	return call, results, nil
}
