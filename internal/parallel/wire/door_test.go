package wire

import (
	"net"
	"os"
	"testing"
	"time"
)

// TestAKnockInTheBufferCounts: a connection whose knock has arrived stays, although no
// goroutine has read it yet, and those that are silent go, the oldest first.
func TestAKnockInTheBufferCounts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	connect := func(say []byte) (server net.Conn) {
		t.Helper()
		c, err := net.Dial("tcp", l.Addr().String())
		if err == nil {
			server, err = l.Accept()
		}
		if err == nil {
			_, err = c.Write(say)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close(); server.Close() })
		return server
	}
	secret := NewSecret()
	mine, wrong := secret.door().knock(), NewSecret().door().knock()
	expected := func(k knock) bool { return k == mine }

	var h hall
	engine, stranger := connect(mine[:]), connect(wrong[:])
	engine.SetReadDeadline(time.Now().Add(20 * time.Second))
	if k, err := await(engine); err != nil || k != mine {
		t.Fatal(k, err)
	}
	h.add(engine, expected)
	h.add(stranger, expected)
	var silent []net.Conn
	for range 2 * maxStrangers {
		c := connect(hello[:4])
		silent = append(silent, c)
		h.add(c, expected)
	}
	if len(h) != maxStrangers {
		t.Errorf("%d connections wait", len(h))
	}
	open := func(c net.Conn) bool {
		err := c.SetReadDeadline(time.Now().Add(time.Second)) // an error of one that is closed
		return err == nil
	}
	if !open(engine) || open(stranger) || open(silent[0]) || !open(silent[len(silent)-1]) {
		t.Errorf("engine %v, stranger %v, first of the silent %v, last %v", open(engine), open(stranger), open(silent[0]), open(silent[len(silent)-1]))
	}
	if k, ok := look(engine); !ok || k != mine {
		t.Error("the knock is no longer there")
	}
}

// rude hangs up on those who come first.
type rude struct {
	net.Listener
	first int
}

func (r *rude) Accept() (net.Conn, error) {
	for ; r.first > 0; r.first-- {
		if c, err := r.Listener.Accept(); err == nil {
			c.Close()
		}
	}
	return r.Listener.Accept()
}

// TestOneWhoWasPushedOutComesAgain: others may be faster, over and over.
func TestOneWhoWasPushedOutComesAgain(t *testing.T) {
	folder := t.TempDir()
	os.Chmod(folder, 0o700)
	from, err := net.Listen("unix", folder+"/engines")
	if err != nil {
		t.Fatal(err)
	}
	l := newListener(&rude{from, 5}, Address{"unix", folder + "/engines"}, sameUser, func(c net.Conn) (net.Conn, error) { return c, nil })
	t.Cleanup(l.Close)
	c, e := meet(t, l, nil)
	c.Close()
	e.Close()
}
