package kernel

import (
	"cmp"
	"context"
	"time"
	"unicode/utf8"

	"github.com/goparallel/goparallel/kernel/jupyter"
)

// askTime bounds questions about code, so that they never keep cells waiting.
const askTime = 5 * time.Second

func (k *Kernel) isComplete(ctx context.Context, r *request) error {
	req, err := content[jupyter.IsCompleteRequest](r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	interp, err := k.interp.get(ctx, false)
	if err != nil { // not started yet, or it cannot be: let the user run the code and see why
		k.reply(r, jupyter.IsCompleteReply{Status: "unknown"})
		return nil
	}
	c := interp.IsComplete(req.Code)
	reply := jupyter.IsCompleteReply{Status: c.Status}
	if c.Status == "incomplete" {
		reply.Indent = &c.Indent
	}
	k.reply(r, reply)
	return nil
}

func (k *Kernel) complete(ctx context.Context, r *request) error {
	req, err := content[jupyter.CompleteRequest](r)
	if err != nil {
		return err
	}
	cursor := cursorIn(req.Code, req.CursorPos)
	reply := jupyter.CompleteReply{Status: "ok", Matches: []string{}, CursorStart: cursor, CursorEnd: cursor,
		Metadata: jupyter.CompleteMetadata{Types: []jupyter.CompleteType{}}}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if interp, err := k.interp.get(ctx, false); err == nil {
		c := interp.Complete(ctx, req.Code, cursor)
		if len(c.Items) > 0 {
			reply.CursorStart, reply.CursorEnd = c.Start, c.End
		}
		for _, item := range c.Items {
			reply.Matches = append(reply.Matches, item.Text)
			reply.Metadata.Types = append(reply.Metadata.Types, jupyter.CompleteType{
				Text: cmp.Or(item.Insert, item.Text), Type: item.Kind, Signature: item.Signature, Start: c.Start, End: c.End})
		}
	}
	k.reply(r, reply)
	return nil
}

func (k *Kernel) inspect(ctx context.Context, r *request) error {
	req, err := content[jupyter.InspectRequest](r)
	if err != nil {
		return err
	}
	reply := jupyter.InspectReply{Status: "ok", Data: map[string]any{}, Metadata: map[string]any{}}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if interp, err := k.interp.get(ctx, false); err == nil {
		found := interp.Inspect(ctx, req.Code, cursorIn(req.Code, req.CursorPos), req.DetailLevel)
		if reply.Found = found.Found; found.Found {
			reply.Data = wireBundle(found.Data)
		}
	}
	k.reply(r, reply)
	return nil
}

// cursorIn returns a cursor that lies in the code, in code points.
func cursorIn(code string, cursor *int) int {
	length := utf8.RuneCountInString(code)
	if cursor == nil {
		return length
	}
	return max(0, min(*cursor, length))
}
