package launch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// child is true in a process that was started as an engine. The variable is
// taken out of the environment, so that what an engine starts is no engine.
var child = func() bool {
	_, ok := os.LookupEnv(Variable)
	os.Unsetenv(Variable)
	return ok
}()

// IsEngine reports whether this process was started as an engine.
func IsEngine() bool { return child }

// Inherit reads, in an engine, what the parent passed on. The parent lives for
// as long as orphaned is open.
func Inherit() (config Config, record *Record, orphaned <-chan struct{}, err error) {
	for _, fd := range []int{configFile, recordFile} {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
			return config, nil, nil, fmt.Errorf("%s is set, but this process was not started by parallel.Start; unset it", Variable)
		}
		unix.CloseOnExec(fd)
	}
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
