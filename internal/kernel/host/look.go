package host

import (
	"os"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
	"github.com/goparallel/goparallel/internal/parallel/poll"
	"github.com/goparallel/goparallel/kernel/comms"
)

// While a cell runs, the host looks fifty times a second what it waits for, and
// whether it lets the host get a word in.

const (
	lookEvery = 20 * time.Millisecond
	// inputLooks is how many looks lie between two whether the cell reads its
	// standard input, and deadlockLooks the same for a deadlock, which two in turn
	// have to find.
	inputLooks, deadlockLooks = 5, 50
	// yieldLooks is how many looks long goroutines give way, so that what the
	// message brings about can happen.
	yieldLooks = 5
	// busy is how much processor time may pass between these in a process that
	// does nothing.
	busy = 50 * time.Millisecond
	// maxStacks bounds the text of all stacks that a look reads.
	maxStacks = 16 << 20
)

// watch is what the looks at one run remember.
type watch struct {
	looks  atomic.Int32
	unread atomic.Int32  // the last look that found a message unread
	used   time.Duration // processor time; this and asleep are findDeadlock's
	asleep string        // the blocked goroutines of the look before
}

// lookLater looks at a run after a while, and then again and again until it has
// ended.
func (h *host) lookLater(e *execution) { time.AfterFunc(lookEvery, func() { h.look(e) }) }

// look sees whether a run keeps a message of the kernel side's from being read,
// and what it waits for: for standard input, which the user is then asked for,
// or for nothing that can happen.
func (h *host) look(e *execution) {
	select {
	case <-e.ended:
		poll.GiveWay(false)
		return
	default:
	}
	n := e.watch.looks.Add(1)
	if n%deadlockLooks == 0 {
		go func() { // which hostsOwn knows as the host's
			h.findDeadlock(e) // before there is a timer, as a deadlocked cell would seem to wait for it
			h.lookLater(e)
		}()
		return
	}
	// The timer comes first, and no look needs the one before. For goroutines that
	// never wait can keep another one from running for a second: each has its ten
	// milliseconds, and who has lost his processor is the last in the line, be it
	// this one or the one that reads messages, such as that of an interrupt. Only a
	// goroutine that a timer starts is the first.
	h.lookLater(e)
	if h.conn.unread() {
		e.watch.unread.Store(n)
	}
	last := e.watch.unread.Load()
	poll.GiveWay(last > 0 && n-last < yieldLooks)
	if n%inputLooks == 0 {
		select {
		case e.looks <- struct{}{}:
		default:
		}
	}
}

// findDeadlock ends the run where no goroutine of the process can go on. Go's
// own search for this never succeeds here, because the host itself waits for
// the kernel side. Where there is any doubt it finds nothing.
func (h *host) findDeadlock(e *execution) {
	w := &e.watch
	before, used := w.used, processorTime()
	w.used = used
	asleep, stacks := "", ""
	if used-before < busy {
		asleep, stacks = h.asleep(e)
	}
	if asleep != "" && asleep == w.asleep {
		go e.stop(&failure{
			Name: "fatal error", Value: "all goroutines are asleep - deadlock!\nThe session's values are kept.",
			Stack: stacks, All: true,
		})
	}
	w.asleep = asleep
}

// asleep returns the blocked goroutines, and their stacks, where nothing in or
// outside of the process can wake one of them.
func (h *host) asleep(e *execution) (goroutines, stacks string) {
	h.mu.Lock()
	calls := len(h.waiting) // of a cell that waits for the kernel side
	h.mu.Unlock()
	if calls > 0 || comms.Any() || threadsOfC() { // the user may move a widget that the cell waits for
		return "", ""
	}
	trace, whole := traceback.All(maxStacks)
	// A timer that was pending during the trace is so now, or has woken somebody.
	if !whole || h.runtime.PendingTimer() {
		return "", ""
	}
	return blocked(trace, e.run.Header())
}

// blocked names the goroutines of a trace, if all but the host's own are blocked,
// and returns the stacks of those that belong to the run, the cell's own first.
func blocked(trace, run string) (goroutines, stacks string) {
	for stack := range traceback.Split(trace) {
		if hostsOwn(stack) {
			continue
		}
		number, doing, ok := traceback.State(stack)
		if !ok || !traceback.Blocked(doing) {
			return "", ""
		}
		goroutines += number + " " + doing + "\n"
		header, _, _ := strings.Cut(stack, "\n")
		switch {
		case !strings.Contains(header, run):
		case strings.Contains(stack, "\ncreated by github.com/goparallel/goparallel/internal/parallel/poll.(*Run).Go"):
			stacks = stack + "\n\n" + stacks
		default:
			stacks += stack + "\n\n"
		}
	}
	return goroutines, stacks
}

// hostsOwn reports whether a goroutine is the main one or was started by this
// package. The cell's are started by package poll.
func hostsOwn(stack string) bool {
	return strings.HasPrefix(stack, traceback.Main) || strings.Contains(stack, "\ncreated by github.com/goparallel/goparallel/internal/kernel/host.")
}

// processorTime is what the process has used.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// threadsOfC reports whether the process may have threads that Go did not
// start, which could call into Go.
func threadsOfC() bool {
	threads, err := os.ReadDir("/proc/self/task")
	return err != nil || len(threads) > pprof.Lookup("threadcreate").Count()
}
