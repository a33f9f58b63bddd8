package wire

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/parallel/memory"
)

// maxStrangers limits the connections whose peer is not known yet. When there are
// more, the oldest has to go: an engine says who it is at once.
const maxStrangers = 64

// Listener accepts links from processes that know a secret.
type Listener struct {
	address  Address
	listener net.Listener
	secure   func(net.Conn) (net.Conn, error) // makes sure of who may speak at all
	pool     *memory.Pool
	done     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	expected map[Secret]chan *Link
	unknown  []net.Conn // oldest first
}

func newListener(from net.Listener, address Address, secure func(net.Conn) (net.Conn, error)) *Listener {
	l := &Listener{
		address: address, listener: from, secure: secure, pool: poolFor(address), expected: map[Secret]chan *Link{},
	}
	l.done.Go(l.accept)
	return l
}

// Address is where [Dial] finds the listener.
func (l *Listener) Address() Address { return l.address }

// Pool is where the listener's links find shared memory for what they send.
func (l *Listener) Pool() *memory.Pool { return l.pool }

// Expect lets one process connect with the secret. The channel receives its
// link. The function returned ends the wait; a link that arrived meanwhile and
// was not received is closed.
func (l *Listener) Expect(secret Secret) (<-chan *Link, func()) {
	arrived := make(chan *Link, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected[secret] = arrived
	return arrived, func() {
		l.mu.Lock()
		delete(l.expected, secret)
		l.mu.Unlock()
		select {
		case link := <-arrived:
			link.Close()
		default:
		}
	}
}

// Close stops listening and hangs up on all whose peer is not known yet. Links
// that were received must be closed before: their shared memory is freed.
func (l *Listener) Close() {
	l.listener.Close()
	l.mu.Lock()
	l.closed = true
	for _, c := range l.unknown {
		c.Close()
	}
	l.mu.Unlock()
	l.done.Wait()
	l.pool.Close()
}

// accept takes connections in. What a peer has to say is awaited elsewhere, so
// that a silent one holds up nobody.
func (l *Listener) accept() {
	for {
		c, err := l.listener.Accept()
		if err != nil {
			l.mu.Lock()
			closed := l.closed
			l.mu.Unlock()
			if closed || !pause(err) {
				return
			}
			continue
		}
		l.done.Go(func() { l.welcome(c) })
	}
}

// pause waits a little after an error that may pass, such as a lack of file
// descriptors.
func pause(err error) bool {
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		return true
	}
	if opErr, ok := err.(*net.OpError); ok && opErr.Err == net.ErrClosed {
		return false
	}
	time.Sleep(10 * time.Millisecond)
	return true
}

// welcome finds out who connected, and delivers the link.
func (l *Listener) welcome(c net.Conn) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		c.Close()
		return
	}
	l.unknown = append(l.unknown, c)
	if len(l.unknown) > maxStrangers {
		l.unknown[0].Close()
		l.unknown = l.unknown[1:]
	}
	secrets := make([]Secret, 0, len(l.expected))
	for s := range l.expected {
		secrets = append(secrets, s)
	}
	l.mu.Unlock()

	c.SetDeadline(time.Now().Add(handshakeTime))
	var link *Link
	var who int
	safe, err := l.secure(c)
	if err == nil {
		who, err = identify(safe, secrets)
	}
	if err == nil {
		if _, err = safe.Write(accepted[:]); err == nil {
			link, err = newLink(safe, l.pool)
		}
	}

	l.mu.Lock()
	l.unknown = slices.DeleteFunc(l.unknown, func(u net.Conn) bool { return u == c })
	var arrived chan *Link
	if err == nil {
		arrived = l.expected[secrets[who]]
		delete(l.expected, secrets[who])
	}
	if arrived != nil {
		arrived <- link // has room: one link for each secret
	}
	l.mu.Unlock()
	switch {
	case err != nil:
		c.Close()
	case arrived == nil: // somebody else came with the same secret
		link.Close()
	}
}

// RemoveStale removes a folder that a listener used, if it belongs to this user
// and nobody listens there any longer.
func RemoveStale(folder string) {
	path := filepath.Join(folder, "engines")
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
		return
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		os.Remove(path)
		os.Remove(folder) // fails where there is more in it
	}
}
