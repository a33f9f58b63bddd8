package wire

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// Files travel with the bytes of a unix socket: the kernel hands the receiver a
// descriptor of its own. A file is attached to the next bytes that are written, so
// it has arrived when the message that speaks of it has, and files arrive in the
// order in which they were attached.

// maxAttached limits the files that go along with one write, which is less than
// the kernel's limit; maxArrived those that a peer may send unasked.
const (
	maxAttached = 128
	maxArrived  = 1024
)

// carriesFiles reports whether files can go along.
func (c *conn) carriesFiles() bool { return c.socket != nil }

// attach sends a file along with what is written next. It returns false if it
// cannot.
func (c *conn) attach(f *os.File) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.attached) == maxAttached {
		return false
	}
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0) // f may be closed before the next write
	if err != nil {
		return false
	}
	c.attached = append(c.attached, fd)
	return true
}

// writeAttached writes what was collected, and the files.
func (c *conn) writeAttached() error {
	defer c.closeAttached()
	return c.socket.send(unix.UnixRights(c.attached...), c.w)
}

// closeAttached closes this process's descriptors of files that went along.
func (c *conn) closeAttached() {
	for _, fd := range c.attached {
		unix.Close(fd)
	}
	c.attached = c.attached[:0]
}

// fileReader reads from a unix socket and keeps the files that come along.
type fileReader struct {
	socket  *socket
	atOnce  bool // Read does not wait
	control []byte
	arrived []*os.File // in order; belongs to whoever receives
}

func newFileReader(s *socket) *fileReader {
	return &fileReader{socket: s, control: make([]byte, unix.CmsgSpace(4*maxAttached))}
}

// errNothing says that nothing has arrived.
var errNothing = errors.New("nothing has arrived")

// Read reads bytes, and files as they come.
func (r *fileReader) Read(p []byte) (int, error) {
	n, controls, flags, err := r.socket.receive(p, r.control, !r.atOnce)
	if err == unix.EAGAIN {
		return 0, errNothing
	}
	if controls > 0 {
		if err := r.take(r.control[:controls]); err != nil {
			return 0, err
		}
	}
	if flags&unix.MSG_CTRUNC != 0 {
		return 0, errors.New("files that the peer sent were lost; too many are open")
	}
	return ended(n, err)
}

// ended is what a Read returns of bytes that a system call has read.
func ended(n int, err error) (int, error) {
	switch {
	case err != nil:
		return 0, os.NewSyscallError("recvmsg", err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// take keeps the files of control messages.
func (r *fileReader) take(controls []byte) error {
	messages, err := unix.ParseSocketControlMessage(controls)
	if err != nil {
		return fmt.Errorf("files that the peer sent: %w", err)
	}
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			return fmt.Errorf("files that the peer sent: %w", err)
		}
		for _, fd := range fds {
			r.arrived = append(r.arrived, os.NewFile(uintptr(fd), "shared"))
		}
	}
	if len(r.arrived) > maxArrived {
		return fmt.Errorf("the peer sent %d files unasked", len(r.arrived))
	}
	return nil
}

// next returns the file that arrived first and was not asked for yet, or nil.
func (r *fileReader) next() *os.File {
	if r == nil || len(r.arrived) == 0 {
		return nil
	}
	f := r.arrived[0]
	r.arrived = slices.Delete(r.arrived, 0, 1)
	return f
}

// close closes the files that nobody asked for.
func (r *fileReader) close() {
	if r == nil {
		return
	}
	for _, f := range r.arrived {
		f.Close()
	}
	r.arrived = nil
}
