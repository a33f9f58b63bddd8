package parallel

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// History is the calls that a cluster keeps, the oldest first. In a notebook it draws itself.
type History []CallRecord

// CallRecord is what a cluster keeps of a call.
type CallRecord = backend.Record

// History lists the calls that a cluster that lives on keeps: those of all its programs and notebooks.
func (rc *Client) History(ctx context.Context) (History, error) {
	c, err := rc.lasting(ctx)
	if err != nil {
		return nil, err
	}
	return c.History(ctx)
}

// table is the history as rows of text, titles first.
func (h History) table() [][]string {
	rows := [][]string{{"id", "function", "state", "done", "failed", "began", "took", "kept", "by", ""}}
	for _, r := range h {
		note := cmp.Or(r.Error, r.Note)
		note, _, _ = strings.Cut(note, "\n")
		rows = append(rows, []string{
			r.ID, cmp.Or(r.Label, shortName(r.Function)), r.State, fmt.Sprintf("%d of %d", r.Done, r.Items), fmt.Sprint(r.Failed),
			time.Unix(0, r.Began).Format(time.DateTime), short(r.Elapsed), size(int(r.Bytes)), r.Program, note,
		})
	}
	return rows
}

// String is the history as a table of text.
func (h History) String() string {
	if len(h) == 0 {
		return "the cluster keeps no calls"
	}
	return textTable(h.table())
}

// HTML is the history as a table, an HTML fragment.
func (h History) HTML() string {
	if len(h) == 0 {
		return "<div>the cluster keeps no calls</div>\n"
	}
	return htmlTable(h.table()) + "\n"
}
