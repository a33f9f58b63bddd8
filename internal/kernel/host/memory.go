package host

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/process"
)

// A runaway cell shall end its process and not the machine. The process may map
// only so much data: where more is asked for, the runtime crashes with a report
// that names the cell's line. What the process starts has the same limit each,
// engines too: a share would take from the one engine that needs it. Should they
// use too much together, the system is told to end them first.

// MemoryVariable is the environment variable with the limit, such as "4GiB".
const MemoryVariable = "GOPARALLEL_MEMORY"

const (
	// minMemory is what a host needs to load cells at all.
	minMemory = 256 << 20
	// defaultShare is the part of the machine's memory, in percent, that cells
	// may use where nobody says how much.
	defaultShare = 80
	// maxStack is Go's own limit for the stack of a goroutine.
	maxStack = 1_000_000_000
	// endFirst is how much sooner than others the system ends the host and what
	// it starts when memory runs out, from 0 to 1000.
	endFirst = "500"
)

// ParseMemory reads a limit such as "4GiB", "512 MiB" or a number of bytes.
func ParseMemory(text string) (int64, error) {
	number, unit := text, int64(1)
	for i, name := range []string{"B", "KiB", "MiB", "GiB", "TiB"} {
		if rest, ok := strings.CutSuffix(text, name); ok {
			number, unit = rest, 1<<(10*i)
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || !(n > 0) || n*float64(unit) > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is no amount of memory: write it as 4GiB or 512MiB", text)
	}
	if bytes := int64(n * float64(unit)); bytes >= minMemory {
		return bytes, nil
	}
	return 0, fmt.Errorf("a memory limit of %s is too small: cells need at least %s", text, FormatMemory(minMemory))
}

// FormatMemory writes an amount as ParseMemory reads it.
func FormatMemory(bytes int64) string {
	for i, name := range []string{"TiB", "GiB"} {
		if unit := int64(1) << (40 - 10*i); bytes >= unit {
			return strconv.FormatFloat(float64(bytes*10/unit)/10, 'f', -1, 64) + " " + name
		}
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

// DefaultMemory is most of what the machine has, or of what the control group
// of this process may use.
func DefaultMemory() int64 {
	var info unix.Sysinfo_t
	memory := int64(math.MaxInt64 / 100)
	if err := unix.Sysinfo(&info); err == nil {
		memory = int64(info.Totalram) * int64(info.Unit)
	}
	return max(min(memory, process.MemoryLimit())/100*defaultShare, minMemory)
}

// limitMemory sets the limits of this process as the kernel side has put them
// into its environment.
func limitMemory() {
	limit, err := strconv.ParseInt(os.Getenv(MemoryVariable), 10, 64)
	if err != nil {
		return // started by hand
	}
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_DATA, &old); err == nil {
		old.Cur = min(uint64(limit), old.Max)
		_ = unix.Setrlimit(unix.RLIMIT_DATA, &old) // without it the machine's limit holds
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 10 * 9)
	}
	debug.SetMaxStack(int(min(maxStack, limit/4)))
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(endFirst), 0) // the same
}
