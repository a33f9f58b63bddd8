package host

import (
	"runtime"
	"strings"
)

// at returns why a run was stopped with the place where it was, if the reason does not say it: of a
// run that has ended, what it ended with, whose stack is that of the poll at which it left; of one that is
// blocked and left behind, where its goroutine waits.
func (why *failure) at(end *failure, ended bool, goroutine string) *failure {
	if why.Stack != "" {
		return why
	}
	placed := *why
	switch {
	case !ended:
		placed.Stack = stackOf(goroutine)
	case end != nil && end.Name == "Goexit":
		placed.Stack = end.Stack
	}
	return &placed
}

// goroutineName returns how a trace names the calling goroutine: "goroutine 12 ".
func goroutineName() string {
	first := make([]byte, 64)
	name, _, _ := strings.Cut(string(first[:runtime.Stack(first, false)]), "[")
	return name
}

// stackOf returns the stack of the goroutine of that name, or nothing where it is not among the
// first goroutines of the process.
func stackOf(name string) string {
	const most = 1 << 20
	all := make([]byte, most)
	all = all[:runtime.Stack(all, true)]
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		if strings.HasPrefix(stack, name) {
			return stack
		}
	}
	return ""
}
