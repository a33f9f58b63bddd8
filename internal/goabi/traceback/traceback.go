// Package traceback takes and reads the text in which Go's runtime prints goroutines.
//
// Assumed: goroutines stand apart by an empty line; each begins with its number, perhaps labels,
// and in brackets what it waits in (runtime/traceback.go, waitReasonStrings in
// runtime/runtime2.go); a call takes two lines, function and position; "created by" begins the
// last one; the goroutine that runs main is the first. The compiler calls function literals, calls by go and
// defer and bodies of ranges after the function around them, with a number (names.go).
//
// Where a release has it otherwise: errors of cells have no lines, the doctor's cell "stack"; a
// cell that nothing can wake waits for ever, or one that something can wake is ended, the
// doctor's cells "deadlock" and "timer"; and this package's tests, which read traces of the
// running release.
package traceback

import (
	"iter"
	"regexp"
	"runtime"
	"strings"
)

// Unnumbered heads a stack that is written without its goroutine.
const Unnumbered = "goroutine 0 [running]:\n"

// All returns the traces of all goroutines, and false where they have that many bytes or more,
// of which it returns the first.
func All(most int) (trace string, whole bool) {
	buf := make([]byte, min(64<<10, most))
	n := runtime.Stack(buf, true)
	for n == len(buf) && n < most {
		buf = make([]byte, min(4*n, most))
		n = runtime.Stack(buf, true)
	}
	return string(buf[:n]), n < most
}

// Split returns the stack of each goroutine of a trace.
func Split(trace string) iter.Seq[string] { return strings.SplitSeq(trace, "\n\n") }

// Own returns what the calling goroutine's stack begins with in a trace: "goroutine 12 ".
func Own() string {
	first := make([]byte, 64)
	name, _, _ := strings.Cut(string(first[:runtime.Stack(first, false)]), "[")
	return name
}

// Find returns the stack in a trace that begins as [Own] says, or nothing.
func Find(trace, own string) string {
	for stack := range Split(trace) {
		if strings.HasPrefix(stack, own) {
			return stack
		}
	}
	return ""
}

// Main is what the stack of the goroutine that initialises packages and runs main begins with.
const Main = "goroutine 1 "

// IsHeader reports whether a line is like "goroutine 7 [running]:", with labels and addresses or
// without.
func IsHeader(line string) bool {
	return strings.HasPrefix(line, "goroutine ") && strings.Contains(line, " [") && strings.HasSuffix(line, ":")
}

var state = regexp.MustCompile(`^goroutine (\d+) .*?\[([^,\]]+)`)

// State returns a goroutine's number, and what it does or waits in, by its stack; false where the
// stack is none.
func State(stack string) (number, doing string, ok bool) {
	m := state.FindStringSubmatch(stack)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// blocked are what a goroutine waits in that only another one can wake.
var blocked = map[string]bool{
	"chan receive": true, "chan send": true, "chan receive (nil chan)": true, "chan send (nil chan)": true,
	"select": true, "select (no cases)": true, "semacquire": true, "coroutine": true,
	"sync.Cond.Wait": true, "sync.Mutex.Lock": true, "sync.RWMutex.RLock": true, "sync.RWMutex.Lock": true, "sync.WaitGroup.Wait": true,
}

// Blocked reports whether a goroutine that does this waits for another one and for nothing else.
func Blocked(doing string) bool { return blocked[doing] }

// Working reports whether a goroutine that does this runs, could run, or waits for the collector of
// garbage or helps it.
func Working(doing string) bool {
	return doing == "running" || doing == "runnable" || doing == "preempted" || strings.HasPrefix(doing, "GC ")
}

// Unavailable stands in place of the stack of a goroutine that another thread runs.
const Unavailable = "stack unavailable"
