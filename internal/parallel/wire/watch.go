package wire

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// watch lets a goroutine sleep until a descriptor is ready for something, in the Go runtime's poller, so that its
// processor is free for others. The runtime would watch the descriptor itself for everything, for as long as it is
// open. So it watches an epoll instance that holds the descriptor and looks at it for one wake-up at a time.
type watch struct {
	fd     int // that is watched
	events uint32
	file   *os.File // the epoll instance
	raw    syscall.RawConn
}

func newWatch(fd int, events uint32) (*watch, error) {
	instance, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	w := &watch{fd: fd, events: events | unix.EPOLLONESHOT}
	if err = unix.SetNonblock(instance, true); err == nil { // NewFile gives to the poller what does not block
		err = unix.EpollCtl(instance, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLONESHOT, Fd: int32(fd)})
	}
	if err != nil {
		unix.Close(instance)
		return nil, os.NewSyscallError("epoll_ctl", err)
	}
	w.file = os.NewFile(uintptr(instance), "epoll")
	if w.raw, err = w.file.SyscallConn(); err != nil {
		w.file.Close()
		return nil, err
	}
	return w, nil
}

// wait sleeps until try returns true. It tries when the descriptor has become ready. Only one goroutine may wait.
func (w *watch) wait(try func() bool) error {
	asleep := false
	var failed error
	err := w.raw.Read(func(instance uintptr) bool {
		if asleep {
			var events [1]unix.EpollEvent
			unix.EpollWait(int(instance), events[:], 0) // takes the wake-up, and ends the look
			if try() {
				return true
			}
		}
		asleep = true
		// What has become ready since the last try wakes at once.
		failed = unix.EpollCtl(int(instance), unix.EPOLL_CTL_MOD, w.fd, &unix.EpollEvent{Events: w.events, Fd: int32(w.fd)})
		return failed != nil
	})
	if failed != nil {
		return os.NewSyscallError("epoll_ctl", failed)
	}
	return err
}

// close ends the wait, with an error.
func (w *watch) close() { w.file.Close() }
