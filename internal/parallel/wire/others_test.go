package wire

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestProcessesOfOtherUsersAreTurnedAway connects as another user: the folder keeps it out, and where that were open, the listener does, before it reads
// the secret. Only root can become another user.
func TestProcessesOfOtherUsersAreTurnedAway(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	folder := t.TempDir()
	os.Chmod(folder, 0o700)
	l, err := Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	secret := NewSecret()
	arrived, cancel := l.Expect(secret, Build{1})
	defer cancel()
	path := l.Address().Path
	if _, err := asOther(path, secret); !errors.Is(err, unix.EACCES) {
		t.Errorf("the folder let it in: %v", err)
	}
	for parent := folder; parent != "/" && parent != "/tmp"; parent = filepath.Dir(parent) {
		os.Chmod(parent, 0o711)
	}
	os.Chmod(path, 0o777)
	if n, err := asOther(path, secret); err != nil || n != 0 {
		t.Errorf("the listener let it in: %d bytes, %v", n, err)
	}
	link, err := Dial(context.Background(), l.Address(), secret, Build{1}, nil)
	if err != nil {
		t.Fatal("the secret is used up:", err)
	}
	defer link.Close()
	select {
	case a := <-arrived:
		a.Link.Close()
	case <-time.After(20 * time.Second):
		t.Fatal("the link did not arrive")
	}
}

// asOther connects to a socket as another user, shows the hash of a secret, and returns how many bytes it is answered.
func asOther(path string, secret Secret) (n int, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and the thread ends with the goroutine: it stays another user's
		if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); e != 0 {
			err = e
			return
		}
		var fd int
		if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return
		}
		defer unix.Close(fd)
		if err = unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
			return
		}
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 20})
		hash := secret.door().knock()
		unix.Write(fd, hash[:])
		if n, err = unix.Read(fd, make([]byte, 64)); errors.Is(err, syscall.ECONNRESET) {
			n, err = 0, nil
		}
	}()
	<-done
	return n, err
}
