package wire

import (
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// socket is a connected unix socket that the Go runtime's poller watches only while somebody sleeps for it.
// Watched all the time, as package net has it, it wakes a thread in vain for each message, since who waits for
// one looks for it without sleeping, and another one whenever the peer has read one and there is room to
// write. Deadlines it has none: Close ends what waits.
type socket struct {
	fd            int
	local, remote net.Addr

	arrival *watch // of bytes to read
	making  sync.Mutex
	room    *watch // to write; nil until a write had to wait for the first time; guarded by making

	using  sync.RWMutex // held for reading while the descriptor is in use
	closed atomic.Bool
}

// newSocket takes over a connection, which is closed.
func newSocket(c *net.UnixConn) (*socket, error) {
	s := &socket{local: c.LocalAddr(), remote: c.RemoteAddr()}
	defer c.Close()
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	var duplicated error
	if err := raw.Control(func(fd uintptr) { s.fd, duplicated = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return nil, err
	}
	if duplicated != nil {
		return nil, os.NewSyscallError("dup", duplicated)
	}
	if s.arrival, err = newWatch(s.fd, unix.EPOLLIN|unix.EPOLLRDHUP); err != nil {
		unix.Close(s.fd)
		return nil, err
	}
	return s, nil
}

// use begins to use the descriptor, unless the socket is closed.
func (s *socket) use() error {
	s.using.RLock()
	if s.closed.Load() {
		s.using.RUnlock()
		return net.ErrClosed
	}
	return nil
}

// receive reads bytes and control messages. Where there are none it waits, or returns EAGAIN. Only one
// goroutine may receive at a time.
func (s *socket) receive(p, control []byte, wait bool) (n, controls, got int, err error) {
	if err := s.use(); err != nil {
		return 0, 0, 0, err
	}
	defer s.using.RUnlock()
	receive := func() bool {
		for {
			n, controls, got, _, err = unix.Recvmsg(s.fd, p, control, unix.MSG_DONTWAIT|unix.MSG_CMSG_CLOEXEC)
			if err != unix.EINTR {
				return err != unix.EAGAIN
			}
		}
	}
	if receive() || !wait {
		return n, controls, got, err
	}
	if err := s.arrival.wait(receive); err != nil {
		return 0, 0, 0, s.why(err)
	}
	return n, controls, got, err
}

// send writes all of some pieces of memory, and control messages along with the first byte. Only one goroutine may
// send at a time.
func (s *socket) send(control []byte, parts ...[]byte) error {
	if err := s.use(); err != nil {
		return err
	}
	defer s.using.RUnlock()
	for len(parts) > 0 {
		var n int
		var err error
		send := func() bool {
			for {
				n, err = unix.SendmsgBuffers(s.fd, parts, control, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
				if err != unix.EINTR {
					return err != unix.EAGAIN
				}
			}
		}
		if !send() {
			room, err := s.watchRoom()
			if err != nil {
				return err
			}
			if err := room.wait(send); err != nil {
				return s.why(err)
			}
		}
		if err != nil {
			return os.NewSyscallError("sendmsg", err)
		}
		control = nil
		for len(parts) > 0 && n >= len(parts[0]) {
			n -= len(parts[0])
			parts = parts[1:]
		}
		if len(parts) > 0 {
			parts[0] = parts[0][n:]
		}
	}
	return nil
}

// watchRoom returns the watch for room to write.
func (s *socket) watchRoom() (*watch, error) {
	s.making.Lock()
	defer s.making.Unlock()
	if s.closed.Load() {
		return nil, net.ErrClosed
	}
	if s.room == nil {
		room, err := newWatch(s.fd, unix.EPOLLOUT)
		if err != nil {
			return nil, err
		}
		s.room = room
	}
	return s.room, nil
}

// why is the error of a wait that ended: a closed socket has closed the watch.
func (s *socket) why(err error) error {
	if s.closed.Load() {
		return net.ErrClosed
	}
	return err
}

// Read reads bytes, and drops files that come along.
func (s *socket) Read(p []byte) (int, error) {
	n, _, _, err := s.receive(p, nil, true)
	return ended(n, err)
}

// Write writes all of p.
func (s *socket) Write(p []byte) (int, error) {
	if err := s.send(nil, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close ends the connection, and what waits for it. It may be called again.
func (s *socket) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	unix.Shutdown(s.fd, unix.SHUT_RDWR) // the peer learns of it before those that wait here have ended
	s.arrival.close()
	s.making.Lock()
	if s.room != nil {
		s.room.close()
	}
	s.making.Unlock()
	s.using.Lock()
	defer s.using.Unlock()
	return unix.Close(s.fd)
}

func (s *socket) LocalAddr() net.Addr              { return s.local }
func (s *socket) RemoteAddr() net.Addr             { return s.remote }
func (s *socket) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (s *socket) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (s *socket) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
