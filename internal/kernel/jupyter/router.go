package jupyter

import (
	"errors"
	"log/slog"
	"sync"

	"github.com/go-zeromq/zmq4"
)

// ErrNoPeer is returned for a message to a front end that is not connected.
var ErrNoPeer = errors.New("the front end is not connected to this channel")

// Router is a ROUTER channel: it receives requests from many front ends and
// sends each message to the one that it is addressed to. All methods may be
// called from several goroutines.
type Router struct {
	socket
	signer signer
	recv   chan *Message

	routesMu sync.Mutex
	routes   map[string]*peer // by identity; guarded by routesMu
	done     chan struct{}    // closed when no one receives any more
	once     sync.Once
}

// queueLength is how many requests may wait; beyond it the front ends' own
// queues fill.
const queueLength = 1024

func newRouter(name string, s signer, log *slog.Logger) *Router {
	r := &Router{signer: s, recv: make(chan *Message, queueLength), routes: map[string]*peer{}, done: make(chan struct{})}
	r.socket = socket{name: name, typ: zmq4.Router, log: log, joined: r.join, left: r.leave, receive: r.take}
	return r
}

// Recv delivers the messages received, in order of arrival. Malformed and
// wrongly signed messages are logged and dropped before they come here.
func (r *Router) Recv() <-chan *Message { return r.recv }

// Send queues a message for the peer that Identities name, and does not block.
func (r *Router) Send(m *Message) error {
	if len(m.Identities) == 0 {
		return ErrNoPeer
	}
	frames, err := r.signer.encode(m)
	if err != nil {
		return err
	}
	r.routesMu.Lock()
	p := r.routes[string(m.Identities[0])]
	r.routesMu.Unlock()
	if p == nil {
		return ErrNoPeer
	}
	p.send(append(append([][]byte(nil), m.Identities[1:]...), frames...)...)
	return nil
}

// join gives an identity to its newest connection: a front end that connects
// again is not to wait until its old connection is known to be dead.
func (r *Router) join(p *peer) {
	r.routesMu.Lock()
	defer r.routesMu.Unlock()
	r.routes[p.id] = p
}

func (r *Router) leave(p *peer) {
	r.routesMu.Lock()
	defer r.routesMu.Unlock()
	if r.routes[p.id] == p {
		delete(r.routes, p.id)
	}
}

func (r *Router) take(p *peer, frames [][]byte) {
	m, err := r.signer.decode(frames)
	if err != nil {
		r.log.Warn("dropped a message", "channel", r.name, "err", err)
		return
	}
	m.Identities = append([][]byte{[]byte(p.id)}, m.Identities...)
	select {
	case r.recv <- m:
	case <-r.done:
	}
}

// abandon lets the peers' goroutines go on although no one receives.
func (r *Router) abandon() { r.once.Do(func() { close(r.done) }) }
