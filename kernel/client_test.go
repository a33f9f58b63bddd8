package kernel_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/goparallel/goparallel/kernel"
	"github.com/goparallel/goparallel/kernel/cell"
	"github.com/goparallel/goparallel/kernel/jupyter"
)

// patience is how long a test waits for a message before it fails.
const patience = 20 * time.Second

// message is what the client sees: raw, so that the tests check what is really
// on the wire.
type message struct {
	topic    string
	header   map[string]any
	parent   map[string]any
	metadata map[string]any
	content  map[string]any
}

func (m message) kind() string     { return m.header["msg_type"].(string) }
func (m message) parentID() string { id, _ := m.parent["msg_id"].(string); return id }

// client is a front end on real ZeroMQ sockets.
type client struct {
	t                     *testing.T
	key                   []byte
	identity              string
	shell, control, stdin zmq4.Socket
	shellC, controlC      chan message
	iopubC, stdinC        chan message
	hb                    zmq4.Socket
}

// start runs a kernel over the interpreter and connects a client to it. Both
// end with the test, which fails when the kernel leaves a goroutine behind.
func start(t *testing.T, transport string, interp cell.Interpreter) *client {
	c, _ := startKernel(t, transport, func(context.Context) (cell.Interpreter, error) { return interp, nil })
	return c
}

func startKernel(t *testing.T, transport string, open func(context.Context) (cell.Interpreter, error)) (*client, *kernel.Kernel) {
	t.Helper()
	info := connection(t, transport)
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, nil))
	channels, err := jupyter.Listen(info, logger)
	if err != nil {
		t.Fatal(err)
	}
	k := kernel.New(kernel.Params{Channels: channels, Open: open, Version: "test", GoVersion: "1.27.4", Log: logger})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); k.Run(ctx) }()
	c := dial(t, info)
	t.Cleanup(func() {
		cancel()
		c.close()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the kernel does not end")
		}
		for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
			left := kernelGoroutines()
			if left == "" {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("left behind:\n%s", left)
				break
			}
		}
		if t.Failed() {
			t.Logf("kernel log:\n%s", log.String())
		}
	})
	return c, k
}

// kernelGoroutines returns the stacks of the goroutines that run the kernel's
// code.
func kernelGoroutines() string {
	buf := make([]byte, 1<<20)
	var left []string
	for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "goparallel/kernel.(") || strings.Contains(stack, "goparallel/kernel/jupyter.(") {
			left = append(left, stack)
		}
	}
	return strings.Join(left, "\n\n")
}

func connection(t *testing.T, transport string) jupyter.ConnectionInfo {
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

func dial(t *testing.T, info jupyter.ConnectionInfo) *client {
	t.Helper()
	endpoint := func(port int) string {
		if info.Transport == "ipc" {
			return fmt.Sprintf("ipc://%s-%d", info.IP, port)
		}
		return fmt.Sprintf("tcp://%s:%d", info.IP, port)
	}
	c := &client{t: t, key: []byte(info.Key), identity: newMsgID(),
		shellC: make(chan message, 1000), controlC: make(chan message, 1000),
		iopubC: make(chan message, 100000), stdinC: make(chan message, 1000)}
	id := zmq4.WithID(zmq4.SocketIdentity(c.identity))
	ctx := context.Background()
	c.shell, c.control, c.stdin = zmq4.NewDealer(ctx, id), zmq4.NewDealer(ctx, id), zmq4.NewDealer(ctx, id)
	c.hb = zmq4.NewReq(ctx)
	iopub := zmq4.NewSub(ctx)
	for _, s := range []struct {
		socket zmq4.Socket
		port   int
		to     chan message
	}{{c.shell, info.ShellPort, c.shellC}, {c.control, info.ControlPort, c.controlC}, {c.stdin, info.StdinPort, c.stdinC},
		{iopub, info.IOPubPort, c.iopubC}, {c.hb, info.HBPort, nil}} {
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
		id := c.send(c.control, "kernel_info_request", map[string]any{})
		c.reply(c.controlC, id)
		select {
		case <-c.iopubC:
			c.quiet()
			return c
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (c *client) listen(s zmq4.Socket, to chan message) {
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

func (c *client) parse(frames [][]byte) (message, bool) {
	var m message
	for i, f := range frames {
		if string(f) != "<IDS|MSG>" {
			m.topic = string(f)
			continue
		}
		if got, want := string(frames[i+1]), c.sign(frames[i+2:i+6]); got != want {
			c.t.Errorf("signature %q, want %q", got, want)
		}
		for j, field := range []*map[string]any{&m.header, &m.parent, &m.metadata, &m.content} {
			if err := json.Unmarshal(frames[i+2+j], field); err != nil || *field == nil {
				c.t.Errorf("frame %d: %q is no JSON object (%v)", j, frames[i+2+j], err)
			}
		}
		return m, true
	}
	c.t.Errorf("no delimiter in %q", frames)
	return m, false
}

func (c *client) sign(frames [][]byte) string {
	mac := hmac.New(sha256.New, c.key)
	for _, f := range frames {
		mac.Write(f)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// send sends a request and returns its msg_id.
func (c *client) send(s zmq4.Socket, kind string, content any) string {
	c.t.Helper()
	id := newMsgID()
	header := map[string]any{"msg_id": id, "session": "client", "username": "tester", "msg_type": kind, "version": "5.4",
		"date": time.Now().UTC().Format(time.RFC3339Nano), "extra": "kept"}
	frames := [][]byte{toJSON(header), []byte("{}"), []byte("{}"), toJSON(content)}
	c.sendFrames(s, append([][]byte{[]byte("<IDS|MSG>"), []byte(c.sign(frames))}, frames...)...)
	return id
}

func (c *client) sendFrames(s zmq4.Socket, frames ...[]byte) {
	c.t.Helper()
	if err := s.SendMulti(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
}

// reply waits for the reply to a request.
func (c *client) reply(from chan message, id string) message {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case m := <-from:
			if m.parentID() == id {
				return m
			}
		case <-deadline:
			c.t.Fatalf("no reply to %s", id)
		}
	}
}

// outputs collects what is published for a request, up to its idle status.
func (c *client) outputs(id string) []message {
	c.t.Helper()
	var all []message
	deadline := time.After(patience)
	for {
		select {
		case m := <-c.iopubC:
			if m.parentID() != id {
				continue
			}
			all = append(all, m)
			if m.kind() == "status" && m.content["execution_state"] == "idle" {
				return all
			}
		case <-deadline:
			c.t.Fatalf("no idle for %s; got %v", id, kinds(all))
		}
	}
}

// ask sends a shell request and returns its reply and what was published.
func (c *client) ask(kind string, content any) (message, []message) {
	c.t.Helper()
	id := c.send(c.shell, kind, content)
	r := c.reply(c.shellC, id)
	return r, c.outputs(id)
}

// execute runs code with the fields of extra added to the request.
func (c *client) execute(code string, extra map[string]any) (message, []message) {
	c.t.Helper()
	return c.ask("execute_request", executeContent(code, extra))
}

func executeContent(code string, extra map[string]any) map[string]any {
	content := map[string]any{"code": code}
	for k, v := range extra {
		content[k] = v
	}
	return content
}

// quiet throws away what has been published so far.
func (c *client) quiet() {
	for {
		select {
		case <-c.iopubC:
		case <-time.After(50 * time.Millisecond):
			return
		}
	}
}

func (c *client) close() {
	for _, s := range []zmq4.Socket{c.shell, c.control, c.stdin, c.hb} {
		s.Close()
	}
}

// kinds names messages, a status by its state.
func kinds(all []message) []string {
	var names []string
	for _, m := range all {
		name := m.kind()
		if name == "status" {
			name = m.content["execution_state"].(string)
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
