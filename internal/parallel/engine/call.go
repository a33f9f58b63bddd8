package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/poll"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/stack"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// call is a call that the controller has opened here.
type call struct {
	id     uint64
	run    *poll.Run       // executor.mu guards it
	ctx    context.Context // ends with the call
	cancel context.CancelFunc
	limit  time.Duration // how long an item may run; 0 for ever
	runner registry.Runner
	in     *codec.Codec // nil without argument
	out    *codec.Codec // nil without result
	reads  map[string]wire.Hash
	keeps  map[string]wire.Hash
	ran    bool  // a frame of it
	err    error // why no item of it can run
}

// newCall makes a call known.
func (e *executor) newCall(id uint64) *call {
	c := &call{id: id, run: poll.NewRun()}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	e.calls[id], e.last = c, c
	return c
}

// end forgets a call that is over.
func (e *executor) end(id uint64) {
	if ended := e.calls[id]; ended != nil {
		ended.cancel()
		delete(e.calls, id)
	}
}

// repeat opens a call that is as the one before it, which is over.
func (e *executor) repeat(id uint64) {
	last := e.last
	e.end(last.id)
	c := e.newCall(id)
	c.runner, c.in, c.out, c.limit, c.err = last.runner, last.in, last.out, last.limit, last.err
}

// open takes in all that a call needs.
func (e *executor) open(m wire.Message) {
	c := e.newCall(m.Call)
	e.record.Enter(m.Call)
	defer e.record.Enter(0)
	defer func() {
		if v := recover(); v != nil {
			c.err = fmt.Errorf("panic while its code was loaded: %v\n%s", v, stack.Panic())
		}
	}()
	var o wire.Opening
	if c.err = wire.DecodePayload(m.Payload, &o); c.err != nil {
		return
	}
	for _, id := range o.Ended {
		e.end(id)
	}
	for _, hash := range o.Drop {
		e.values[hash].release()
		delete(e.values, hash)
	}
	if c.err = e.keep(o.Values, m.Blocks); c.err != nil {
		return
	}
	for _, module := range o.Modules {
		if e.loaded[module.ID] {
			continue
		}
		if err := e.load(context.Background(), module); err != nil {
			c.err = fmt.Errorf("module %s could not be loaded: %w", module.ID, err)
			return
		}
		e.loaded[module.ID] = true
	}
	c.reads, c.keeps, c.limit = o.Reads, o.Keeps, time.Duration(o.Limit)
	c.err = c.prepare(e, &o)
}

// prepare finds the function and gives it what it captures.
func (c *call) prepare(e *executor, o *wire.Opening) error {
	f := registry.Named(o.Function)
	if f == nil {
		return fmt.Errorf("the engine does not know the function %s; a program must register the same functions in every process, before main; "+
			"in a notebook, wrap what an imported package registered: func(x T) R { return p.F(x) }", o.Function)
	}
	c.runner = f.Runner
	if f.Rebuild != nil {
		pointers, build := f.Rebuild()
		if len(o.Captures) != len(pointers) {
			return fmt.Errorf("%s captures %d variables, %d arrived", f, len(pointers), len(o.Captures))
		}
		for i, p := range pointers {
			if err := e.set(p, o.Captures[i]); err != nil {
				return fmt.Errorf("%s, captured by %s: %w", f.Captures[i], f, err)
			}
		}
		c.runner = build()
	}
	var err error
	if c.runner.In != nil {
		if c.in, err = codec.For(c.runner.In); err != nil {
			return err
		}
	}
	if c.runner.Out != nil {
		c.out, err = codec.For(c.runner.Out)
	}
	return err
}

// bind sets the variables that the call's function reads. Another call may have
// set them to other values in between.
func (c *call) bind(e *executor) error {
	for name, hash := range c.reads {
		if e.current[name] == hash {
			continue
		}
		pointer := registry.Variable(name)
		if pointer == nil {
			return fmt.Errorf("the engine does not know the variable %s", name)
		}
		if err := e.set(pointer, hash); err != nil {
			return fmt.Errorf("variable %s: %w", name, err)
		}
		e.current[name] = hash
	}
	for name, hash := range c.keeps {
		e.current[name] = hash // the function is about to set it
	}
	return nil
}

// frame runs the items of a message and returns the answer; nil if the call was
// cancelled.
func (e *executor) frame(m received) *wire.Message {
	if e.inbox.dropped(m.Call) {
		return nil
	}
	answer := &wire.Message{Envelope: m.Envelope}
	fail := func(err error) *wire.Message {
		answer.Kind, answer.Payload, answer.Blocks = wire.Failed, []byte(err.Error()), nil
		return answer
	}
	c := e.calls[m.Call]
	if c == nil {
		return fail(fmt.Errorf("items arrived for a call that was not opened"))
	}
	if c.err == nil {
		c.err = c.bind(e)
	}
	if c.err != nil {
		return fail(c.err)
	}
	start := time.Now()
	f := &frame{call: c, id: m.Frame, first: m.First, count: m.Count, item: e.record.Item(), limit: time.Duration(m.Limit)}
	if c.limit > 0 {
		f.each = &limit{executor: e, frame: f, most: c.limit}
	}
	if c.in != nil {
		items, done, err := c.in.Items(m.Payload, m.Blocks, m.Count)
		if err != nil {
			return fail(err)
		}
		defer done()
		f.in, f.inSize = items, c.runner.In.Size()
	}
	var results *memory.Block
	if c.out != nil {
		f.out, results = e.results(c.out, m.Count)
		f.outSize = c.runner.Out.Size()
	}
	decoded := time.Now()

	e.mark(c)
	e.setRunning(c)
	e.record.Enter(c.id)
	completed := f.run()
	e.record.Enter(0)
	e.setRunning(nil)
	if !completed {
		if results != nil {
			results.Release()
		}
		return nil
	}
	ran := time.Now()

	answer.Kind, answer.Count, answer.Failures = wire.Result, f.count, len(f.failures)
	var err error
	if c.out != nil {
		if results != nil {
			results.Trim(f.count * int(f.outSize))
			answer.Blocks = []*memory.Block{results}
		} else if answer.Payload, answer.Blocks, err = c.out.EncodeInto(e.encoded, f.out, f.count); err != nil {
			return fail(fmt.Errorf("a result cannot travel: %w", err))
		}
		if !c.out.Raw() && cap(answer.Payload) <= keptBuffer {
			e.encoded = answer.Payload
		}
	}
	if len(f.failures) > 0 {
		data, err := wire.EncodePayload(wire.Outcome{Failures: f.failures, Values: answer.Payload})
		if err != nil {
			return fail(err)
		}
		answer.Payload = data
	}
	answer.Queue, answer.Decode = int64(start.Sub(m.at)), int64(decoded.Sub(start))
	answer.Run, answer.Encode = int64(f.spent), int64(time.Since(ran))
	return answer
}

// mark says in what is printed that it belongs to another call now, where there are several.
func (e *executor) mark(c *call) {
	alone := len(e.calls) == 1 && !c.ran && !e.marks
	switch c.ran = true; {
	case e.ran == c.id:
		return
	case alone && e.marked:
		launch.Mark(0)
		e.marked = false
	case !alone && (e.marks || e.marked || len(e.calls) > 1):
		launch.Mark(c.id)
		e.marked = true
	}
	e.ran = c.id
}

// setRunning notes whose items run, for [executor.stop].
func (e *executor) setRunning(c *call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.running = c
	if c != nil && e.inbox.dropped(c.id) {
		c.run.Stop()
		c.cancel()
	}
}
