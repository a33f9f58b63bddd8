package launch

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/process"
)

// leastMemory is what an engine needs to start at all, with some room for items. In programs with code in C each
// thread takes 8 MB.
const leastMemory = 256 << 20

// maxStack is Go's own limit for the stack of a goroutine.
const maxStack = 1_000_000_000

// CanLimit returns an error if engines of this program cannot have a limit of so many bytes of memory.
func CanLimit(bytes int64) error {
	if bytes < leastMemory {
		return fmt.Errorf("a limit of %d bytes of memory is too small: an engine needs at least %d MiB", bytes, leastMemory>>20)
	}
	if raceDetector {
		return errors.New("engines of a program that was built with -race cannot have a limit of memory: the race detector maps terabytes for its own use")
	}
	return nil
}

// LimitMemory limits the data that this process, an engine, may map. Go's runtime crashes where it is refused
// more, and says which line asked for it; before that it collects garbage more often.
func (c *Config) LimitMemory() error {
	if c.Memory == 0 {
		return nil
	}
	var limit unix.Rlimit
	err := unix.Getrlimit(unix.RLIMIT_DATA, &limit)
	if err == nil {
		limit.Cur = min(uint64(c.Memory), limit.Cur, limit.Max)
		err = unix.Setrlimit(unix.RLIMIT_DATA, &limit)
	}
	if err != nil {
		return fmt.Errorf("the limit of memory, %s, cannot be set: %w", c.memory(), err)
	}
	debug.SetMemoryLimit(min(debug.SetMemoryLimit(-1), c.Memory/10*9))
	debug.SetMaxStack(int(min(maxStack, c.Memory/4)))
	return nil
}

// memory is the limit as people write it.
func (c *Config) memory() string {
	if c.Memory>>20<<20 != c.Memory {
		return fmt.Sprintf("%d bytes", c.Memory)
	}
	return fmt.Sprintf("%d MiB", c.Memory>>20)
}

// ranOut reports whether a process that printed this at its end was refused memory.
func ranOut(tail string) bool {
	return slices.ContainsFunc([]string{"out of memory", "cannot allocate memory", "pthread_create failed"}, func(s string) bool { return strings.Contains(tail, s) })
}

// wanting says of a process that was killed from outside that the kernel has ended processes here for want of memory meanwhile, and is ""
// where it has not.
func (p *Child) wanting() string {
	state := p.State()
	if state == nil {
		return ""
	}
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || status.Signal() != syscall.SIGKILL || process.Starved() == p.starved {
		return ""
	}
	limit := "this machine has none left"
	if bytes := process.MemoryLimit(); bytes < math.MaxInt64>>10 {
		limit = fmt.Sprintf("all processes here together may use %d MiB", bytes>>20)
	}
	return fmt.Sprintf(" when memory ran out: %s; ask for more memory, or for fewer engines in one place", limit)
}
