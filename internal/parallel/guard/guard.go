// Package guard calls functions that may never return, or would take all memory or
// all of the stack: methods of values, for instance, whose text somebody wants. They run
// in a goroutine that is ended, or left behind, when it is too much.
package guard

import (
	"context"
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/poll"
)

// MaxGrowth is how much more memory, in bytes, the process may need while a function
// runs, at most a quarter of what the process may use.
var MaxGrowth int64 = 1 << 30

const (
	// maxStack is how much stack may be used. Go ends the process at a gigabyte, or
	// at a quarter of the process's memory where that is less.
	maxStack = 32 << 20
	// growthShare is the part of the process's memory that MaxGrowth is at most.
	growthShare = 4
	// lookEvery is the time between two looks at the memory.
	lookEvery = 20 * time.Millisecond
	// leaveAfter is how long a goroutine may take to end once it is to.
	leaveAfter = 50 * time.Millisecond
)

// Panic is what a function panicked with.
type Panic struct {
	// Value is the panic's value.
	Value any
	// Stack is the text of the function's stack then.
	Stack string
}

// Call calls f in a goroutine and waits for it, for at most the given time. It returns
// nothing where f has returned, otherwise what f did, in words such as "panics" or
// "does not return within 10s". A panic of f's is returned too. What f did apart from
// panicking it may still do, so both sides must be done with what they share; giveUp is
// called when nobody waits any longer. The end of ctx ends the call.
//
// Compiled cells are stopped at their next poll, see package poll; what never polls
// is left behind. Only polls notice that the stack grows without end.
func Call(ctx context.Context, limit time.Duration, f, giveUp func()) (did string, panicked *Panic) {
	run := poll.NewRun()
	deep := run.LimitStack(maxStack)
	done := run.Go(func() {
		defer func() {
			if r := recover(); r != nil {
				panicked = &Panic{r, string(debug.Stack())}
			}
		}()
		debug.SetPanicOnFault(true) // a pointer into nowhere is no reason to end the process
		f()
	})
	did = await(ctx, run, done, limit)
	switch tooDeep := deep(); {
	case did == "" && panicked != nil:
		return "panics", panicked
	case did == ended && tooDeep:
		did = "calls itself without end"
	case did != "":
		giveUp()
	}
	return did, nil
}

// ended is what a function did that neither returned nor was stopped.
const ended = "ends its goroutine"

// await waits for the goroutine of a run, and stops it when it takes too much.
func await(ctx context.Context, run *poll.Run, done <-chan bool, limit time.Duration) (did string) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	before := memory()
	most := uint64(min(MaxGrowth, debug.SetMemoryLimit(-1)/growthShare))
	for {
		select {
		case returned := <-done:
			if !returned {
				return ended
			}
			return ""
		case <-ctx.Done():
			did = "was interrupted"
		case <-timer.C:
			did = fmt.Sprintf("does not return within %v", limit)
		case <-look.C:
			if memory() < before+most {
				continue
			}
			did = fmt.Sprintf("needs more than %d MB of memory", most>>20)
		}
		run.Stop()
		select {
		case <-done:
		case <-time.After(leaveAfter):
		}
		return did
	}
}

// memory returns how many bytes of the heap are in use.
func memory() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
