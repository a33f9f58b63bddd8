package wire

import (
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// socketPair returns the two ends of a connection.
func socketPair(t *testing.T) (a, b *socket) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialled, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for c, to := range map[net.Conn]**socket{dialled: &a, accepted: &b} {
		if *to, err = newSocket(c.(*net.UnixConn)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { (*to).Close() })
	}
	return a, b
}

// TestCloseEndsWhatWaitsForASocket: a read without bytes, and a write that nobody reads.
func TestCloseEndsWhatWaitsForASocket(t *testing.T) {
	for name, wait := range map[string]func(*socket) error{
		"a read":  func(s *socket) error { _, err := s.Read(make([]byte, 8)); return err },
		"a write": func(s *socket) error { _, err := s.Write(make([]byte, 64<<20)); return err },
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := socketPair(t)
			ended := make(chan error, 1)
			go func() { ended <- wait(s) }()
			time.Sleep(20 * time.Millisecond) // so that it waits
			closed := make(chan error, 1)
			go func() { closed <- s.Close() }()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("it ended without an error")
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it still waits")
			}
			if err := <-closed; err != nil {
				t.Error(err)
			}
			if err := s.send(nil, []byte("late")); !errors.Is(err, net.ErrClosed) {
				t.Error("a closed socket was used:", err)
			}
			if err := s.Close(); err != nil {
				t.Error("closed again:", err)
			}
		})
	}
}

// TestASocketWritesAllParts, whatever the kernel takes of them at once.
func TestASocketWritesAllParts(t *testing.T) {
	a, b := socketPair(t)
	if _, _, _, err := b.receive(make([]byte, 8), nil, false); err != unix.EAGAIN {
		t.Error("nothing has arrived:", err)
	}
	parts := [][]byte{nil, numbered(3), {}, numbered(8 << 20), numbered(5)}
	var want []byte
	for _, p := range parts {
		want = append(want, p...)
	}
	sent := make(chan error, 1)
	go func() { sent <- a.send(nil, parts...) }()
	got := make([]byte, 0, len(want))
	for len(got) < len(want) {
		n, err := b.Read(got[len(got):cap(got)])
		if err != nil {
			t.Fatal(err)
		}
		got = got[:len(got)+n]
	}
	if err := <-sent; err != nil || string(got) != string(want) {
		t.Error("the bytes are others:", err)
	}
}
