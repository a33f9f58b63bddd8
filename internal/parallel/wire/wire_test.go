package wire

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
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
	return meet(t, l, nil)
}

// meet connects to a listener and returns both ends.
func meet(t testing.TB, l *Listener, credentials *Credentials) (controller, engine *Link) {
	t.Helper()
	secret := NewSecret()
	arrived, cancel := l.Expect(secret, Build{1})
	defer cancel()
	engine, err := Dial(context.Background(), l.Address(), secret, Build{1}, credentials)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case a := <-arrived:
		controller = a.Link
	case <-time.After(20 * time.Second):
		t.Fatal("the link did not arrive")
	}
	return controller, engine
}

func BenchmarkRoundTrip(b *testing.B) {
	c, e := pair(b)
	roundTrips(b, c, e)
}

// roundTrips measures a small message there and back.
func roundTrips(b *testing.B, c, e *Link) {
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

func TestMessagesArriveWhole(t *testing.T) {
	c, e := pair(t)
	defer c.Close()
	defer e.Close()
	big := bytes.Repeat([]byte("x"), 3<<20)
	want := []Message{
		{Envelope: Envelope{Kind: Open, Call: 1}, Payload: []byte("payload")},
		{Envelope: Envelope{Kind: Result, Call: 1 << 60, Frame: 9, First: 3, Count: 5, Failures: 2, Decode: 1, Run: 2, Encode: 3}},
		{Envelope: Envelope{Kind: Frame}, Payload: big},
		{Envelope: Envelope{Kind: Frame}, Payload: big[:255]},
		{Envelope: Envelope{Kind: Frame}, Payload: big[:256]},
	}
	go func() {
		for _, m := range want {
			if err := c.Send(&m); err != nil {
				t.Error(err)
			}
		}
		c.Flush()
	}()
	for _, m := range want {
		got, err := e.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if got.Envelope != m.Envelope || !bytes.Equal(got.Payload, m.Payload) {
			t.Errorf("got %+v with %d bytes, want %+v with %d", got.Envelope, len(got.Payload), m.Envelope, len(m.Payload))
		}
	}
}

func TestAHangupReachesTheReceiver(t *testing.T) {
	before := runtime.NumGoroutine()
	c, e := pair(t)
	for range 100 { // more than zmq4 queues
		c.Send(&Message{Envelope: Envelope{Kind: Frame}})
	}
	c.Flush()
	c.Close()
	for {
		if _, err := e.Recv(); err != nil {
			break
		}
	}
	e.Close()
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before+1; time.Sleep(time.Millisecond) { // the listener is left
		if time.Now().After(end) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

func TestStrangersAreTurnedAway(t *testing.T) {
	folder := t.TempDir()
	os.Chmod(folder, 0o700)
	l, err := Listen(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	secret := NewSecret()
	arrived, cancel := l.Expect(secret, Build{1})
	defer cancel()

	for range 3 * maxStrangers { // they connect and say nothing
		if silent, err := net.Dial("unix", l.Address().Path); err == nil {
			defer silent.Close()
		}
	}
	if _, err := Dial(context.Background(), l.Address(), NewSecret(), Build{1}, nil); err == nil || !strings.Contains(err.Error(), "did not accept") {
		t.Error("a wrong secret:", err)
	}
	raw, err := net.Dial("unix", l.Address().Path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.Write(append([]byte("GET / HTTP/1.1\r\n"), secret[:]...))
	if n, err := raw.Read(make([]byte, 8)); err == nil {
		t.Errorf("%d bytes for one who does not speak the protocol", n)
	}
	link, err := Dial(context.Background(), l.Address(), secret, Build{1}, nil)
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
	if _, err := Dial(context.Background(), l.Address(), secret, Build{1}, nil); err == nil {
		t.Error("a secret was accepted twice")
	}
}

func TestAFolderOpenToOthersIsRefused(t *testing.T) {
	folder := t.TempDir()
	os.Chmod(folder, 0o755)
	if _, err := Listen(folder); err == nil || !strings.Contains(err.Error(), "others may enter") {
		t.Error(err)
	}
}

// TestASizeIsRefusedBeforeMemoryIsAllocated: zmq4 would allocate what the header
// announces, and panic.
func TestASizeIsRefusedBeforeMemoryIsAllocated(t *testing.T) {
	for _, size := range []uint64{MaxMessage + 1, 1 << 40, 1<<63 - 1, 1 << 63} {
		c, e := pair(t)
		c.conn.Conn.Write(binary.BigEndian.AppendUint64([]byte{longSize}, size))
		if _, err := e.Recv(); err == nil || !strings.Contains(err.Error(), "more than") {
			t.Errorf("%d bytes: %v", size, err)
		}
		c.Close()
		e.Close()
	}
}

func TestAMessageOfCountlessFramesIsRefused(t *testing.T) {
	var g guard
	if err := g.pass(make([]byte, greetingSize)); err != nil {
		t.Fatal(err)
	}
	frames := bytes.Repeat([]byte{moreFrames, 0}, 1<<20)
	for range MaxMessage/64>>20 + 2 {
		if err := g.pass(frames); err != nil {
			return
		}
	}
	t.Error("a message without end was accepted")
}

func TestAMessageAboveTheLimitIsAnErrorOfItsSender(t *testing.T) {
	c, e := pair(t)
	defer c.Close()
	defer e.Close()
	var large *TooLarge
	if err := c.Send(&Message{Payload: make([]byte, MaxMessage)}); !errors.As(err, &large) {
		t.Error(err)
	}
}

func FuzzParseEnvelope(f *testing.F) {
	f.Add((&Envelope{Kind: Result, Count: 3, Failures: 3}).AppendTo(nil))
	f.Add([]byte{version})
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseEnvelope(data)
		if err != nil {
			return
		}
		if e.First < 0 || e.Count < 0 || e.Failures > e.Count || e.Run < 0 {
			t.Errorf("%+v makes no sense", e)
		}
		if !bytes.Equal(e.AppendTo(nil), data) {
			t.Errorf("%+v does not encode to what it was decoded from", e)
		}
	})
}

// FuzzGuard: however the stream is cut into reads, the guard sees the same
// frames, and never accepts a frame above the limit.
func FuzzGuard(f *testing.F) {
	f.Add(append(make([]byte, greetingSize), 0, 1, 'x', longSize, 0, 0, 0, 0, 0, 0, 1, 0), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, step uint8) {
		var whole, cut guard
		err := whole.pass(data)
		var cutErr error
		for i := 0; i < len(data) && cutErr == nil; i += int(step) + 1 {
			cutErr = cut.pass(data[i:min(i+int(step)+1, len(data))])
		}
		if (err == nil) != (cutErr == nil) || err == nil && whole != cut {
			t.Errorf("whole %v %+v, cut %v %+v", err, whole, cutErr, cut)
		}
		if whole.body > MaxMessage {
			t.Error("a frame above the limit was accepted")
		}
	})
}

func FuzzDecodePayload(f *testing.F) {
	data, err := EncodePayload(Outcome{Failures: []Failure{{Item: 1, Panic: true, Value: "x", Stack: "y"}}, Values: []byte{1}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		var outcome Outcome
		_ = DecodePayload(data, &outcome)
		var opening Opening
		_ = DecodePayload(data, &opening)
	})
}

// FuzzReadMessage: what is read takes no more memory than what was announced and
// allowed, and what is written again is the same.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte{moreFrames, 1, 'x', longSize, 0, 0, 0, 0, 0, 0, 0, 2, 'y', 'z'})
	f.Add(append([]byte{longSize}, bytes.Repeat([]byte{0xff}, 8)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := &conn{r: bufio.NewReader(bytes.NewReader(data))}
		var first [3]byte
		frames, err := in.readMessage(first[:], nil)
		if err != nil {
			return
		}
		out := &conn{w: make([]byte, 0, writeBuffer)}
		if len(data) > writeBuffer/2 {
			return
		}
		if err := out.writeMessage(frames); err != nil {
			t.Fatal(err)
		}
		again, err := (&conn{r: bufio.NewReader(bytes.NewReader(out.w))}).readMessage(nil, nil)
		if err != nil || !slices.EqualFunc(again, frames, bytes.Equal) {
			t.Errorf("%q became %q: %v", frames, again, err)
		}
	})
}

// BenchmarkRoundTripBareZMQ4 is what the sockets of zmq4 need for the same, over
// the same kind of connection and without authentication.
func BenchmarkRoundTripBareZMQ4(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	router, dealer := zmq4.NewRouter(ctx), zmq4.NewDealer(ctx)
	defer router.Close()
	defer dealer.Close()
	address := "ipc://" + b.TempDir() + "/s"
	if err := router.Listen(address); err != nil {
		b.Fatal(err)
	}
	if err := dealer.Dial(address); err != nil {
		b.Fatal(err)
	}
	go func() {
		for {
			m, err := router.Recv()
			if err != nil || router.SendMulti(m) != nil {
				return
			}
		}
	}()
	m := zmq4.NewMsgFrom((&Envelope{Kind: Frame}).AppendTo(nil), nil)
	b.ResetTimer()
	for range b.N {
		if err := dealer.SendMulti(m); err != nil {
			b.Fatal(err)
		}
		if _, err := dealer.Recv(); err != nil {
			b.Fatal(err)
		}
	}
}
