package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/memory"
)

func listenTLS(t testing.TB) (*Listener, *Authority) {
	t.Helper()
	a, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	l, err := ListenTLS("127.0.0.1:0", a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, a
}

func issue(t testing.TB, a *Authority) *Credentials {
	t.Helper()
	c, err := a.Issue("engine-0")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// pairTLS returns both ends of an encrypted link.
func pairTLS(t testing.TB) (controller, engine *Link) {
	t.Helper()
	l, a := listenTLS(t)
	return meet(t, l, issue(t, a))
}

func TestTLSCarriesMessagesAndBlocks(t *testing.T) {
	c, e := pairTLS(t)
	defer c.Close()
	defer e.Close()
	data := numbered(3 << 20)
	go func() {
		c.Send(&Message{Envelope: Envelope{Kind: Frame}, Payload: data[:100], Blocks: []*memory.Block{memory.Of(data)}})
		c.Flush()
	}()
	m, err := e.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if view, err := m.Blocks[0].View(); err != nil || !bytes.Equal(view, data) || !bytes.Equal(m.Payload, data[:100]) {
		t.Error("what arrived is not what was sent", err)
	}
	if all, _ := c.Pool().Held(); all != 0 || e.Pool().New(1) != nil {
		t.Error("shared memory across an encrypted link")
	}
}

func TestTLSRefusesWhoHasNoCertificateOfTheCluster(t *testing.T) {
	l, a := listenTLS(t)
	_, other := listenTLS(t)
	secret := NewSecret()
	arrived, cancel := l.Expect(secret, Build{1})
	defer cancel()

	for range 3 * maxStrangers { // they connect and say nothing
		if silent, err := net.Dial("tcp", l.Address().Path); err == nil {
			defer silent.Close()
		}
	}
	stranger := issue(t, other)
	if _, err := Dial(context.Background(), l.Address(), secret, Build{1}, stranger); err == nil || !strings.Contains(err.Error(), "is not the one that issued") {
		t.Error("a certificate of another cluster:", err)
	}
	// One who trusts this cluster, and shows what another issued.
	mixed := *stranger
	mixed.Authority = issue(t, a).Authority
	if _, err := Dial(context.Background(), l.Address(), secret, Build{1}, &mixed); err == nil {
		t.Error("a certificate of another cluster was accepted")
	}
	server, err := a.server()
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]*tls.Config{
		"no certificate":               {InsecureSkipVerify: true},
		"an old version":               {InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12},
		"the controller's certificate": {Certificates: server.Certificates, RootCAs: server.RootCAs, ServerName: serverName},
	} {
		c, err := net.Dial("tcp", l.Address().Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := knockAt(c, secret); err != nil { // they know the secret all the same
			t.Fatal(name, err)
		}
		safe := tls.Client(c, config)
		safe.Write(append(secret[:], make([]byte, 32)...))
		if n, err := safe.Read(make([]byte, 8)); err == nil {
			t.Errorf("%s: %d bytes of answer", name, n)
		}
		c.Close()
	}
	if _, err := Dial(context.Background(), l.Address(), NewSecret(), Build{1}, issue(t, a)); err == nil || !strings.Contains(err.Error(), "did not accept") {
		t.Error("a wrong secret:", err)
	}
	link, err := Dial(context.Background(), l.Address(), secret, Build{1}, issue(t, a))
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	select {
	case a := <-arrived:
		a.Link.Close()
	case <-time.After(20 * time.Second):
		t.Fatal("the link did not arrive")
	}
}

func TestTLSRefusesASizeBeforeMemoryIsAllocated(t *testing.T) {
	c, e := pairTLS(t)
	defer c.Close()
	defer e.Close()
	c.conn.Conn.Write(binary.BigEndian.AppendUint64([]byte{longSize}, 1<<40))
	if _, err := e.Recv(); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Error(err)
	}
}

func BenchmarkRoundTripTLS(b *testing.B) {
	c, e := pairTLS(b)
	roundTrips(b, c, e)
}
