package host

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// output is a standard output of the process, which a cell may close.
type output struct {
	name string
	file **os.File // the variable in package os
	fd   int       // 1 or 2
	kept int       // another descriptor of the same pipe
}

// keepOutputs remembers the standard outputs.
func keepOutputs() ([]*output, error) {
	list := []*output{{name: "os.Stderr", file: &os.Stderr, fd: 2}, {name: "os.Stdout", file: &os.Stdout, fd: 1}}
	for _, o := range list {
		var err error
		if o.kept, err = unix.FcntlInt(uintptr(o.fd), unix.F_DUPFD_CLOEXEC, 10); err != nil {
			return nil, os.NewSyscallError("fcntl", err)
		}
	}
	return list, nil
}

// mend opens the output again where an earlier cell has closed it. A file that
// has got its number meanwhile is left alone. It returns a note where there is
// something to tell.
func (o *output) mend() (note string) {
	if _, err := unix.FcntlInt(uintptr(o.fd), unix.F_GETFD, 0); err == unix.EBADF {
		if err := unix.Dup3(o.kept, o.fd, 0); err != nil {
			return "" // it is closed, too: the cell has closed everything
		}
	}
	if conn, err := (*o.file).SyscallConn(); err == nil && conn.Control(func(uintptr) {}) == nil {
		return ""
	}
	fd, err := unix.FcntlInt(uintptr(o.kept), unix.F_DUPFD_CLOEXEC, 10)
	if err != nil {
		return ""
	}
	*o.file = os.NewFile(uintptr(fd), o.name)
	return fmt.Sprintf("note: %s was closed by an earlier cell and is open again", o.name)
}
