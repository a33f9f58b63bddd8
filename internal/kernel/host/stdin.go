package host

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Standard input is a pipe whose other end is here too. While a cell runs, a
// watcher looks every now and then (see look.go) whether one of the process's
// threads is blocked in reading it, which the system tells, and if so asks the
// user for a line. So fmt.Scan works in a cell as it does in a terminal. Where the user
// cannot be asked, standard input is at its end.

// endOfFile is what a front end sends for control-D.
const endOfFile = "\x04"

// stdin replaces the standard input of the process.
type stdin struct{ write *os.File }

// open gives the process a fresh standard input. What still reads the one
// before finds its end.
func (s *stdin) open() error {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return os.NewSyscallError("pipe2", err)
	}
	defer unix.Close(fds[0])
	if err := unix.Dup3(fds[0], 0, 0); err != nil {
		unix.Close(fds[1])
		return os.NewSyscallError("dup3", err)
	}
	s.close()
	s.write = os.NewFile(uintptr(fds[1]), "stdin")
	return nil
}

// close ends what there is to read.
func (s *stdin) close() {
	if s.write != nil {
		s.write.Close()
		s.write = nil
	}
}

// serve answers reads of standard input with lines from ask until ctx ends.
func (s *stdin) serve(ctx context.Context, looks <-chan struct{}, ask func(context.Context) (string, error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-looks:
		}
		if !beingRead() {
			continue
		}
		line, err := ask(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil || line == endOfFile {
			s.close()
			return
		}
		if _, err := s.write.WriteString(line + "\n"); err != nil {
			return
		}
	}
}

// beingRead reports whether a thread of this process waits for standard input.
// Where the system does not tell, nobody does.
func beingRead() bool {
	const tasks = "/proc/self/task"
	threads, err := os.ReadDir(tasks)
	if err != nil {
		return false
	}
	reading := fmt.Sprintf("%d 0x0 ", unix.SYS_READ)
	for _, t := range threads {
		call, err := os.ReadFile(tasks + "/" + t.Name() + "/syscall")
		if err == nil && strings.HasPrefix(string(call), reading) {
			return true
		}
	}
	return false
}

// canWatch reports whether the system tells what threads wait for.
func canWatch() bool {
	_, err := os.ReadFile("/proc/thread-self/syscall")
	return err == nil
}
