package host

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// causeOfDeath says why the host process has ended. Why is what it said itself
// before, or nil.
func causeOfDeath(state *os.ProcessState, report string, why *failure, memory int64) *failure {
	switch {
	case why != nil:
		return why
	case report != "":
		name, value := crashCause(report)
		if outOfMemory.MatchString(value) {
			value = fmt.Sprintf("out of memory: the process that runs the cells may use %s; the option --memory of goparallel kernel and run sets the limit, or the environment variable %s",
				FormatMemory(memory), MemoryVariable)
		}
		return &failure{Name: name, Value: value, Stack: report}
	}
	return &failure{Name: "Exited", Value: howEnded(state)}
}

// lostConnection describes a process that is alive and can no longer be talked
// to.
func lostConnection(pid int, path string) *failure {
	const ended = "; it has been ended"
	now, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if same, err2 := filepath.EvalSymlinks(path); err == nil && err2 == nil && now != same {
		return &failure{Name: "Exited", Value: "the process that runs the cells replaced itself by " + now + " (syscall.Exec)" + ended}
	}
	return &failure{Name: "Exited", Value: "the process that runs the cells has closed its connection to the kernel, among file descriptors of its own" + ended}
}

// howEnded says in words how a process ended without a crash report.
func howEnded(state *os.ProcessState) string {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		if status.Signal() == syscall.SIGKILL {
			return "the process that runs the cells was killed (signal 9): by someone, or by the system for want of memory"
		}
		return fmt.Sprintf("the process that runs the cells was ended by signal %d (%s)", status.Signal(), status.Signal())
	}
	if state.ExitCode() == 2 { // that of Go's crashes; os.Exit has told of itself
		return "the process that runs the cells crashed and could not write why: were its file descriptors closed?"
	}
	return fmt.Sprintf("the process that runs the cells ended with exit status %d", state.ExitCode())
}

var outOfMemory = regexp.MustCompile(`out of memory|cannot allocate memory|failed to allocate|pthread_create failed: Resource temporarily`)

// crashCause finds in a crash report what the runtime calls its cause: the
// line that begins with a kind, and those that belong to it.
func crashCause(report string) (name, value string) {
	head, _, _ := strings.Cut(strings.TrimLeft(report, "\n"), "\n\n")
	for _, kind := range []string{"panic", "fatal error"} {
		if _, cause, found := strings.Cut("\n"+head, "\n"+kind+": "); found {
			return kind, cause
		}
	}
	first, _, _ := strings.Cut(head, "\n")
	return "crash", first
}
