package kernel

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/jupyter"
)

// What history entries call this session, and all earlier ones together, whose outputs are not
// known.
const (
	sessionNumber   = 1
	earlierSessions = 0
)

// history holds the cells of earlier sessions and of this one, in the order of their
// execution.
type history struct{ entries []historyEntry }

type historyEntry struct {
	session, line int
	input         string
	output        *string
}

func (h *history) add(session, line int, input string, output *string) {
	h.entries = append(h.entries, historyEntry{session, line, input, output})
}

func (k *Kernel) historyRequest(_ context.Context, r *request) error {
	req, err := content[jupyter.HistoryRequest](r)
	if err != nil {
		return err
	}
	if r.channel != k.p.Channels.Shell {
		return notImplemented{"history on the control channel"} // the history is the shell goroutine's
	}
	entries, err := k.history.find(req)
	if err != nil {
		return err
	}
	reply := jupyter.HistoryReply{Status: "ok", History: [][]any{}}
	for _, e := range entries {
		var shown any = e.input
		if req.Output {
			shown = []any{e.input, e.output}
		}
		reply.History = append(reply.History, []any{e.session, e.line, shown})
	}
	k.reply(r, reply)
	return nil
}

// find selects as IPython does: the last n entries, the lines from start up to
// but not including stop, or the last n entries that match a pattern.
func (h *history) find(req jupyter.HistoryRequest) ([]historyEntry, error) {
	var found []historyEntry
	switch req.HistAccessType {
	case "tail":
		return last(h.entries, req.N), nil
	case "range":
		if req.Session != 0 && req.Session != sessionNumber {
			return nil, nil
		}
		for _, e := range h.entries {
			if e.session == sessionNumber && e.line >= req.Start && (req.Stop == nil || e.line < *req.Stop) {
				found = append(found, e)
			}
		}
		return found, nil
	case "search":
		match, err := glob(req.Pattern)
		if err != nil {
			return nil, err
		}
		for _, e := range h.entries {
			if match.MatchString(e.input) {
				found = append(found, e)
			}
		}
		if req.Unique {
			found = unique(found)
		}
		return last(found, req.N), nil
	}
	return nil, badRequest{fmt.Errorf("hist_access_type %q: want range, tail or search", req.HistAccessType)}
}

func last(entries []historyEntry, n *int) []historyEntry {
	if n == nil || *n < 0 || *n >= len(entries) {
		return entries
	}
	return entries[len(entries)-*n:]
}

// unique keeps the latest of equal inputs.
func unique(entries []historyEntry) []historyEntry {
	latest := map[string]int{}
	for i, e := range entries {
		latest[e.input] = i
	}
	var kept []historyEntry
	for i, e := range entries {
		if latest[e.input] == i {
			kept = append(kept, e)
		}
	}
	return kept
}

// glob compiles a pattern in which * stands for any text and ? for any
// character.
func glob(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		pattern = "*"
	}
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(quoted)
	return regexp.Compile(`(?s)^` + quoted + `$`)
}
