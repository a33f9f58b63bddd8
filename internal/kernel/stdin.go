package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// input asks the front end that sent r for a line and waits for the answer
// until ctx ends. Answers to earlier questions are thrown away.
func (k *Kernel) input(ctx context.Context, r *request, prompt string, password bool) (string, error) {
	stdin := k.p.Channels.Stdin
	for stale := true; stale; {
		select {
		case <-stdin.Recv():
		default:
			stale = false
		}
	}
	m, err := k.message("input_request", jupyter.InputRequest{Prompt: prompt, Password: password}, r.RawHeader)
	if err != nil {
		return "", err
	}
	m.Identities = r.Identities
	if err := stdin.Send(m); err != nil {
		return "", fmt.Errorf("cannot ask for input: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case answer := <-stdin.Recv():
			if answer.Header.MsgType != "input_reply" {
				continue
			}
			if id := answer.ParentID(); id != "" && id != m.Header.MsgID {
				continue // to a question asked before
			}
			var reply jupyter.InputReply
			if err := json.Unmarshal(answer.Content, &reply); err != nil {
				return "", fmt.Errorf("malformed input reply: %w", err)
			}
			if reply.Value == "\x04" { // Ctrl-D
				return "", io.EOF
			}
			return reply.Value, nil
		}
	}
}
