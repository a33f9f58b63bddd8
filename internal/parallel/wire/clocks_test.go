package wire

import (
	"crypto/tls"
	"net"
	"testing"
	"time"
)

// TestClocksMayDiffer: a node whose clock is wrong, by hours or by decades, is let in. Who is of the cluster is said by its authority alone.
func TestClocksMayDiffer(t *testing.T) {
	a, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	for _, off := range []time.Duration{0, -2 * time.Hour, 26 * time.Hour, -50 * 365 * 24 * time.Hour, 100 * 365 * 24 * time.Hour} {
		clock := func() time.Time { return time.Now().Add(off) }
		for _, side := range []string{"controller", "node"} {
			server, err := a.server()
			if err != nil {
				t.Fatal(err)
			}
			client, err := issue(t, a).client()
			if err != nil {
				t.Fatal(err)
			}
			if side == "node" {
				client.Time = clock
			} else {
				server.Time = clock
			}
			here, there := net.Pipe()
			shaken := make(chan error, 1)
			go func() { shaken <- tls.Server(here, server).Handshake() }()
			err = tls.Client(there, client).Handshake()
			there.Close()
			if err2 := <-shaken; err != nil || err2 != nil {
				t.Errorf("the clock of the %s is wrong by %v: %v, %v", side, off, err, err2)
			}
			here.Close()
		}
	}
}
