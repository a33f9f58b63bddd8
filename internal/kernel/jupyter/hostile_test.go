package jupyter

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// serveForTest serves channels on unix sockets of a temporary folder.
func serveForTest(t *testing.T) *Channels {
	t.Helper()
	info := ConnectionInfo{Transport: "ipc", IP: filepath.Join(t.TempDir(), "k"), Key: "key",
		ShellPort: 1, ControlPort: 2, StdinPort: 3, IOPubPort: 4, HBPort: 5}
	c, err := Listen(info, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		c.Close(ctx)
	})
	return c
}

func connect(t *testing.T, c *Channels, port int) net.Conn {
	t.Helper()
	conn, err := net.Dial(c.Info.Address(port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return conn
}

func greeting() []byte {
	g := make([]byte, greetingSize)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	return g
}

// command frames a ZMTP command.
func command(name string, body ...byte) []byte {
	payload := append(append([]byte{byte(len(name))}, name...), body...)
	return append([]byte{4, byte(len(payload))}, payload...)
}

func ready(socketType string) []byte {
	var body []byte
	body = append(body, 11)
	body = append(body, "Socket-Type"...)
	body = binary.BigEndian.AppendUint32(body, uint32(len(socketType)))
	return command("READY", append(body, socketType...)...)
}

// introduce performs the handshake and swallows the kernel's side of it.
func introduce(t *testing.T, conn net.Conn, socketType string) {
	t.Helper()
	conn.Write(append(greeting(), ready(socketType)...))
	io.ReadFull(conn, make([]byte, greetingSize))
	header := make([]byte, 2)
	io.ReadFull(conn, header)
	if _, err := io.ReadFull(conn, make([]byte, header[1])); err != nil {
		t.Fatal(err)
	}
}

// ping checks that the heartbeat still answers.
func ping(t *testing.T, c *Channels) {
	t.Helper()
	conn := connect(t, c, c.Info.HBPort)
	introduce(t, conn, "REQ")
	want := "\x01\x00\x00\x04ping"
	io.WriteString(conn, want)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Fatalf("heartbeat: %q, %v", got, err)
	}
}

// closed waits until the kernel drops the connection.
func closed(t *testing.T, conn net.Conn) {
	t.Helper()
	_, err := io.Copy(io.Discard, conn)
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		t.Error("the kernel keeps the connection")
	}
}

func TestHugeFrameIsRefusedByItsHeader(t *testing.T) {
	c := serveForTest(t)
	huge := binary.BigEndian.AppendUint64([]byte{2}, 1<<62)
	for name, prefix := range map[string][]byte{
		"instead of READY": greeting(),
		"after READY":      append(greeting(), ready("REQ")...),
	} {
		t.Run(name, func(t *testing.T) {
			conn := connect(t, c, c.Info.HBPort)
			conn.Write(prefix)
			conn.Write(huge)
			closed(t, conn)
			ping(t, c)
		})
	}
}

func TestEndlessMessageIsRefused(t *testing.T) {
	c := serveForTest(t)
	conn := connect(t, c, c.Info.HBPort)
	introduce(t, conn, "REQ")
	go func() {
		frames := []byte(strings.Repeat("\x01\x00", 32<<10)) // empty frames, more to come
		for {
			if _, err := conn.Write(frames); err != nil {
				return
			}
		}
	}()
	closed(t, conn)
	ping(t, c)
}

func TestMalformedHandshakeCostsOnlyTheConnection(t *testing.T) {
	c := serveForTest(t)
	for name, body := range map[string][]byte{
		"key longer than the rest": command("READY", 200, 'x'),
		"no value":                 command("READY", 3, 'a', 'b', 'c'),
		"value longer than rest":   command("READY", 1, 'a', 255, 255, 255, 255),
		"empty command":            {4, 0},
		"name longer than body":    {4, 2, 9, 'x'},
		"not a command":            {0, 1, 'x'},
		"wrong partner":            ready("PUSH"),
	} {
		t.Run(name, func(t *testing.T) {
			conn := connect(t, c, c.Info.HBPort)
			conn.Write(append(greeting(), body...))
			closed(t, conn)
			ping(t, c)
		})
	}
	conn := connect(t, c, c.Info.HBPort)
	conn.Write([]byte(strings.Repeat("GET / HTTP/1.1\r\n", 10)))
	closed(t, conn)
	ping(t, c)
}

func TestSilentPeerHoldsUpNobody(t *testing.T) {
	c := serveForTest(t)
	for range 20 {
		connect(t, c, c.Info.HBPort) // and says nothing
	}
	ping(t, c)
}

// A front end that subscribes and then does not read must not stop status
// messages, and output waits for room instead of filling the memory.
func TestSlowSubscriberSlowsOutputOnly(t *testing.T) {
	c := serveForTest(t)
	conn := connect(t, c, c.Info.IOPubPort)
	introduce(t, conn, "SUB")
	conn.Write([]byte{0, 1, 1})
	big := &Message{Header: Header{MsgType: "stream"}, Content: []byte(`"` + strings.Repeat("x", 1<<20) + `"`)}
	for len(c.IOPub.snapshot()) == 0 || c.IOPub.snapshot()[0].waiting() == 0 {
		c.IOPub.Publish("t", big)
		time.Sleep(time.Millisecond)
	}
	for range 2 * highWater >> 20 {
		c.IOPub.Publish("t", big) // does not block, or the test hangs
	}
	room := make(chan struct{})
	go func() { c.IOPub.WaitRoom(); close(room) }()
	select {
	case <-room:
		t.Error("room although nobody reads")
	case <-time.After(50 * time.Millisecond):
	}
	go io.Copy(io.Discard, conn)
	select {
	case <-room:
	case <-time.After(20 * time.Second):
		t.Error("no room although the subscriber reads again")
	}
}

func TestCloseDeliversWhatIsQueued(t *testing.T) {
	c := serveForTest(t)
	sub := zmq4.NewSub(context.Background())
	defer sub.Close()
	_, address := c.Info.Address(c.Info.IOPubPort)
	if err := sub.Dial("ipc://" + address); err != nil {
		t.Fatal(err)
	}
	sub.SetOption(zmq4.OptionSubscribe, "")
	got := make(chan string, 10000)
	go func() {
		for {
			m, err := sub.Recv()
			if err != nil {
				close(got)
				return
			}
			got <- string(m.Frames[0])
		}
	}()
	for joined := false; !joined; {
		c.IOPub.Publish("hello", &Message{})
		select {
		case <-got:
			joined = true
		case <-time.After(10 * time.Millisecond):
		}
	}
	for range 1000 {
		c.IOPub.Publish("many", &Message{})
	}
	c.IOPub.Publish("last", &Message{})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	go c.Close(ctx)
	for topic := range got {
		if topic == "last" {
			return
		}
	}
	t.Error("the last message was lost")
}

func TestNewestConnectionOwnsTheIdentity(t *testing.T) {
	c := serveForTest(t)
	_, address := c.Info.Address(c.Info.ShellPort)
	s := signer{key: []byte("key")}
	dealers := make([]zmq4.Socket, 2)
	for i := range dealers {
		frames, err := s.encode(&Message{Header: Header{MsgID: newID(), MsgType: "kernel_info_request"}})
		if err != nil {
			t.Fatal(err)
		}
		dealers[i] = zmq4.NewDealer(context.Background(), zmq4.WithID(zmq4.SocketIdentity("same")))
		defer dealers[i].Close()
		if err := dealers[i].Dial("ipc://" + address); err != nil {
			t.Fatal(err)
		}
		if err := dealers[i].SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
			t.Fatal(err)
		}
		<-c.Shell.Recv()
	}
	if err := c.Shell.Send(&Message{Identities: [][]byte{[]byte("same")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := dealers[1].Recv(); err != nil {
		t.Error(err)
	}
	if err := c.Shell.Send(&Message{Identities: [][]byte{[]byte("nobody")}}); err != ErrNoPeer {
		t.Errorf("unknown identity: %v", err)
	}
}

func TestListenReplacesTheSocketOfADeadKernel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k-1")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	info := ConnectionInfo{Transport: "ipc", IP: strings.TrimSuffix(path, "-1"), ShellPort: 1, ControlPort: 2, StdinPort: 3, IOPubPort: 4, HBPort: 5}
	c, err := Listen(info, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(info, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("two kernels listen at the same place")
	}
	c.Close(context.Background())
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("socket file after Close: %v", err)
	}
}

func TestConnectionFile(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "c.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ports := `"shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4,"hb_port":5`
	info, err := ReadConnectionFile(write(`{"transport":"tcp","ip":"::1","key":"k","signature_scheme":"hmac-sha256","kernel_name":"x",` + ports + `}`))
	if err != nil {
		t.Fatal(err)
	}
	if network, address := info.Address(info.ShellPort); network != "tcp" || address != "[::1]:1" {
		t.Errorf("%s %s", network, address)
	}
	for text, want := range map[string]string{
		`{`: "unexpected end",
		`{"transport":"udp","ip":"x",` + ports + `}`:                                         "transport",
		`{"transport":"tcp",` + ports + `}`:                                                  "no ip",
		`{"transport":"tcp","ip":"x"}`:                                                       "no port",
		`{"transport":"tcp","ip":"x","key":"k","signature_scheme":"hmac-md5",` + ports + `}`: "signature_scheme",
	} {
		if _, err := ReadConnectionFile(write(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// waiting returns how many bytes wait for the peer.
func (p *peer) waiting() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queued
}

func TestTheHistoryOfSignaturesIsBounded(t *testing.T) {
	h := &history{set: map[[sha256.Size]byte]bool{}}
	signature := func(n int) []byte {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
		return hex.AppendEncode(nil, sum[:])
	}
	const sent = 2*remembered + 5
	for n := range sent {
		if !h.isNew(signature(n)) {
			t.Fatalf("message %d is taken for another", n)
		}
	}
	if len(h.set) != remembered || len(h.list) != remembered {
		t.Errorf("remembers %d and %d signatures, want %d", len(h.set), len(h.list), remembered)
	}
	for n := sent - remembered; n < sent; n++ {
		if h.isNew(signature(n)) {
			t.Fatalf("message %d of %d is taken again", n, sent)
		}
	}
}
