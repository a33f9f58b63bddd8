// Package frontend is a Jupyter front end for tests: it speaks to a kernel
// through ZeroMQ sockets of its own, signs and checks signatures by itself, and
// fails its test where the kernel keeps it waiting.
package frontend

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// Patience is how long a test waits for a message before it fails.
const Patience = 20 * time.Second

// Message is what the client sees: raw, so that the tests check what is really
// on the wire.
type Message struct {
	// Topic is the first frame, on iopub.
	Topic                             string
	Header, Parent, Metadata, Content map[string]any
}

// Kind returns the msg_type.
func (m Message) Kind() string { return m.Header["msg_type"].(string) }

// ParentID returns the msg_id of the request that caused the message.
func (m Message) ParentID() string { id, _ := m.Parent["msg_id"].(string); return id }

// Client is a front end on real ZeroMQ sockets.
type Client struct {
	// The sockets to send requests on; HB is a REQ socket.
	Shell, Control, Stdin, HB zmq4.Socket
	// What arrived on each channel, in order.
	ShellC, ControlC, StdinC, IOPubC chan Message

	t   testing.TB
	key []byte
}

// Connection returns a connection to loopback ports that are free, or with
// "ipc" to unix sockets in a folder of the test.
func Connection(t testing.TB, transport string) jupyter.ConnectionInfo {
	info := jupyter.ConnectionInfo{Transport: transport, Key: "a key of the test", SignatureScheme: "hmac-sha256"}
	if transport == "ipc" {
		info.IP = filepath.Join(t.TempDir(), "k")
		info.ShellPort, info.ControlPort, info.StdinPort, info.IOPubPort, info.HBPort = 1, 2, 3, 4, 5
		return info
	}
	info.IP = "127.0.0.1"
	for _, port := range []*int{&info.ShellPort, &info.ControlPort, &info.StdinPort, &info.IOPubPort, &info.HBPort} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return info
}

// Dial connects a client to a kernel that serves info and waits until messages
// arrive on iopub. The client ends with the test.
func Dial(t testing.TB, info jupyter.ConnectionInfo) *Client {
	t.Helper()
	endpoint := func(port int) string {
		if info.Transport == "ipc" {
			return fmt.Sprintf("ipc://%s-%d", info.IP, port)
		}
		return fmt.Sprintf("tcp://%s:%d", info.IP, port)
	}
	c := &Client{t: t, key: []byte(info.Key),
		ShellC: make(chan Message, 1000), ControlC: make(chan Message, 1000),
		IOPubC: make(chan Message, 100000), StdinC: make(chan Message, 1000)}
	id := zmq4.WithID(zmq4.SocketIdentity(newMsgID()))
	ctx := context.Background()
	c.Shell, c.Control, c.Stdin = zmq4.NewDealer(ctx, id), zmq4.NewDealer(ctx, id), zmq4.NewDealer(ctx, id)
	c.HB = zmq4.NewReq(ctx)
	iopub := zmq4.NewSub(ctx)
	for _, s := range []struct {
		socket zmq4.Socket
		port   int
		to     chan Message
	}{{c.Shell, info.ShellPort, c.ShellC}, {c.Control, info.ControlPort, c.ControlC}, {c.Stdin, info.StdinPort, c.StdinC},
		{iopub, info.IOPubPort, c.IOPubC}, {c.HB, info.HBPort, nil}} {
		if err := s.socket.Dial(endpoint(s.port)); err != nil {
			t.Fatal(err)
		}
		if s.to != nil {
			go c.listen(s.socket, s.to)
		}
	}
	t.Cleanup(func() { iopub.Close() })
	if err := iopub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		t.Fatal(err)
	}
	// The subscription has arrived when a request's status comes through.
	for {
		id := c.Send(c.Shell, "kernel_info_request", map[string]any{})
		c.Reply(c.ShellC, id)
		select {
		case <-c.IOPubC:
			c.Quiet()
			return c
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (c *Client) listen(s zmq4.Socket, to chan Message) {
	for {
		msg, err := s.Recv()
		if err != nil {
			return
		}
		if m, ok := c.parse(msg.Frames); ok {
			to <- m
		}
	}
}

func (c *Client) parse(frames [][]byte) (Message, bool) {
	var m Message
	for i, f := range frames {
		if string(f) != "<IDS|MSG>" {
			m.Topic = string(f)
			continue
		}
		if got, want := string(frames[i+1]), c.Sign(frames[i+2:i+6]); got != want {
			c.t.Errorf("signature %q, want %q", got, want)
		}
		for j, field := range []*map[string]any{&m.Header, &m.Parent, &m.Metadata, &m.Content} {
			if err := json.Unmarshal(frames[i+2+j], field); err != nil || *field == nil {
				c.t.Errorf("frame %d: %q is no JSON object (%v)", j, frames[i+2+j], err)
			}
		}
		return m, true
	}
	c.t.Errorf("no delimiter in %q", frames)
	return m, false
}

// Sign returns the signature of four frames.
func (c *Client) Sign(frames [][]byte) string {
	mac := hmac.New(sha256.New, c.key)
	for _, f := range frames {
		mac.Write(f)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// Send sends a request and returns its msg_id.
func (c *Client) Send(s zmq4.Socket, kind string, content any) string {
	c.t.Helper()
	id := newMsgID()
	header := map[string]any{"msg_id": id, "session": "client", "username": "tester", "msg_type": kind, "version": "5.4",
		"date": time.Now().UTC().Format(time.RFC3339Nano), "extra": "kept"}
	frames := [][]byte{toJSON(header), []byte("{}"), []byte("{}"), toJSON(content)}
	c.SendFrames(s, append([][]byte{[]byte("<IDS|MSG>"), []byte(c.Sign(frames))}, frames...)...)
	return id
}

// SendFrames sends frames as they are.
func (c *Client) SendFrames(s zmq4.Socket, frames ...[]byte) {
	c.t.Helper()
	if err := s.SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
}

// Reply waits for the reply to a request.
func (c *Client) Reply(from chan Message, id string) Message {
	c.t.Helper()
	deadline := time.After(Patience)
	for {
		select {
		case m := <-from:
			if m.ParentID() == id {
				return m
			}
		case <-deadline:
			c.t.Fatalf("no reply to %s", id)
		}
	}
}

// Outputs collects what is published for a request, up to its idle status.
func (c *Client) Outputs(id string) []Message {
	c.t.Helper()
	var all []Message
	deadline := time.After(Patience)
	for {
		select {
		case m := <-c.IOPubC:
			if m.ParentID() != id {
				continue
			}
			all = append(all, m)
			if m.Kind() == "status" && m.Content["execution_state"] == "idle" {
				return all
			}
		case <-deadline:
			c.t.Fatalf("no idle for %s; got %v", id, Kinds(all))
		}
	}
}

// Ask sends a shell request and returns its reply and what was published.
func (c *Client) Ask(kind string, content any) (Message, []Message) {
	c.t.Helper()
	id := c.Send(c.Shell, kind, content)
	r := c.Reply(c.ShellC, id)
	return r, c.Outputs(id)
}

// Execute runs code with the fields of extra added to the request.
func (c *Client) Execute(code string, extra map[string]any) (Message, []Message) {
	c.t.Helper()
	return c.Ask("execute_request", ExecuteContent(code, extra))
}

// ExecuteContent is the content of an execute request.
func ExecuteContent(code string, extra map[string]any) map[string]any {
	content := map[string]any{"code": code}
	for k, v := range extra {
		content[k] = v
	}
	return content
}

// Quiet throws away what has been published so far.
func (c *Client) Quiet() {
	for {
		select {
		case <-c.IOPubC:
		case <-time.After(50 * time.Millisecond):
			return
		}
	}
}

// Close closes the sockets that the client sends on.
func (c *Client) Close() {
	for _, s := range []zmq4.Socket{c.Shell, c.Control, c.Stdin, c.HB} {
		s.Close()
	}
}

// Kinds names messages, a status by its state.
func Kinds(all []Message) []string {
	var names []string
	for _, m := range all {
		name := m.Kind()
		if name == "status" {
			name = m.Content["execution_state"].(string)
		}
		names = append(names, name)
	}
	return names
}

func toJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func newMsgID() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
