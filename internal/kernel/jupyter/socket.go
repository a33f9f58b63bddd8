package jupyter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"github.com/goparallel/goparallel/internal/parallel/userdir"
)

const (
	// handshakeTime is how long a peer may take to introduce itself.
	handshakeTime = 10 * time.Second
	// maxPeers bounds the connections to one socket.
	maxPeers = 512
)

// socket listens for peers and reads their messages, each peer in a goroutine
// of its own, so that no peer can hold up another. What the messages mean is
// up to the functions it is given.
type socket struct {
	name     string // for the log: "shell", …
	typ      zmq4.SocketType
	listener net.Listener
	log      *slog.Logger
	joined   func(*peer)                    // called before the first message
	receive  func(p *peer, frames [][]byte) // called from the peer's goroutine
	left     func(*peer)                    // called after the last message

	wg    sync.WaitGroup
	mu    sync.Mutex
	conns map[net.Conn]struct{} // all connections, introduced or not
	peers map[*peer]struct{}
	ended bool
}

// listen binds the socket. serve then accepts peers.
func (s *socket) listen(network, address string) error {
	if network == "unix" && userdir.Abandoned(address) { // by a kernel that was killed
		os.Remove(address)
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return fmt.Errorf("%s channel: %w", s.name, err)
	}
	s.listener = l
	s.conns = map[net.Conn]struct{}{}
	s.peers = map[*peer]struct{}{}
	return nil
}

func (s *socket) serve() {
	s.wg.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				s.log.Warn("cannot accept a connection", "channel", s.name, "err", err)
				time.Sleep(100 * time.Millisecond) // out of descriptors, most likely
				continue
			}
			if !s.admit(conn) {
				conn.Close()
				continue
			}
			s.wg.Go(func() { s.attend(conn) })
		}
	})
}

func (s *socket) admit(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || len(s.conns) >= maxPeers {
		return false
	}
	s.conns[conn] = struct{}{}
	return true
}

// attend serves one connection to its end.
func (s *socket) attend(conn net.Conn) {
	defer func() {
		conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
		// zmq4 indexes what a peer sent without checking lengths everywhere:
		// a malformed READY panics. It costs the peer its connection, no more.
		if r := recover(); r != nil {
			s.log.Warn("dropped a peer that sent malformed frames", "channel", s.name, "err", r)
		}
	}()
	g := newGuard(conn)
	conn.SetDeadline(time.Now().Add(handshakeTime))
	zc, err := zmq4.Open(g, null.Security(), s.typ, nil, true, nil)
	if err != nil {
		s.log.Debug("no ZeroMQ handshake", "channel", s.name, "err", err)
		return
	}
	conn.SetDeadline(time.Time{})
	g.limit = messageLimit

	id := zc.Peer.Meta["Identity"]
	if id == "" {
		id = newID()
	}
	p := newPeer(id, conn)
	defer p.close()
	s.mu.Lock()
	s.peers[p] = struct{}{}
	s.mu.Unlock()
	s.joined(p)
	defer func() {
		s.mu.Lock()
		delete(s.peers, p)
		s.mu.Unlock()
		s.left(p)
	}()
	s.wg.Go(p.write)
	for {
		msg, err := zc.RecvMsg()
		if err != nil {
			s.log.Debug("a peer left", "channel", s.name, "err", err)
			return
		}
		if msg.Type == zmq4.UsrMsg { // commands such as PING are zmq4's business
			s.receive(p, msg.Frames)
		}
	}
}

func (s *socket) snapshot() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	peers := make([]*peer, 0, len(s.peers))
	for p := range s.peers {
		peers = append(peers, p)
	}
	return peers
}

// close stops listening, lets the peers take what is queued for them until ctx
// ends, and closes every connection. Closing with unread input would reset a
// TCP connection and lose the last messages on their way; so the end of the
// stream is announced first, and the peers' goroutines read on meanwhile.
func (s *socket) close(ctx context.Context) {
	if s.listener == nil {
		return
	}
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.listener.Close()
	drained := make(chan struct{})
	go func() {
		for _, p := range s.snapshot() {
			p.waitBelow(0)
			p.finish()
		}
		s.wg.Wait()
		close(drained)
	}()
	select {
	case <-drained:
		return
	case <-ctx.Done():
	}
	for _, p := range s.snapshot() {
		p.close()
	}
	s.mu.Lock()
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	<-drained
}
