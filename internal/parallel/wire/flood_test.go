package wire

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// TestAFloodOfStrangersKeepsNobodyOut: others connect as fast as they can, and do what
// strangers do, while engines come one after the other.
func TestAFloodOfStrangersKeepsNobodyOut(t *testing.T) {
	for name, behave := range map[string]func(net.Conn){
		"silent":         func(c net.Conn) {},
		"half a knock":   func(c net.Conn) { c.Write(hello[:]) },
		"a wrong knock":  func(c net.Conn) { k := NewSecret().door().knock(); c.Write(k[:]) },
		"garbage":        func(c net.Conn) { c.Write([]byte("GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n")) },
		"TLS":            func(c net.Conn) { go tls.Client(c, &tls.Config{InsecureSkipVerify: true}).Handshake() },
		"gone at once":   func(c net.Conn) { c.Close() },
		"a torn off TLS": func(c net.Conn) { c.Write([]byte{22, 3, 1, 1, 0}) },
	} {
		t.Run(name, func(t *testing.T) {
			tcp, a := listenTLS(t)
			folder := t.TempDir()
			os.Chmod(folder, 0o700)
			local, err := Listen(folder)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(local.Close)
			for _, l := range []*Listener{tcp, local} {
				stop := flood(l.Address(), behave)
				for range 5 {
					credentials := issue(t, a)
					if l == local {
						credentials = nil
					}
					c, e := meet(t, l, credentials)
					c.Close()
					e.Close()
				}
				stop()
			}
		})
	}
}

// flood connects to an address in bursts that fill the room for strangers several times
// over, until it is stopped.
func flood(to Address, behave func(net.Conn)) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			var open []net.Conn
			for range 4 * maxStrangers {
				if c, err := net.DialTimeout(to.Network, to.Path, time.Second); err == nil {
					behave(c)
					open = append(open, c)
				}
			}
			select {
			case <-done:
			case <-time.After(2 * time.Millisecond):
			}
			for _, c := range open {
				c.Close()
			}
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	return func() { close(done); <-ended }
}

// TestOneWhoHasKnockedIsNotPushedOut: a peer that knows its secret may be slow after
// its knock, whoever else comes.
func TestOneWhoHasKnockedIsNotPushedOut(t *testing.T) {
	l, a := listenTLS(t)
	secret := NewSecret()
	arrived, cancel := l.Expect(secret, Build{1})
	defer cancel()
	c, err := net.Dial("tcp", l.Address().Path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := knockAt(c, secret); err != nil {
		t.Fatal(err)
	}
	for range 3 * maxStrangers {
		if silent, err := net.Dial("tcp", l.Address().Path); err == nil {
			defer silent.Close()
		}
	}
	safe, err := encrypt(context.Background(), c, l.Address(), issue(t, a))
	if err != nil {
		t.Fatal(err)
	}
	if err := introduce(safe, secret, Build{1}); err != nil {
		t.Fatal(err)
	}
	go newLink(safe, poolFor(l.Address()))
	select {
	case a := <-arrived:
		if a.Err != nil {
			t.Fatal(a.Err)
		}
		a.Link.Close()
	case <-time.After(20 * time.Second):
		t.Fatal("the link did not arrive")
	}
}

// TestFewComeWithOneSecret: who has learnt a knock cannot take the room of the others.
func TestFewComeWithOneSecret(t *testing.T) {
	l, _ := listenTLS(t)
	secret := NewSecret()
	_, cancel := l.Expect(secret, Build{1})
	defer cancel()
	for i := range maxAtDoor + 2 {
		c, err := net.Dial("tcp", l.Address().Path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		err = knockAt(c, secret)
		if i < maxAtDoor && err != nil || i >= maxAtDoor && err != io.EOF && !pushedOut(err) {
			t.Errorf("knock %d: %v", i, err)
		}
	}
}

func TestAnotherBuildIsRefusedByName(t *testing.T) {
	l, a := listenTLS(t)
	secret := NewSecret()
	arrived, cancel := l.Expect(secret, Build{1})
	defer cancel()
	if _, err := Dial(context.Background(), l.Address(), secret, Build{2}, issue(t, a)); err == nil || !strings.Contains(err.Error(), "another build") {
		t.Error(err)
	}
	select {
	case a := <-arrived:
		if a.Err == nil || !strings.Contains(a.Err.Error(), "another build") {
			t.Error(a.Err)
		}
	case <-time.After(20 * time.Second):
		t.Error("nobody was told")
	}
}
