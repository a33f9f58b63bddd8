package wire

import (
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxStrangers limits the connections that have not knocked yet. When there are more,
// the oldest has to go: an engine knocks as soon as it is connected. maxAtDoor
// limits those that come with one secret, of which one will be let in.
const (
	maxStrangers = 64
	maxAtDoor    = 4
)

// hall holds the connections that have not knocked yet, oldest first. The listener's
// lock guards it.
type hall []net.Conn

// add takes a connection in. If there are too many now, the oldest that has not shown
// a knock that somebody expects is closed. What is in the sockets' buffers counts, so that it makes
// no difference which goroutine had its turn.
func (h *hall) add(c net.Conn, expected func(knock) bool) {
	*h = append(*h, c)
	if len(*h) <= maxStrangers {
		return
	}
	for i, c := range *h {
		if k, ok := look(c); !ok || !expected(k) {
			c.Close()
			*h = slices.Delete(*h, i, i+1)
			return
		}
	}
}

// remove takes a connection out.
func (h *hall) remove(c net.Conn) {
	*h = slices.DeleteFunc(*h, func(u net.Conn) bool { return u == c })
}

// look returns a connection's knock if it has arrived, and leaves it in the buffer.
func look(c net.Conn) (k knock, ok bool) {
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		return k, false
	}
	raw.Control(func(fd uintptr) { ok = peek(fd, &k) == nil })
	return k, ok
}

// await waits, within the connection's deadline, for its knock, and leaves it in the
// buffer.
func await(c net.Conn) (k knock, err error) {
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		return k, err
	}
	var peeked error
	err = raw.Read(func(fd uintptr) bool {
		peeked = peek(fd, &k)
		return peeked != unix.EAGAIN
	})
	if err == nil {
		err = peeked
	}
	return k, err
}

// peek reads a knock and leaves it in the buffer. It returns EAGAIN while more of it may come.
func peek(fd uintptr, k *knock) error {
	n, _, err := unix.Recvfrom(int(fd), k[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	for err == unix.EINTR {
		n, _, err = unix.Recvfrom(int(fd), k[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	}
	switch {
	case err != nil:
		return err
	case n == 0:
		return io.EOF
	case [8]byte(k[:8]) != hello && n >= 8:
		return fmt.Errorf("the peer does not speak the protocol")
	case n < len(k):
		return unix.EAGAIN
	}
	return nil
}
