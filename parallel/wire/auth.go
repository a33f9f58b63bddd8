package wire

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Secret lets one process connect, once.
type Secret [32]byte

// NewSecret returns a fresh random secret.
func NewSecret() Secret {
	var s Secret
	rand.Read(s[:]) // never fails
	return s
}

// handshakeTime limits how long a peer may take to say who it is.
const handshakeTime = 5 * time.Second

// hello is what a peer sends before its secret, accepted what it gets back.
var (
	hello    = [8]byte{'g', 'o', 'p', 'a', 'r', 0, 0, version}
	accepted = [8]byte{'w', 'e', 'l', 'c', 'o', 'm', 'e', version}
)

// sameUser checks that the process at the other end runs as this user.
func sameUser(c net.Conn) error {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return errors.New("the peer is not on a unix socket")
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return err
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if credErr != nil {
		return fmt.Errorf("who the peer is cannot be found out: %w", credErr)
	}
	if int(cred.Uid) != os.Getuid() {
		return fmt.Errorf("the peer belongs to user %d, this process to user %d", cred.Uid, os.Getuid())
	}
	return nil
}

// introduce presents the secret and waits until it is accepted.
func introduce(c net.Conn, secret Secret) error {
	if _, err := c.Write(append(hello[:], secret[:]...)); err != nil {
		return err
	}
	var answer [len(accepted)]byte
	if _, err := io.ReadFull(c, answer[:]); err != nil {
		return fmt.Errorf("the controller did not accept this process: %w", err)
	}
	if answer != accepted {
		return errors.New("the controller speaks another version; both must be the same program")
	}
	return nil
}

// identify reads the peer's secret and returns the index of the equal one among
// those expected. All are compared, each in constant time.
func identify(c net.Conn, expected []Secret) (int, error) {
	var first [len(hello) + len(Secret{})]byte
	if _, err := io.ReadFull(c, first[:]); err != nil {
		return 0, err
	}
	found := -1
	for i := range expected {
		if subtle.ConstantTimeCompare(first[len(hello):], expected[i][:]) == 1 {
			found = i
		}
	}
	if [8]byte(first[:8]) != hello || found < 0 {
		return 0, errors.New("the peer does not know a secret of this cluster")
	}
	return found, nil
}
