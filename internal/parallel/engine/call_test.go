package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/launch"
	"github.com/goparallel/goparallel/internal/parallel/memory"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// What the tests' calls run. The variable is one that several calls set to values of their own.
var (
	factor int
	ran    []int // the items, in order

	captured registry.Literal
)

func init() {
	add := func(name string, fn any, run registry.Runner, reads ...string) {
		registry.Func(registry.Info{Name: name, Reads: reads}, fn, run)
	}
	registry.Var("factor", &factor)
	double := func(x int) int { ran = append(ran, x); return 2 * x }
	scaled := func(x int) int { return factor * x }
	set := func(x int) int { factor = x; return x }
	half := func(x int) (int, error) {
		if x%2 != 0 {
			return -1, fmt.Errorf("%d is odd: %w", x, os.ErrInvalid)
		}
		return x / 2, nil
	}
	broken := func(x int) int {
		return len(strings.Map(func(rune) rune { panic(fmt.Errorf("item %d", x)) }, "x"))
	}
	channel := func(x int) any { return make(chan int, x) }
	add("double", double, registry.Fn1R(double))
	add("scaled", scaled, registry.Fn1R(scaled), "factor")
	add("set", set, registry.Fn1R(set))
	add("half", half, registry.Fn1RE(half))
	add("broken", broken, registry.Fn1R(broken))
	add("channel", channel, registry.Fn1R(channel))
	registry.DefineLiteral(&captured, registry.Info{Name: "plus"}, []string{"k"}, func() ([]any, func() registry.Runner) {
		var k int
		return []any{&k}, func() registry.Runner { return registry.Fn1R(func(x int) int { return x + k }) }
	})
}

// newExecutor returns the executor of an engine whose controller is the other end of the link. Modules are loaded by
// the function.
func newExecutor(t *testing.T, load Loader) *executor {
	t.Helper()
	in, _, _ := linked(t)
	record, err := launch.NewRecord()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(record.Close)
	e := &executor{
		link: in.link, inbox: in, load: load, record: record,
		loaded: map[string]bool{}, values: map[wire.Hash]*held{}, current: map[string]wire.Hash{}, calls: map[uint64]*call{},
	}
	in.stop = e.stop
	return e
}

// begin opens a call.
func (e *executor) begin(t *testing.T, id uint64, o wire.Opening, blocks ...*memory.Block) {
	t.Helper()
	payload, err := wire.EncodePayload(o)
	if err != nil {
		t.Fatal(err)
	}
	e.open(wire.Message{Envelope: wire.Envelope{Kind: wire.Open, Call: id}, Payload: payload, Blocks: blocks})
}

// ask sends a frame of a call, whose first item is number 10, and returns the answer.
func (e *executor) ask(t *testing.T, id uint64, items ...int) *wire.Message {
	t.Helper()
	return e.frame(received{Message: wire.Message{
		Envelope: wire.Envelope{Kind: wire.Frame, Call: id, Frame: 7, First: 10, Count: len(items)}, Payload: bytesOf(t, items...),
	}})
}

// bytesOf encodes items.
func bytesOf(t *testing.T, items ...int) []byte {
	t.Helper()
	c, err := codec.For(reflect.TypeFor[int]())
	if err != nil {
		t.Fatal(err)
	}
	data, _, err := c.Encode(unsafe.Pointer(unsafe.SliceData(items)), len(items))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(data)
}

// said is what an answer says: results, failures by item, or why no item ran.
func said(t *testing.T, m *wire.Message) string {
	t.Helper()
	if m == nil {
		return "nothing"
	}
	if m.Kind == wire.Failed {
		return "failed: " + string(m.Payload)
	}
	values, words := m.Payload, ""
	if m.Failures > 0 {
		var o wire.Outcome
		if err := wire.DecodePayload(m.Payload, &o); err != nil || len(o.Failures) != m.Failures {
			t.Fatalf("%d failures: %+v, %v", m.Failures, o, err)
		}
		values = o.Values
		for _, f := range o.Failures {
			words += fmt.Sprintf(" %d: %s", f.Item, f.Value)
		}
	}
	c, _ := codec.For(reflect.TypeFor[int]())
	results := make([]int, m.Count)
	if err := c.Decode(values, m.Blocks, unsafe.Pointer(unsafe.SliceData(results)), m.Count); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d from %d: %v%s", m.Count, m.First, results, words)
}

// Whatever is wrong with an opening, each frame of its call is answered by the reason, and calls after it run.
func TestOpenings(t *testing.T) {
	three := wire.Hash{3}
	value := []wire.Value{{Hash: three, Data: bytesOf(t, 3)}}
	for _, test := range []struct {
		name string
		o    wire.Opening
		want string
	}{
		{"a function", wire.Opening{Function: "double"}, "2 from 10: [2 4]"},
		{"a function that is not known", wire.Opening{Function: "triple"}, "does not know the function triple"},
		{"a literal", wire.Opening{Function: "plus", Values: value, Captures: []wire.Hash{three}}, "2 from 10: [4 5]"},
		{"a literal without what it captures", wire.Opening{Function: "plus"}, "captures 1 variables, 0 arrived"},
		{"a captured value that did not come", wire.Opening{Function: "plus", Captures: []wire.Hash{three}}, "k, captured by plus: its value did not arrive"},
		{"a captured value of another type", wire.Opening{Function: "plus", Values: []wire.Value{{Hash: three, Data: []byte{1}}}, Captures: []wire.Hash{three}}, "k, captured by plus: 1 elements"},
		{"a variable", wire.Opening{Function: "scaled", Values: value, Reads: map[string]wire.Hash{"factor": three}}, "2 from 10: [3 6]"},
		{"a variable that did not come", wire.Opening{Function: "scaled", Reads: map[string]wire.Hash{"factor": three}}, "variable factor: its value did not arrive"},
		{"a variable that is not known", wire.Opening{Function: "scaled", Values: value, Reads: map[string]wire.Hash{"divisor": three}}, "does not know the variable divisor"},
		{"a value without its block", wire.Opening{Function: "double", Values: []wire.Value{{Hash: three, Blocks: 1}}}, "without their blocks"},
		{"a value with less than no blocks", wire.Opening{Function: "double", Values: []wire.Value{{Hash: three, Blocks: -1}}}, "without their blocks"},
		{"a module", wire.Opening{Function: "double", Modules: []registry.Module{{ID: "good"}}}, "2 from 10: [2 4]"},
		{"a module that cannot be loaded", wire.Opening{Function: "double", Modules: []registry.Module{{ID: "bad"}}}, "module bad could not be loaded: no such file"},
		{"a module that panics", wire.Opening{Function: "double", Modules: []registry.Module{{ID: "panics"}}}, "panic while its code was loaded: init of panics"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newExecutor(t, func(_ context.Context, m registry.Module) error {
				switch m.ID {
				case "bad":
					return errors.New("no such file")
				case "panics":
					panic("init of " + m.ID)
				}
				return nil
			})
			e.begin(t, 1, test.o)
			for range 2 {
				if got := said(t, e.ask(t, 1, 1, 2)); !strings.Contains(got, test.want) {
					t.Errorf("it says %q, want %q", got, test.want)
				}
			}
			if call, item := e.record.Last(); call != 0 || item >= 0 {
				t.Errorf("the engine is at item %d of call %d", item, call)
			}
			e.begin(t, 2, wire.Opening{Function: "double", Ended: []uint64{1}})
			if got := said(t, e.ask(t, 2, 5)); got != "1 from 10: [10]" {
				t.Errorf("the next call says %q", got)
			}
			if got := said(t, e.ask(t, 1, 5)); got != "failed: items arrived for a call that was not opened" {
				t.Errorf("a call that has ended says %q", got)
			}
		})
	}
	e := newExecutor(t, nil)
	e.open(wire.Message{Envelope: wire.Envelope{Kind: wire.Open, Call: 1}, Payload: []byte{0xff}})
	if got := said(t, e.ask(t, 1, 5)); !strings.HasPrefix(got, "failed: malformed payload") {
		t.Errorf("an opening that cannot be read says %q", got)
	}
}

// A module is loaded once, and what failed is tried again.
func TestModulesAreLoadedOnce(t *testing.T) {
	var loads []string
	fails := true
	e := newExecutor(t, func(_ context.Context, m registry.Module) error {
		loads = append(loads, m.ID)
		if m.ID == "b" && fails {
			return errors.New("not yet")
		}
		return nil
	})
	o := wire.Opening{Function: "double", Modules: []registry.Module{{ID: "a"}, {ID: "b"}, {ID: "c"}}}
	e.begin(t, 1, o)
	fails = false
	e.begin(t, 2, o)
	e.begin(t, 3, o)
	if got := strings.Join(loads, ""); got != "abbc" {
		t.Errorf("modules were loaded in the order %s", got)
	}
	if a, b := said(t, e.ask(t, 1, 1)), said(t, e.ask(t, 2, 1)); !strings.Contains(a, "not yet") || b != "1 from 10: [2]" {
		t.Errorf("the calls say %q and %q", a, b)
	}
}

// Calls in turn have the variable at their own value, as long as the engine is to keep the values; what a function sets
// is there for calls that mean that value, and for no others.
func TestEachCallHasItsValues(t *testing.T) {
	two, three, kept := wire.Hash{2}, wire.Hash{3}, wire.Hash{9}
	e := newExecutor(t, nil)
	e.begin(t, 1, wire.Opening{Function: "scaled", Values: []wire.Value{{Hash: two, Data: bytesOf(t, 2)}}, Reads: map[string]wire.Hash{"factor": two}})
	e.begin(t, 2, wire.Opening{Function: "scaled", Values: []wire.Value{{Hash: three, Data: bytesOf(t, 3)}}, Reads: map[string]wire.Hash{"factor": three}})
	e.begin(t, 3, wire.Opening{Function: "set", Keeps: map[string]wire.Hash{"factor": kept}})
	e.begin(t, 4, wire.Opening{Function: "scaled", Reads: map[string]wire.Hash{"factor": kept}})
	for i, step := range []struct {
		call uint64
		item int
		want int
	}{{1, 5, 10}, {2, 5, 15}, {1, 5, 10}, {3, 7, 7}, {4, 5, 35}, {4, 6, 42}, {2, 5, 15}} {
		if got, want := said(t, e.ask(t, step.call, step.item)), fmt.Sprintf("1 from 10: [%d]", step.want); got != want {
			t.Errorf("step %d: call %d says %q, want %q", i, step.call, got, want)
		}
	}
	e.begin(t, 5, wire.Opening{Function: "scaled", Drop: []wire.Hash{two}, Reads: map[string]wire.Hash{"factor": two}})
	if got := said(t, e.ask(t, 5, 1)); !strings.Contains(got, "did not arrive") {
		t.Errorf("a value that was dropped: %q", got)
	}
}

// A call that is as the last one is opened by a word, and has that one's code, captures and faults.
func TestACallAsTheLastOne(t *testing.T) {
	three := wire.Hash{3}
	e := newExecutor(t, nil)
	e.begin(t, 1, wire.Opening{Function: "plus", Values: []wire.Value{{Hash: three, Data: bytesOf(t, 3)}}, Captures: []wire.Hash{three}})
	e.repeat(2)
	if got := said(t, e.ask(t, 2, 1)); got != "1 from 10: [4]" {
		t.Errorf("the call says %q", got)
	}
	if got := said(t, e.ask(t, 1, 1)); !strings.Contains(got, "not opened") {
		t.Errorf("the last one is over, and says %q", got)
	}
	e.begin(t, 3, wire.Opening{Function: "triple"})
	e.repeat(4)
	if got := said(t, e.ask(t, 4, 1)); !strings.Contains(got, "does not know the function triple") {
		t.Errorf("the call says %q", got)
	}
}
