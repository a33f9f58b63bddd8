package kernel

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os/user"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// request is a message being handled.
type request struct {
	*jupyter.Message
	channel *jupyter.Router // where it came in, and its reply goes out
	// after is called when the request's idle status has been published.
	after func()
}

type handler func(*Kernel, context.Context, *request) error

// handlers by message type. Execution and comms belong to the shell channel alone: what
// takes as long as code of the user's does must not keep the control channel waiting.
// What else a front end asks is answered on either channel.
var handlers = map[string]handler{
	"execute_request":     (*Kernel).execute,
	"kernel_info_request": (*Kernel).kernelInfo,
	"is_complete_request": (*Kernel).isComplete,
	"complete_request":    (*Kernel).complete,
	"inspect_request":     (*Kernel).inspect,
	"history_request":     (*Kernel).historyRequest,
	"connect_request":     (*Kernel).connect,
	"comm_info_request":   (*Kernel).commInfo,
	"comm_open":           (*Kernel).comm,
	"comm_msg":            (*Kernel).comm,
	"comm_close":          (*Kernel).comm,
	"interrupt_request":   (*Kernel).interruptRequest,
	"shutdown_request":    (*Kernel).shutdown,
}

// serve handles the requests of one channel, in order.
func (k *Kernel) serve(ctx context.Context, channel *jupyter.Router, handle func(context.Context, *request)) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-channel.Recv():
			handle(ctx, &request{Message: m, channel: channel})
		}
	}
}

// dispatch publishes busy, handles the request, and publishes idle after all
// that the request caused.
func (k *Kernel) dispatch(ctx context.Context, r *request) {
	k.publish("status", jupyter.Status{ExecutionState: "busy"}, r.RawHeader)
	if err := k.handle(ctx, r); err != nil {
		k.p.Log.Warn("cannot answer", "type", r.Header.MsgType, "err", err)
		if strings.HasSuffix(r.Header.MsgType, "_request") {
			k.reply(r, k.failed(r, err))
		}
	}
	k.publish("status", jupyter.Status{ExecutionState: "idle"}, r.RawHeader)
	if r.after != nil {
		r.after()
	}
}

func (k *Kernel) handle(ctx context.Context, r *request) (err error) {
	// A bug in a handler must not cost the user the session.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error, please report it: %v", p)
			k.p.Log.Error("panic", "type", r.Header.MsgType, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	h := handlers[r.Header.MsgType]
	onShell := r.Header.MsgType == "execute_request" || ofComms[r.Header.MsgType]
	if h == nil || onShell && r.channel != k.p.Channels.Shell {
		h = (*Kernel).unimplemented
	}
	return h(k, ctx, r)
}

// badRequest is a request whose content cannot be understood.
type badRequest struct{ err error }

func (b badRequest) Error() string { return "malformed content: " + b.err.Error() }

// content parses the content of a request. Fields that are missing keep their
// zero value, and unknown ones are ignored.
func content[T any](r *request) (T, error) {
	var c *T
	err := json.Unmarshal(r.Content, &c)
	if err == nil && c == nil {
		err = errors.New("null is no object")
	}
	if err != nil {
		return *new(T), badRequest{err}
	}
	return *c, nil
}

// failed is the reply to a request that could not be answered.
func (k *Kernel) failed(r *request, err error) any {
	name := "KernelError"
	if errors.As(err, new(badRequest)) {
		name = "BadRequest"
	} else if errors.As(err, new(notImplemented)) {
		name = "NotImplemented"
	}
	content := jupyter.ErrorContent{Name: name, Value: err.Error(), Traceback: []string{name + ": " + err.Error()}}
	if r.Header.MsgType == "execute_request" && r.channel == k.p.Channels.Shell { // whose goroutine has the count
		return jupyter.ExecuteErrorReply{ExecuteReply: k.executeReply("error"), ErrorContent: content}
	}
	return jupyter.ErrorReply{Status: "error", ErrorContent: content}
}

// reply answers a request where it came from.
func (k *Kernel) reply(r *request, content any) {
	kind := strings.TrimSuffix(r.Header.MsgType, "_request") + "_reply"
	m, err := k.message(kind, content, r.RawHeader)
	if err == nil {
		m.Identities = r.Identities
		err = r.channel.Send(m)
	}
	if err != nil {
		k.p.Log.Warn("cannot reply", "type", kind, "err", err)
	}
}

// publish sends a message to every front end.
func (k *Kernel) publish(kind string, content any, parent json.RawMessage) {
	m, err := k.message(kind, content, parent)
	if err == nil {
		err = k.p.Channels.IOPub.Publish("kernel."+k.session+"."+kind, m)
	}
	if err != nil {
		k.p.Log.Warn("cannot publish", "type", kind, "err", err)
	}
}

// welcome is what a front end gets first on iopub.
func (k *Kernel) welcome(topic string) *jupyter.Message {
	m, err := k.message("iopub_welcome", jupyter.Welcome{Subscription: topic}, nil)
	if err != nil {
		panic(err) // there is nothing in it that has no JSON
	}
	return m
}

var username = sync.OnceValue(func() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "kernel"
})

func (k *Kernel) message(kind string, content any, parent json.RawMessage) (*jupyter.Message, error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	return &jupyter.Message{
		Header: jupyter.Header{
			MsgID:    newID(),
			Session:  k.session,
			Username: username(),
			Date:     time.Now().UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
			MsgType:  kind,
			Version:  jupyter.ProtocolVersion,
		},
		Parent:  parent,
		Content: raw,
	}, nil
}

func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
