package host

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/goparallel/goparallel/internal/parallel/process"
)

// The watcher is the host binary once more. It waits for the end of the host, in
// whatever way it comes, be it with the kernel's by kill -9, and ends what cells have
// left running.

// watchVariable is the environment variable that makes the host binary a watcher, of
// the host with that process id.
const watchVariable = "GOPARALLEL_WATCH"

// startWatcher starts the watcher of a host. It is in a session of its own, with none
// of the kernel's files, so nothing but its task ends it.
func startWatcher(path string, host int) (*process.Process, error) {
	w := exec.Command(path)
	w.Dir = "/"
	w.Env = []string{fmt.Sprintf("%s=%d", watchVariable, host), "GOMAXPROCS=1"}
	watcher, err := process.Start(w, process.Options{Session: true})
	if err != nil {
		return nil, fmt.Errorf("the process that ends what cells leave running cannot be started: %w", err)
	}
	return watcher, nil
}

// watched returns the process id of the host that this process has to watch, if it is
// a watcher.
func watched() (host int, ok bool) {
	host, err := strconv.Atoi(os.Getenv(watchVariable))
	return host, err == nil && host > 1
}

// watchHost waits for the end of a host and kills what is left of its session.
func watchHost(host int) {
	awaitEnd(host)
	killAll(func() []proc { return sessionOf(host) })
}

// awaitEnd returns when a process has ended.
func awaitEnd(pid int) {
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	for err == nil {
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
		if err == nil {
			return
		}
		if errors.Is(err, unix.EINTR) {
			err = nil
		}
	}
	for { // on a Linux before 5.3
		if _, ok := readProcess(pid); !ok {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
