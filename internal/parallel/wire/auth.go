package wire

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// A peer makes itself known in two steps. First it knocks: it shows the hash of its
// secret, in the first bytes that it sends, in one piece and in the clear. That costs
// the listener a look into the socket's buffer, so a flood of others cannot keep a
// peer that is expected waiting, nor push it out. Then the connection is made
// safe (TLS, where it leaves this machine), and the peer presents the secret itself and
// says which build of the program it runs.

// Secret lets one process connect, once.
type Secret [32]byte

// NewSecret returns a fresh random secret.
func NewSecret() Secret {
	var s Secret
	rand.Read(s[:]) // never fails
	return s
}

// Build identifies what a process runs. Values travel in the layout that the compiler
// gave them, so only processes of one build understand each other.
type Build [32]byte

// OtherBuild is the error where the two ends of a connection are different programs,
// or different builds of one.
type OtherBuild struct{}

// Error says what differs.
func (*OtherBuild) Error() string { return "it runs another build of the program than this process" }

// knock is what a peer shows first, and door the part that tells peers apart.
type (
	knock [8 + len(door{})]byte
	door  [sha256.Size]byte
)

// door returns what a peer with the secret shows. It says nothing about the secret.
func (s Secret) door() door { return sha256.Sum256(append([]byte("goparallel door"), s[:]...)) }

func (d door) knock() (k knock) {
	copy(k[:], hello[:])
	copy(k[8:], d[:])
	return k
}

// hello begins a knock. The others are the listener's answers: to a knock enter or
// stranger, to a secret accepted or otherBuild. A connection that is closed without an
// answer was pushed out by others.
var (
	hello      = [8]byte{'g', 'o', 'p', 'a', 'r', 0, 0, version}
	enter      = [8]byte{'e', 'n', 't', 'e', 'r', 0, 0, version}
	stranger   = [8]byte{'s', 't', 'r', 'a', 'n', 'g', 'e', version}
	accepted   = [8]byte{'w', 'e', 'l', 'c', 'o', 'm', 'e', version}
	otherBuild = [8]byte{'b', 'u', 'i', 'l', 'd', 0, 0, version}
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

// answer reads what the listener says.
func answer(c net.Conn) (a [8]byte, err error) {
	_, err = io.ReadFull(c, a[:])
	return a, err
}

var (
	errNotAccepted = errors.New("the controller did not accept this process")
	// ErrVersion is the error of a peer that speaks another version of this package.
	ErrVersion = errors.New("the controller speaks another version; both must be the same program")
)

// Refused reports whether an error of [Dial] says that the controller answered and will not have this
// process, so that there is no point in trying again.
func Refused(err error) bool { return errors.Is(err, errNotAccepted) || errors.Is(err, ErrVersion) }

// knockAt shows the listener that a peer with this secret is there.
func knockAt(c net.Conn, secret Secret) error {
	k := secret.door().knock()
	if _, err := c.Write(k[:]); err != nil {
		return err
	}
	switch a, err := answer(c); {
	case err != nil:
		return err
	case a == stranger:
		return errNotAccepted
	case a != enter:
		return ErrVersion
	}
	return nil
}

// introduce presents the secret and waits until it is accepted.
func introduce(c net.Conn, secret Secret, build Build) error {
	if _, err := c.Write(append(secret[:], build[:]...)); err != nil {
		return err
	}
	switch a, err := answer(c); {
	case err != nil:
		return fmt.Errorf("%w: %w", errNotAccepted, err)
	case a == otherBuild:
		return fmt.Errorf("%w: %w", errNotAccepted, &OtherBuild{})
	case a != accepted:
		return ErrVersion
	}
	return nil
}

// identify reads the peer's secret, which must be the one expected, and compares the
// builds. It answers.
func identify(c net.Conn, secret Secret, build Build) error {
	var got struct {
		secret Secret
		build  Build
	}
	for _, part := range [][]byte{got.secret[:], got.build[:]} {
		if _, err := io.ReadFull(c, part); err != nil {
			return err
		}
	}
	if subtle.ConstantTimeCompare(got.secret[:], secret[:]) != 1 {
		return errors.New("the peer does not know its secret")
	}
	if got.build != build {
		c.Write(otherBuild[:]) // it hangs up whether it hears this or not
		return &OtherBuild{}
	}
	_, err := c.Write(accepted[:])
	return err
}
