package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// entered has the items that waiting has begun.
var entered = make(chan int, 1)

func init() {
	waiting := func(ctx context.Context, x int) (int, error) { entered <- x; <-ctx.Done(); return x, ctx.Err() }
	registry.Func(registry.Info{Name: "waiting"}, waiting, registry.FnContext1RE(waiting))
	leaving := func(x int) int {
		if x == 2 {
			runtime.Goexit()
		}
		return x
	}
	registry.Func(registry.Info{Name: "leaving"}, leaving, registry.Fn1R(leaving))
	slow := func(x int) int { time.Sleep(time.Duration(x) * time.Millisecond); return x }
	registry.Func(registry.Info{Name: "slow"}, slow, registry.Fn1R(slow))
}

// Items that fail leave the others alone, and no result behind.
func TestFramesWithFailures(t *testing.T) {
	for _, test := range []struct {
		function string
		items    []int
		want     string
	}{
		{"half", []int{2, 4}, "2 from 10: [1 2]"},
		{"half", []int{1, 4, 5}, "3 from 10: [0 2 0] 10: 1 is odd: invalid argument 12: 5 is odd: invalid argument"},
		{"half", []int{2, 4, 5}, "3 from 10: [1 2 0] 12: 5 is odd: invalid argument"},
		{"broken", []int{1, 2}, "2 from 10: [0 0] 10: item 1 11: item 2"},
		{"leaving", []int{1, 2, 3}, "3 from 10: [1 0 3] 11: the function ended its goroutine (runtime.Goexit)"},
		{"leaving", []int{2}, "1 from 10: [0] 10: the function ended its goroutine (runtime.Goexit)"},
		{"double", nil, "0 from 10: []"},
		{"channel", []int{1}, "failed: a result cannot travel: "},
	} {
		t.Run(fmt.Sprint(test.function, test.items), func(t *testing.T) {
			e := newExecutor(t, nil)
			e.begin(t, 1, wire.Opening{Function: test.function})
			m := e.ask(t, 1, test.items...)
			if got := said(t, m); got != test.want && !(strings.HasSuffix(test.want, ": ") && strings.HasPrefix(got, test.want)) {
				t.Errorf("it says %q, want %q", got, test.want)
			}
			if m.Frame != 7 || m.Call != 1 {
				t.Errorf("the answer is to frame %d of call %d", m.Frame, m.Call)
			}
			if call, item := e.record.Last(); call != 0 || item >= 0 {
				t.Errorf("the engine is at item %d of call %d", item, call)
			}
		})
	}
}

// What is said of a failure: errors that both sides know stay errors, panics have their stacks, of which a frame has so
// many, and no more.
func TestWhatIsSaidOfFailures(t *testing.T) {
	e := newExecutor(t, nil)
	outcome := func(function string, items ...int) (o wire.Outcome) {
		e.begin(t, 1, wire.Opening{Function: function})
		if err := wire.DecodePayload(e.ask(t, 1, items...).Payload, &o); err != nil {
			t.Fatal(err)
		}
		return o
	}
	f := outcome("half", 1).Failures[0]
	if err := codec.DecodeError(f.Error); f.Panic || f.Stack != "" || !errors.Is(err, os.ErrInvalid) {
		t.Errorf("an error is %+v: %v", f, err)
	}
	items := make([]int, maxStacks+2)
	for i, f := range outcome("broken", items...).Failures {
		if !f.Panic || (f.Stack != "") != (i < maxStacks) {
			t.Errorf("panic %d: %+v", i, f)
		}
		if i == 0 && (!strings.HasPrefix(f.Stack, "strings.Map(") || strings.Contains(f.Stack, "frame.go")) {
			t.Errorf("the stack is not that of the item:\n%s", f.Stack)
		}
	}
}

// Items that do not fit their number run nowhere.
func TestItemsThatAreDamaged(t *testing.T) {
	e := newExecutor(t, nil)
	e.begin(t, 1, wire.Opening{Function: "double"})
	for _, count := range []int{1, 3} {
		ran = nil
		m := e.frame(received{Message: wire.Message{Envelope: wire.Envelope{Kind: wire.Frame, Call: 1, Count: count}, Payload: bytesOf(t, 1, 2)}})
		if got := said(t, m); !strings.HasPrefix(got, fmt.Sprintf("failed: %d elements of int need", count)) || ran != nil {
			t.Errorf("%d items ran %v: %s", count, ran, got)
		}
	}
}

// When a frame's time is up it is answered with the items that have run: at least one, and none that has not.
func TestAFrameWhoseTimeIsUp(t *testing.T) {
	e := newExecutor(t, nil)
	e.begin(t, 1, wire.Opening{Function: "slow"})
	frame := func(limit time.Duration, items ...int) *wire.Message {
		return e.frame(received{Message: wire.Message{
			Envelope: wire.Envelope{Kind: wire.Frame, Call: 1, Count: len(items), Limit: int64(limit)}, Payload: bytesOf(t, items...),
		}})
	}
	if got := said(t, frame(time.Nanosecond, 5, 6, 7)); got != "1 from 0: [5]" {
		t.Errorf("without time it says %q", got)
	}
	if got := said(t, frame(10*time.Millisecond, 20, 20, 7)); got != "1 from 0: [20]" {
		t.Errorf("with time for less than one item it says %q", got)
	}
	if got := said(t, frame(time.Hour, 1, 2, 3)); got != "3 from 0: [1 2 3]" {
		t.Errorf("with time enough it says %q", got)
	}
	m := frame(0, 2, 2)
	if got := time.Duration(m.Run); got < 4*time.Millisecond || got > time.Minute {
		t.Errorf("items of 4 ms ran for %v", got)
	}
}

// A cancellation ends the frame that runs, and those that wait; the call's end is known until it is answered, and other
// calls run.
func TestCancelledCalls(t *testing.T) {
	e := newExecutor(t, nil)
	e.begin(t, 1, wire.Opening{Function: "waiting"})
	e.begin(t, 2, wire.Opening{Function: "double"})
	cancel := func(call uint64) {
		e.inbox.mu.Lock()
		e.inbox.cancelled[call] = true
		e.inbox.mu.Unlock()
		e.stop(call)
	}
	go func() {
		<-entered
		if call, item := e.record.Last(); call != 1 || item != 10 {
			t.Errorf("the engine is at item %d of call %d", item, call)
		}
		cancel(2) // another one
		cancel(1)
	}()
	if got := said(t, e.ask(t, 1, 1, 2, 3)); got != "nothing" {
		t.Errorf("a cancelled frame says %q", got)
	}
	for _, call := range []uint64{1, 2} {
		ran = nil
		if got := said(t, e.ask(t, call, 1)); got != "nothing" || ran != nil {
			t.Errorf("a frame of cancelled call %d says %q", call, got)
		}
	}
	e.inbox.stopped(2)
	if got := said(t, e.ask(t, 2, 4)); got != "1 from 10: [8]" {
		t.Errorf("call 2 says %q", got)
	}
}

// An item that runs longer than its call allows fails, and the others run; where the call is cancelled meanwhile they
// do not.
func TestItemsOfACallThatLimitsThem(t *testing.T) {
	e := newExecutor(t, nil)
	e.begin(t, 1, wire.Opening{Function: "waiting", Limit: int64(10 * time.Millisecond)})
	go func() { <-entered; <-entered }()
	got := said(t, e.ask(t, 1, 1, 2))
	if got != "2 from 10: [0 0] 10: it ran longer than 10ms: context deadline exceeded 11: it ran longer than 10ms: context deadline exceeded" {
		t.Errorf("it says %q", got)
	}
	go func() {
		<-entered
		e.inbox.mu.Lock()
		e.inbox.cancelled[1] = true
		e.inbox.mu.Unlock()
	}()
	if got := said(t, e.ask(t, 1, 1, 2)); got != "nothing" {
		t.Errorf("a cancelled frame says %q", got)
	}
	if len(entered) > 0 {
		t.Error("an item ran after the cancellation")
	}
}
