package wire

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// Address is where a listener is found.
type Address struct {
	// Network is "unix" or "tcp", Path the socket's path, or host and port.
	Network, Path string
}

// Listen accepts connections at a unix socket in a folder, which must be a folder
// of this user that nobody else may enter. Peers must be processes of this user.
func Listen(folder string) (*Listener, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may enter the folder %s: its mode is %v, it must be 0700", folder, info.Mode().Perm())
	}
	address := Address{"unix", filepath.Join(folder, "engines")}
	u, err := net.Listen(address.Network, address.Path)
	if err != nil {
		return nil, err
	}
	return newListener(u, address, func(c net.Conn) (net.Conn, error) { return c, sameUser(c) }), nil
}

// ListenTLS accepts connections at a TCP address, such as "127.0.0.1:0". All bytes
// are encrypted (TLS 1.3), and peers must show a certificate of the authority
// before anything of theirs is looked at.
func ListenTLS(address string, a *Authority) (*Listener, error) {
	config, err := a.server()
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return newListener(l, Address{"tcp", l.Addr().String()}, func(c net.Conn) (net.Conn, error) {
		t := tls.Server(c, config)
		return t, t.Handshake() // within the connection's deadline
	}), nil
}

// open connects to an address and makes sure of who is there.
func open(ctx context.Context, to Address, credentials *Credentials) (net.Conn, error) {
	c, err := (&net.Dialer{Timeout: handshakeTime}).DialContext(ctx, to.Network, to.Path)
	if err != nil {
		return nil, fmt.Errorf("cannot reach the controller: %w", err)
	}
	if credentials == nil {
		err = sameUser(c)
	} else {
		var config *tls.Config
		if config, err = credentials.client(); err == nil {
			t := tls.Client(c, config)
			handshake, cancel := context.WithTimeout(ctx, handshakeTime)
			err = t.HandshakeContext(handshake)
			cancel()
			if err == nil {
				return t, nil
			}
			err = fmt.Errorf("the controller at %s is not the one that issued this process's certificate: %w", to.Path, err)
		}
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}
