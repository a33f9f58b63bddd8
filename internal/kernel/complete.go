package kernel

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/jupyter"
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
		fill(&reply, req.Code, interp.Complete(ctx, req.Code, cursor))
	}
	k.reply(r, reply)
	return nil
}

// fill writes completions into a reply. The protocol has one range for all of
// them, so where an import is to be inserted above the line, the range begins
// there: the matches are the line as it will be, which is right for every front
// end and can be read in its list, and the import comes with the texts of the
// metadata, which JupyterLab and others insert in place of the matches.
func fill(reply *jupyter.CompleteReply, code string, c cell.Completions) {
	if len(c.Items) == 0 {
		return
	}
	line, before := "", ""
	reply.CursorStart, reply.CursorEnd = c.Start, c.End
	if c.Import != "" {
		reply.CursorStart = c.ImportAt
		line, before = c.Import+"\n", string([]rune(code)[c.ImportAt:c.Start])
	}
	for i, item := range c.Items {
		if c.Import != "" && i > 0 && i == len(c.Items)-1 {
			// JupyterLab narrows its list by what all texts begin with, and no match
			// begins with an import: so the texts have no common beginning.
			line = " " + line
		}
		reply.Matches = append(reply.Matches, before+item.Text)
		reply.Metadata.Types = append(reply.Metadata.Types, jupyter.CompleteType{
			Text: line + before + item.Text, Type: item.Kind, Signature: item.Signature, Start: reply.CursorStart, End: c.End})
	}
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
			reply.Data = found.Data.Wire()
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
