package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pair returns both ends of a link.
func pair(t testing.TB) (controller, engine *Link) {
	t.Helper()
	folder := t.TempDir()
	os.Chmod(folder, 0o700)
	l, err := Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	secret := NewSecret()
	arrived, cancel := l.Expect(secret)
	defer cancel()
	engine, err = Dial(context.Background(), l.Path(), secret)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case controller = <-arrived:
	case <-time.After(20 * time.Second):
		t.Fatal("the link did not arrive")
	}
	return controller, engine
}

func BenchmarkRoundTrip(b *testing.B) {
	c, e := pair(b)
	go func() {
		for {
			m, err := e.Recv()
			if err != nil {
				e.Close()
				return
			}
			e.Send(&m)
			e.Flush()
		}
	}()
	b.ResetTimer()
	for range b.N {
		c.Send(&Message{Envelope: Envelope{Kind: Frame}})
		c.Flush()
		if _, err := c.Recv(); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	c.Close()
}

func BenchmarkOneWay(b *testing.B) {
	c, e := pair(b)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range b.N {
			if _, err := e.Recv(); err != nil {
				panic(err)
			}
		}
		e.Close()
	}()
	b.ResetTimer()
	for i := range b.N {
		c.Send(&Message{Envelope: Envelope{Kind: Frame}, Payload: make([]byte, 8)})
		if i%32 == 31 {
			c.Flush()
		}
	}
	c.Flush()
	<-done
	b.StopTimer()
	c.Close()
}

var _ = bytes.Equal
var _ = binary.LittleEndian
var _ net.Conn
var _ = runtime.NumGoroutine
var _ = strings.Contains
