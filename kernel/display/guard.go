package display

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/goparallel/goparallel/kernel/live"
	"github.com/goparallel/goparallel/parallel/poll"
)

// Showing a value calls methods of the user's, which may take for ever, all memory,
// or all of the stack. They run in a goroutine that is ended, or left behind, when
// it is too much. These are variables for the tests.
var (
	// textTime is how long the text of a value may take.
	textTime = 10 * time.Second
	// richTime is how long representations may take that a type draws itself.
	richTime = time.Minute
	// maxGrowth is how much more memory the process may need meanwhile.
	maxGrowth int64 = 1 << 30
)

const (
	// maxStack is how much stack may be used. Go ends the process at a gigabyte, or
	// at a quarter of the process's memory where that is less.
	maxStack = 32 << 20
	// growthShare is the part of the process's memory that maxGrowth is at most.
	growthShare = 4
	// lookEvery is the time between two looks at the memory.
	lookEvery = 20 * time.Millisecond
	// leaveAfter is how long a goroutine may take to end once it is to.
	leaveAfter = 50 * time.Millisecond
)

// Panic is what showing a value panics with where one of its methods does that
// draws it, such as HTML.
type Panic struct {
	// Value is what the method panicked with.
	Value any
	// Stack is the text of its stack then.
	Stack string
}

// Error returns the text of the value.
func (p *Panic) Error() string { return Message(p.Value) }

// guarded calls f in a goroutine and waits for it. It returns nothing where f has
// returned, otherwise what f did, such as "panics". Unless it is that, f may still
// run, so both must be done with what they share; giveUp is called when nobody
// waits any longer.
func guarded(limit time.Duration, f, giveUp func()) (did string, panicked *Panic) {
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
	did = await(run, done, limit)
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
func await(run *poll.Run, done <-chan bool, limit time.Duration) (did string) {
	interrupted := live.Context().Done()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	before := memory()
	most := uint64(min(maxGrowth, debug.SetMemoryLimit(-1)/growthShare))
	for {
		select {
		case returned := <-done:
			if !returned {
				return ended
			}
			return ""
		case <-interrupted:
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

// leave ends the calling goroutine, which runs under guarded.
func leave() { runtime.Goexit() }
