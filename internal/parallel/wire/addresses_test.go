package wire

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// TestOneOfSeveralAddressesIsEnough: a controller is known by all its addresses, of which
// some are refused and some never answer.
func TestOneOfSeveralAddressesIsEnough(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	bad := []Address{{"tcp", silent.Addr().String()}, {"tcp", closed.Addr().String()}, {"unix", t.TempDir() + "/none"}}

	l, a := listenTLS(t)
	secret := NewSecret()
	arrived, cancel := l.Expect(secret, Build{1})
	defer cancel()
	begin := time.Now()
	link, err := DialAny(context.Background(), append(bad, l.Address()), secret, Build{1}, issue(t, a))
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	if took := time.Since(begin); took > 10*time.Second {
		t.Error("it waited for an address that never answers:", took)
	}
	(<-arrived).Link.Close()

	ctx, end := context.WithTimeout(context.Background(), 2*time.Second)
	defer end()
	_, err = DialAny(ctx, bad, secret, Build{1}, issue(t, a))
	for _, address := range bad {
		if err == nil || !strings.Contains(err.Error(), address.Path) {
			t.Errorf("nothing is said of %s: %v", address.Path, err)
		}
	}
}

func TestAListenerOffersAllAddressesOfTheMachine(t *testing.T) {
	a, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	everywhere, err := ListenTLS("0.0.0.0:0", a)
	if err != nil {
		t.Fatal(err)
	}
	defer everywhere.Close()
	offered, err := everywhere.Offered()
	if err != nil || len(offered) == 0 {
		t.Fatal(offered, err)
	}
	loopbacks := 0
	for _, at := range offered {
		c, err := net.Dial(at.Network, at.Path)
		if err != nil {
			t.Errorf("%s is offered and leads nowhere: %v", at.Path, err)
			continue
		}
		if c.RemoteAddr().(*net.TCPAddr).IP.IsLoopback() {
			loopbacks++
		}
		c.Close()
	}
	if loopbacks > 0 && loopbacks < len(offered) {
		t.Error("loopback is offered to other machines:", offered)
	}
	one, _ := listenTLS(t)
	if offered, err := one.Offered(); err != nil || len(offered) != 1 || offered[0] != one.Address() {
		t.Error(offered, err)
	}
}

func TestPortsOfARange(t *testing.T) {
	a, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	free, _ := listenTLS(t)
	_, port, _ := net.SplitHostPort(free.Address().Path)
	if _, err := ListenTLS("127.0.0.1:"+port+"-"+port, a); err == nil || !strings.Contains(err.Error(), "no port of "+port) {
		t.Error("a port that is in use:", err)
	}
	for _, bad := range []string{"127.0.0.1:5-3", "127.0.0.1:0-3", "127.0.0.1:a-b", "127.0.0.1:1-70000"} {
		if _, err := ListenTLS(bad, a); err == nil || !strings.Contains(err.Error(), "no range") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	// A range of ports beside one that was free a moment ago.
	l, err := ListenTLS("127.0.0.1:20000-40000", a)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}
