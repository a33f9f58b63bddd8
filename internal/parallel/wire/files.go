package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"syscall"

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
func (c *conn) carriesFiles() bool {
	_, ok := c.Conn.(*net.UnixConn)
	return ok
}

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
	n, _, err := c.Conn.(*net.UnixConn).WriteMsgUnix(c.w, unix.UnixRights(c.attached...), nil)
	if err == nil && n < len(c.w) {
		_, err = c.Conn.Write(c.w[n:])
	}
	return err
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
	conn    *net.UnixConn
	raw     syscall.RawConn
	atOnce  bool // Read does not wait
	control []byte
	arrived []*os.File // in order; belongs to whoever receives
}

func newFileReader(c *net.UnixConn) *fileReader {
	raw, err := c.SyscallConn()
	if err != nil {
		panic("wire: " + err.Error()) // only of a nil connection
	}
	return &fileReader{conn: c, raw: raw, control: make([]byte, unix.CmsgSpace(4*maxAttached))}
}

// errNothing says that nothing has arrived.
var errNothing = errors.New("nothing has arrived")

// Read reads bytes, and files as they come.
func (r *fileReader) Read(p []byte) (int, error) {
	n, controls, flags, err := r.message(p)
	if controls > 0 {
		if err := r.take(r.control[:controls]); err != nil {
			return 0, err
		}
	}
	if flags&unix.MSG_CTRUNC != 0 {
		return 0, errors.New("files that the peer sent were lost; too many are open")
	}
	if n <= 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err // -1 on an error
}

// message reads bytes and control messages.
func (r *fileReader) message(p []byte) (n, controls, flags int, err error) {
	if !r.atOnce {
		n, controls, flags, _, err = r.conn.ReadMsgUnix(p, r.control)
		return n, controls, flags, err
	}
	failed := r.raw.Read(func(fd uintptr) bool {
		for {
			if n, controls, flags, _, err = unix.Recvmsg(int(fd), p, r.control, unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC); err != unix.EINTR {
				return true
			}
		}
	})
	switch {
	case failed != nil:
		return 0, 0, 0, failed
	case err == unix.EAGAIN:
		return 0, 0, 0, errNothing
	}
	return n, controls, flags, err
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
