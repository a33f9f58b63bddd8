package command

import (
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/format"
)

// times is a point in the life of the process: when it was, and the processor
// time used until then.
type times struct {
	wall         time.Time
	user, system live.Duration
}

func processTimes() times {
	t := times{wall: time.Now()}
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil {
		t.user, t.system = live.Duration(usage.Utime.Nano()), live.Duration(usage.Stime.Nano())
	}
	return t
}

// stopwatch is the one of %time and %%time. A cell may stop it (Show, so that
// showing a value is not counted) before TimeEnd prints it.
var stopwatch watch

type watch struct {
	sync.Mutex
	running, stopped bool
	begin, end       times
}

func (w *watch) reset() {
	w.Lock()
	defer w.Unlock()
	w.running, w.stopped = false, false
}

func (w *watch) start() {
	w.Lock()
	defer w.Unlock()
	w.running, w.stopped = true, false
	w.begin = processTimes()
}

func (w *watch) stop() {
	now := processTimes()
	w.Lock()
	defer w.Unlock()
	if w.running && !w.stopped {
		w.end, w.stopped = now, true
	}
}

// take returns the measured interval and resets the stopwatch; ok is false
// where it was not started.
func (w *watch) take() (begin, end times, ok bool) {
	w.stop()
	w.Lock()
	defer w.Unlock()
	ok = w.running
	w.running, w.stopped = false, false
	return w.begin, w.end, ok
}

// TimeStop stops the stopwatch without printing: the cell has its value, and
// showing it is not to be counted.
func TimeStop() { stopwatch.stop() }

// TimeReset makes the stopwatch as if it had never been started.
func TimeReset() { stopwatch.reset() }

// TimeBegin starts the stopwatch of %time and %%time. The generated statement
// stands beside it, not inside a function, so that the variables it defines
// belong to the session.
func TimeBegin() { stopwatch.start() }

// TimeEnd prints the times since TimeBegin as IPython does. Without it, they
// are printed at the end of the cell, also of one that failed.
func TimeEnd() {
	begin, end, ok := stopwatch.take()
	if !ok {
		return
	}
	user, system := end.user-begin.user, end.system-begin.system
	wall := end.wall.Sub(begin.wall)
	text := func(d live.Duration) string { return format.Time(d.Seconds(), 3) }
	fmt.Fprintf(os.Stdout, "CPU times: user %s, sys: %s, total: %s\nWall time: %s\n",
		text(user), text(system), text(user+system), text(wall))
}
