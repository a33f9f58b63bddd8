package wire

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

// handshakeTime limits how long a peer may take for a step in saying who it is, and
// knockTime how long it tries to be heard: where others flood the listener, its
// connection waits behind theirs.
const (
	handshakeTime = 10 * time.Second
	knockTime     = 30 * time.Second
)

// maxTurns limits the peers that are let in at a time. Who is expected waits for an answer to its knock until it has its turn, so that of hundreds that come at
// once none has to be quicker with its handshake than the processor is with all of theirs.
const maxTurns = 64

// Listener accepts links from processes that know a secret.
type Listener struct {
	address  Address
	listener net.Listener
	admit    func(net.Conn) error             // refuses who may not even knock
	secure   func(net.Conn) (net.Conn, error) // makes the connection safe after the knock
	pool     *memory.Pool
	done     sync.WaitGroup
	turns    chan struct{} // has one in it for each peer that is let in just now

	mu       sync.Mutex
	closed   bool
	expected map[door]*expectation
	unknown  hall
	known    map[net.Conn]bool // those that have knocked
}

// expectation is a process that may connect.
type expectation struct {
	secret  Secret
	build   Build
	arrived chan Arrival
	serve   func(*Link) // instead of arrived, for any number of processes
	atDoor  int         // connections that have knocked and are not let in yet
}

// Arrival is what became of a process that was expected: its link, or why it was
// refused although it knows the secret.
type Arrival struct {
	Link *Link
	Err  error
}

func newListener(from net.Listener, address Address, admit func(net.Conn) error, secure func(net.Conn) (net.Conn, error)) *Listener {
	l := &Listener{
		address: address, listener: from, admit: admit, secure: secure, pool: poolFor(address), turns: make(chan struct{}, maxTurns),
		expected: map[door]*expectation{}, known: map[net.Conn]bool{},
	}
	l.done.Go(l.accept)
	return l
}

// Address is where [Dial] finds the listener.
func (l *Listener) Address() Address { return l.address }

// Pool is where the listener's links find shared memory for what they send.
func (l *Listener) Pool() *memory.Pool { return l.pool }

// Expect lets one process of the build connect with the secret. The channel receives
// what became of it, once. The function returned ends the wait; a link that arrived
// meanwhile and was not received is closed.
func (l *Listener) Expect(secret Secret, build Build) (<-chan Arrival, func()) {
	e := &expectation{secret: secret, build: build, arrived: make(chan Arrival, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expected[secret.door()] = e
	return e.arrived, func() {
		l.mu.Lock()
		delete(l.expected, secret.door())
		l.mu.Unlock()
		select {
		case a := <-e.arrived:
			if a.Link != nil {
				a.Link.Close()
			}
		default:
		}
	}
}

// Admit lets any number of processes of the build connect with the secret, until the function
// returned is called. Each link is given to serve, in a goroutine of its own, which owns it.
func (l *Listener) Admit(secret Secret, build Build, serve func(*Link)) (stop func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := &expectation{secret: secret, build: build, serve: serve}
	l.expected[secret.door()] = e
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.expected[secret.door()] == e {
			delete(l.expected, secret.door())
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
	for c := range l.known {
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
		if l.admit(c) != nil {
			c.Close()
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
	c.SetDeadline(time.Now().Add(handshakeTime))
	l.unknown.add(c, func(k knock) bool { return l.expected[door(k[8:])] != nil })
	l.mu.Unlock()

	e := l.wait(c)
	if e == nil {
		c.Close()
		return
	}
	link, err := l.open(c, e)
	<-l.turns

	l.mu.Lock()
	delete(l.known, c)
	e.atDoor--
	var other *OtherBuild
	wanted := l.expected[e.secret.door()] == e && !l.closed && (err == nil || errors.As(err, &other))
	if wanted && e.serve != nil {
		if err == nil {
			go e.serve(link)
		}
	} else if wanted {
		delete(l.expected, e.secret.door())
		e.arrived <- Arrival{link, err} // has room: one for each secret
	}
	l.mu.Unlock()
	switch {
	case err != nil:
		c.Close()
	case !wanted: // somebody else came with the same secret
		link.Close()
	}
}

// wait waits for a connection's knock, and for its turn, answers it, and returns who is expected with it,
// or nil. While it waits for its turn, and later, others cannot push the connection out.
func (l *Listener) wait(c net.Conn) *expectation {
	k, err := await(c)
	l.mu.Lock()
	l.unknown.remove(c)
	e := l.expected[door(k[8:])]
	if err != nil || l.closed || e != nil && e.atDoor == maxAtDoor {
		l.mu.Unlock()
		return nil
	}
	if e != nil {
		e.atDoor++
		l.known[c] = true
	}
	l.mu.Unlock()
	reply := enter
	if e == nil {
		reply = stranger
	} else {
		l.turns <- struct{}{} // which those that have theirs give back in handshakeTime
		c.SetDeadline(time.Now().Add(handshakeTime))
	}
	io.ReadFull(c, k[:]) // it is in the buffer; what is left unread there would keep the reply from arriving
	c.Write(reply[:])    // an error shows in what follows
	return e
}

// open makes the connection of a peer that has knocked safe, and checks its secret.
func (l *Listener) open(c net.Conn, e *expectation) (*Link, error) {
	c.SetDeadline(time.Now().Add(handshakeTime))
	safe, err := l.secure(c)
	if err == nil {
		err = identify(safe, e.secret, e.build)
	}
	if err != nil {
		return nil, err
	}
	return newLink(safe, l.pool)
}
