package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// execution is a cell being run.
type execution struct {
	request   *request
	interrupt func() // ends what the kernel itself waits for: start-up, input
}

// abortDelay is how long a failed cell waits before it looks which requests are
// queued behind it: a front end that sent several at once has them aborted,
// though the last may still be on their way.
const abortDelay = 20 * time.Millisecond

func (k *Kernel) execute(ctx context.Context, r *request) error {
	req, err := content[jupyter.ExecuteRequest](r)
	if err != nil {
		return err
	}
	if r.Arrived.Before(k.abortUntil) {
		k.reply(r, jupyter.ExecuteAbortedReply{Status: "aborted"})
		return nil
	}
	// Nothing to run: this is how front ends learn the execution count.
	blank := strings.TrimSpace(req.Code) == ""
	if req.Stores() && !blank {
		k.count++
	}
	if !req.Silent {
		k.publish("execute_input", jupyter.ExecuteInput{Code: req.Code, ExecutionCount: k.count}, r.RawHeader)
	}
	var reply cell.Reply
	out := newOutput(k, r.parent, max(k.count, 1))
	out.silent = req.Silent
	if !blank || len(req.UserExpressions) > 0 {
		reply = k.run(ctx, r, req, out)
	}
	k.background.flush()
	out.flush()
	if req.Stores() && !blank {
		k.history.add(sessionNumber, k.count, req.Code, out.resultText())
	}
	k.finish(r, req, reply)
	return nil
}

// run has the interpreter run the cell.
func (k *Kernel) run(ctx context.Context, r *request, req jupyter.ExecuteRequest, out *output) cell.Reply {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	if req.MayAsk() && !req.Silent {
		out.ask = func(ctx context.Context, prompt string, password bool) (string, error) {
			ctx, stop := context.WithCancel(ctx)
			defer stop()
			defer context.AfterFunc(waiting, stop)()
			return k.input(ctx, r, prompt, password)
		}
	}
	k.mu.Lock()
	k.running = &execution{request: r, interrupt: cancel}
	k.latest = r.RawHeader
	k.mu.Unlock()
	defer func() {
		k.mu.Lock()
		k.running = nil
		k.mu.Unlock()
	}()
	interp, err := k.interp.get(waiting, true)
	switch {
	case errors.Is(err, context.Canceled):
		return cell.Reply{Err: plainError("Interrupted", "interrupted while the session was starting; run the cell again")}
	case err != nil:
		return cell.Reply{Err: plainError("SessionError", err.Error())}
	}
	return interp.Execute(ctx, cell.Request{
		Code: req.Code, ID: cellID(r), Count: k.count, Silent: req.Silent, StoreHistory: req.Stores(),
		Expressions: req.UserExpressions, AllowStdin: req.MayAsk(),
	}, out)
}

// cellID is how JupyterLab, and others after it, tell which cell a request is for.
func cellID(r *request) string {
	var metadata struct {
		CellID string `json:"cellId"`
	}
	if json.Unmarshal(r.Metadata, &metadata) != nil { // its cellId is of another type
		return ""
	}
	return metadata.CellID
}

// finish publishes an error and replies.
func (k *Kernel) finish(r *request, req jupyter.ExecuteRequest, reply cell.Reply) {
	if reply.Err == nil {
		ok := k.executeReply("ok")
		if reply.Payloads != nil {
			ok.Payload = reply.Payloads
		}
		if reply.Expressions != nil {
			ok.UserExpressions = reply.Expressions
		}
		k.reply(r, ok)
		return
	}
	content := jupyter.ErrorContent{Name: reply.Err.Name, Value: reply.Err.Value, Traceback: reply.Err.Traceback}
	if content.Traceback == nil {
		content.Traceback = []string{}
	}
	if req.Stops() {
		time.Sleep(abortDelay)
		k.abortUntil = time.Now()
	}
	if !req.Silent {
		k.publish("error", content, r.RawHeader)
	}
	k.reply(r, jupyter.ExecuteErrorReply{ExecuteReply: k.executeReply("error"), ErrorContent: content})
}

// executeReply is a reply without payloads and expressions, which are objects on
// the wire even so.
func (k *Kernel) executeReply(status string) jupyter.ExecuteReply {
	return jupyter.ExecuteReply{Status: status, ExecutionCount: k.count, Payload: []map[string]any{}, UserExpressions: map[string]any{}}
}

func plainError(name, value string) *cell.Error {
	return &cell.Error{Name: name, Value: value, Traceback: []string{name + ": " + value}}
}
