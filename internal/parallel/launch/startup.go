package launch

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
)

// Engines come to where they connect through the program's own initialisation, which may
// load a model or wait for a database. The time that this takes is known from this
// process, which came the same way.

// startTime limits how long an engine may take to connect beyond that.
const startTime = 20 * time.Second

// startup is how long this process took from its start to [Ask].
var startup time.Duration

// Patience is how long to wait for n engines that are started at once: 20 seconds, and
// three times what this process took to start for each time that they fill this
// machine's processors.
func Patience(n int) time.Duration {
	rounds := (n + runtime.NumCPU() - 1) / runtime.NumCPU()
	return startTime + time.Duration(3*rounds)*startup
}

// sinceStart returns how long ago this process was started, to a hundredth of a
// second, or 0 where the system does not say.
func sinceStart() time.Duration {
	const ticks = 100 // a second; Linux has no other value for programs
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	// The 22nd field is when the process started, after the system did; the second is a
	// name in brackets that may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return 0
	}
	started, err := strconv.ParseInt(string(fields[19]), 10, 64)
	var now unix.Timespec
	if err != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &now) != nil {
		return 0
	}
	return max(0, time.Duration(now.Nano())-time.Duration(started)*time.Second/ticks)
}

// An engine that is slow to connect says where it is, on its stderr, which the parent
// shows and repeats in its error.
func init() {
	if IsEngine() {
		go sayWhereItIs()
	}
}

// firstSay is when a slow engine speaks first; each time after that is twice as late.
const firstSay = 3 * time.Second

// sayWhereItIs runs until this process has asked what it is.
func sayWhereItIs() {
	for after := firstSay; ; after *= 2 {
		time.Sleep(after - sinceStart())
		if Asked() {
			return
		}
		doing := "its packages are still initialised"
		trace, _ := traceback.All(1 << 20)
		stack := traceback.Find(trace, traceback.Main)
		if strings.Contains(stack, "\nmain.main()") {
			doing = "main runs"
		}
		fmt.Fprintf(os.Stderr, "after %v this engine has not come to parallel.Init: %s%s\n", after, doing, place(stack))
	}
}

// place returns where a stack is in the program's own code, or "".
func place(stack string) string {
	lines := strings.Split(stack, "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		function := lines[i][:max(0, strings.LastIndexByte(lines[i], '('))]
		first, _, _ := strings.Cut(function, "/")
		// Other packages than main and those of modules with a domain are the standard library's.
		if strings.HasPrefix(function, "main.") || function != first && strings.Contains(first, ".") {
			file, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " +")
			return fmt.Sprintf(", and it is in %s at %s", function, file)
		}
	}
	return ""
}
