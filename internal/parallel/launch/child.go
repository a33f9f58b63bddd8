package launch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// child is true in a process that was started as an engine or as a node, and node in the latter. The
// variable is taken out of the environment, so that what an engine starts is no engine.
var child, node = func() (bool, bool) {
	value, ok := os.LookupEnv(Variable)
	os.Unsetenv(Variable)
	return ok, value == NodeValue
}()

// asked is true once this process has asked what it is.
var asked atomic.Bool

// IsEngine reports whether this process was started as an engine, or as a node.
func IsEngine() bool { return child }

// IsNode reports whether this process was started as a node.
func IsNode() bool { return node }

// Ask is IsEngine, and notes that this process has asked: so will its engines, which
// come the same way.
func Ask() bool {
	if !asked.Swap(true) {
		startup = sinceStart()
	}
	return IsEngine()
}

// Asked reports whether [Ask] was called.
func Asked() bool { return asked.Load() }

// Inherit reads, in an engine, what the parent passed on. The parent lives for
// as long as orphaned is open.
func Inherit() (config Config, record *Record, orphaned <-chan struct{}, err error) {
	for _, fd := range []int{configFile, recordFile} {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
			return config, nil, nil, fmt.Errorf("%s is set, but this process was not started by parallel.Start; unset it", Variable)
		}
		unix.CloseOnExec(fd)
	}
	// Linux names a process after the file that it was started from. This one is to be
	// found by the program's name; where that fails nothing else does.
	os.WriteFile("/proc/self/comm", []byte(filepath.Base(os.Args[0])), 0)
	pipe := os.NewFile(configFile, "parent")
	r := bufio.NewReader(pipe)
	line, err := r.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &config)
	}
	if err != nil {
		return config, nil, nil, errors.Join(errors.New("the parent process did not say what to do"), err)
	}
	if record, err = openRecord(os.NewFile(recordFile, "record")); err != nil {
		return config, nil, nil, err
	}
	gone := make(chan struct{})
	go func() {
		io.Copy(io.Discard, r)
		close(gone)
	}()
	return config, record, gone, nil
}
