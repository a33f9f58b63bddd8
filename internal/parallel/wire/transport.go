package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/userdir"
)

// Address is where a listener is found.
type Address struct {
	// Network is "unix" or "tcp", Path the socket's path, or host and port.
	Network, Path string
}

// Socket is the name of the socket in the folder that [Listen] is given.
const Socket = "engines"

// Listen accepts connections at a unix socket in a folder, which must be a folder
// of this user that nobody else may enter. Peers must be processes of this user.
func Listen(folder string) (*Listener, error) {
	info, err := userdir.Owned(folder)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may enter the folder %s: its mode is %v, it must be a folder of mode 0700", folder, info.Mode())
	}
	address := Address{"unix", filepath.Join(folder, Socket)}
	u, err := net.Listen(address.Network, address.Path)
	if err != nil {
		return nil, err
	}
	return newListener(u, address, sameUser, func(c net.Conn) (net.Conn, error) { return c, nil }), nil
}

// ListenTLS accepts connections at a TCP address, such as "127.0.0.1:0" or, where only some ports may
// be used, "0.0.0.0:7000-7099". All bytes
// after a peer's knock are encrypted (TLS 1.3), and peers must show a certificate of
// the authority before anything else of theirs is looked at.
func ListenTLS(address string, a *Authority) (*Listener, error) {
	config, err := a.server()
	if err != nil {
		return nil, err
	}
	l, err := listenInRange(address)
	if err != nil {
		return nil, err
	}
	anybody := func(net.Conn) error { return nil }
	return newListener(l, Address{"tcp", l.Addr().String()}, anybody, func(c net.Conn) (net.Conn, error) {
		t := tls.Server(c, config)
		return t, t.Handshake() // within the connection's deadline
	}), nil
}

// pauseBetweenKnocks is how long a peer waits that was pushed out by others.
const pauseBetweenKnocks = 20 * time.Millisecond

// knock connects to an address and knocks. Where others push this process out before it
// is heard, it tries again.
func (a Address) knock(ctx context.Context, secret Secret, local bool) (net.Conn, error) {
	for {
		c, err := reach(ctx, a, secret, local)
		if err == nil || !pushedOut(err) {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the controller at %s hung up whenever this process knocked: %w", a.Path, err)
		case <-time.After(pauseBetweenKnocks):
		}
	}
}

// pushedOut reports whether another attempt may succeed after this error.
func pushedOut(err error) bool {
	for _, passing := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, syscall.EAGAIN} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// reach connects to an address, where this user must listen if it is one of this
// machine, and knocks.
func reach(ctx context.Context, to Address, secret Secret, local bool) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, to.Network, to.Path)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the controller: %w", err)
	}
	if local {
		err = sameUser(c)
	}
	if err == nil {
		end, _ := ctx.Deadline()
		c.SetDeadline(end)
		err = knockAt(c, secret)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// encrypt makes sure that the controller is the one that issued the credentials.
func encrypt(ctx context.Context, c net.Conn, to Address, credentials *Credentials) (net.Conn, error) {
	config, err := credentials.client()
	if err == nil {
		t := tls.Client(c, config)
		if err = t.HandshakeContext(ctx); err == nil {
			return t, nil
		}
		err = fmt.Errorf("the controller at %s is not the one that issued this process's certificate: %w", to.Path, err)
	}
	c.Close()
	return nil, err
}
