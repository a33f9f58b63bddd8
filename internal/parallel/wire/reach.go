package wire

import (
	"crypto/tls"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// Unanswered returns for how long the peer's machine has acknowledged nothing, which says something where something was sent meanwhile. The machine does that by
// itself, whether or not the process there is slow, stopped, or reads nothing: so a silence is one of the network, or the end of the machine. It is 0
// where the connection is one of this machine.
func (l *Link) Unanswered() time.Duration {
	secured, ok := l.conn.Conn.(*tls.Conn)
	if !ok {
		return 0
	}
	c, ok := secured.NetConn().(*net.TCPConn)
	if !ok {
		return 0
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	var since time.Duration
	raw.Control(func(fd uintptr) { // an error says that the connection was closed, which who receives finds out
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil && info.Unacked > 0 {
			since = time.Duration(info.Last_ack_recv) * time.Millisecond
		}
	})
	return since
}
