package engine

import (
	"context"
	"reflect"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/poll"
	"github.com/goparallel/goparallel/internal/parallel/stack"
	"github.com/goparallel/goparallel/internal/parallel/text"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// frame is one frame while its items run.
type frame struct {
	call            *call
	id              uint64
	first, count    int
	in, out         unsafe.Pointer
	inSize, outSize uintptr
	item            *int64        // the shared record of which item runs
	limit           time.Duration // after which no further item is begun; 0 for none
	each            *limit        // of each item; nil for none
	renew           bool          // the run was stopped for an item's sake
	began, looked   time.Time     // when the first item began, and when the clock was read last
	step, look      int           // after how many items the clock is read, and before which one next
	next            int           // the item that runs now, counted from first
	failures        []wire.Failure
	spent           time.Duration // running items
}

// run runs all items and reports whether it came to the end; otherwise the call
// was stopped.
func (f *frame) run() bool {
	if f.look = f.count; f.limit > 0 {
		f.began = time.Now()
		f.looked, f.step, f.look = f.began, 1, 1
	}
	for f.next < f.count {
		ended := f.call.run.Do(f.items)
		if f.each != nil && !ended {
			if err := f.each.end(); err != nil {
				f.fail(false, err.Error(), err, "")
				f.renew, ended = true, true
			}
		}
		if f.renew {
			f.renew = false
			if !f.each.executor.renew(f.call) {
				return false
			}
		}
		if ended {
			continue
		}
		if f.call.run.Stopped() {
			return false
		}
		f.fail(false, "the function ended its goroutine (runtime.Goexit)", nil, "")
	}
	return true
}

// items runs items up to the end or to the first that panics.
func (f *frame) items() {
	start := time.Now()
	defer func() {
		f.spent += max(0, time.Since(start)-clock)
		if v := recover(); v != nil {
			if f.each != nil && f.each.end() != nil {
				f.renew = true
			}
			trace := ""
			if c, ok := v.(stack.Carried); ok {
				v, trace = c.Value, c.Stack
			} else {
				trace = stack.Panic()
			}
			err, _ := v.(error)
			f.fail(true, text.Message(context.Background(), v), err, trace)
		}
	}()
	call := f.call.runner.Call
	for ; f.next < f.count; f.next++ {
		if f.next >= f.look && f.timeIsUp() {
			f.count = f.next
			return
		}
		if poll.Flag.Load() != 0 {
			poll.Point()
		}
		*f.item = int64(f.first + f.next)
		i, ctx := uintptr(f.next), f.call.ctx
		if f.each != nil {
			ctx = f.each.begin(ctx)
		}
		err := call(ctx, unsafe.Add(f.in, i*f.inSize), unsafe.Add(f.out, i*f.outSize))
		if f.each != nil {
			if late := f.each.end(); late != nil {
				err, f.renew = late, true
			}
		}
		if err != nil {
			f.fail(false, text.Message(context.Background(), err), err, "")
			f.next-- // fail went on to the next item, as the loop does
			if f.renew {
				f.next++
				return
			}
		}
	}
}

// Reading the clock takes as long as a cheap item, so it is read once for several of them, as
// long as they take less than lookTime together; but never for more than maxStep, because a dear one
// may come.
const (
	lookTime = 2 * time.Microsecond
	maxStep  = 64
)

// timeIsUp reads the clock between two items.
func (f *frame) timeIsUp() bool {
	now := time.Now()
	if now.Sub(f.began) >= f.limit {
		return true
	}
	if now.Sub(f.looked) < lookTime {
		f.step = min(2*f.step, maxStep)
	} else {
		f.step = max(f.step/4, 1)
	}
	f.looked, f.look = now, f.next+f.step
	return false
}

// clock is what time.Since finds between two readings with nothing between them: of a
// frame of one cheap item it would be most of the time.
var clock = func() time.Duration {
	least := time.Microsecond
	for range 100 {
		least = min(least, time.Since(time.Now()))
	}
	return least
}()

// maxStacks limits the failures of a frame whose stack is kept.
const maxStacks = 10

// fail notes that the current item failed, and goes on to the next. The error is nil
// where a panic's value was none.
func (f *frame) fail(panicked bool, value string, err error, trace string) {
	var encoded []byte
	if err != nil {
		encoded = codec.EncodeError(err)
	}
	if len(f.failures) >= maxStacks {
		trace = ""
	}
	f.failures = append(f.failures, wire.Failure{Item: f.first + f.next, Panic: panicked, Value: value, Error: encoded, Stack: trace})
	if f.out != nil {
		// What a failed item may have left behind is no result.
		reflect.NewAt(f.call.runner.Out, unsafe.Add(f.out, uintptr(f.next)*f.outSize)).Elem().SetZero()
	}
	f.next++
}
