package wire

import (
	"syscall"
	"time"
)

// Spin is a look for a message again and again, for a moment before sleeping. To wake a process
// takes some ten microseconds longer than to find the message while looking: a processor
// that has gone to sleep must be woken as well. A thread that waits for this processor goes first,
// and ends the spin, so that looking takes no time from who has something to do.
type Spin struct {
	until time.Time
	lost  bool
}

// SpinTime is how long it pays to look.
const SpinTime = 50 * time.Microsecond

// lostTime is what it takes at least until a thread that let another one go runs again.
const lostTime = 10 * time.Microsecond

// NewSpin begins to look.
func NewSpin() Spin { return Spin{until: time.Now().Add(SpinTime)} }

// Again reports whether to look once more, after nothing was found.
func (s *Spin) Again() bool {
	before := time.Now()
	if s.lost || before.After(s.until) {
		return false
	}
	syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
	s.lost = time.Since(before) > lostTime
	return true
}
