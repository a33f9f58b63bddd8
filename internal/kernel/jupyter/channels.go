package jupyter

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"

	"github.com/go-zeromq/zmq4"
)

// Channels are the five sockets of a kernel.
type Channels struct {
	Info    ConnectionInfo
	Shell   *Router
	Control *Router
	Stdin   *Router
	IOPub   *Publisher

	heartbeat *socket
}

// Listen binds the five channels of a connection file and serves them until
// Close. The heartbeat is answered from here on, whatever the kernel does.
func Listen(info ConnectionInfo, log *slog.Logger) (*Channels, error) {
	s := signer{key: []byte(info.Key), seen: &history{set: map[[sha256.Size]byte]bool{}}}
	ignore := func(*peer) {}
	c := &Channels{
		Info:    info,
		Shell:   newRouter("shell", s, log),
		Control: newRouter("control", s, log),
		Stdin:   newRouter("stdin", s, log),
		IOPub:   newPublisher(s, log),
		heartbeat: &socket{name: "heartbeat", typ: zmq4.Rep, log: log, joined: ignore, left: ignore,
			receive: func(p *peer, frames [][]byte) { p.send(frames...) }},
	}
	ports := []int{info.ShellPort, info.ControlPort, info.StdinPort, info.IOPubPort, info.HBPort}
	for i, s := range c.sockets() {
		if err := s.listen(info.Address(ports[i])); err != nil {
			c.Close(context.Background())
			return nil, err
		}
	}
	for _, s := range c.sockets() {
		s.serve()
	}
	return c, nil
}

func (c *Channels) sockets() []*socket {
	return []*socket{&c.Shell.socket, &c.Control.socket, &c.Stdin.socket, &c.IOPub.socket, c.heartbeat}
}

// Close delivers what is still queued, as far as the front ends take it before
// ctx ends, and closes every connection. No goroutine of the channels is left.
func (c *Channels) Close(ctx context.Context) {
	for _, r := range []*Router{c.Shell, c.Control, c.Stdin} {
		r.abandon()
	}
	var wg sync.WaitGroup
	for _, s := range c.sockets() {
		wg.Go(func() { s.close(ctx) })
	}
	wg.Wait()
}

// newID returns 128 random bits in hexadecimal.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
