package parallel

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/format"
)

// Status is what a cluster does now: its engines and the calls that run. In a notebook it draws
// itself.
type Status struct {
	backend.Status
	// Err says why nothing is known.
	Err error
}

// EngineStatus is what an engine does now, CallStatus how far a call is.
type (
	EngineStatus = backend.EngineStatus
	CallStatus   = backend.CallStatus
)

// Status looks at the engines and the calls of the cluster.
func (rc *Client) Status(ctx context.Context) Status {
	if ctx == nil {
		return Status{Err: errNilContext}
	}
	s, err := rc.cluster.Status(ctx)
	return Status{s, err}
}

// statusTable is the status as rows of text, titles first, for engines and for calls.
func (s Status) statusTables() (engines, calls [][]string) {
	engines = [][]string{{"engine", "process", "state", "runs", "queue", "memory", "done", "failed", "deaths"}}
	for _, e := range s.Engines {
		state, runs := string(e.State), ""
		if e.State == backend.Busy {
			state += " " + short(e.Busy)
			if runs = shortName(e.Function); e.Item >= 0 {
				runs += fmt.Sprintf(", item %d", e.Item)
			}
		}
		pid := ""
		if e.Pid > 0 {
			pid = fmt.Sprint(e.Pid)
		}
		memory := ""
		if e.Memory > 0 {
			memory = size(int(e.Memory))
		}
		first, _, _ := strings.Cut(e.Why, "\n")
		engines = append(engines, []string{fmt.Sprint(e.ID), pid, state, cmp.Or(runs, first), fmt.Sprint(e.Queue), memory, fmt.Sprint(e.Done), fmt.Sprint(e.Failed), fmt.Sprint(e.Deaths)})
	}
	calls = [][]string{{"call", "function", "done", "away", "failed", "since"}}
	for _, c := range s.Calls {
		calls = append(calls, []string{fmt.Sprint(c.Call), cmp.Or(c.Label, shortName(c.Function)), fmt.Sprintf("%d of %d", c.Done, c.Items), fmt.Sprint(c.Away), fmt.Sprint(c.Failed), short(c.Elapsed)})
	}
	return engines, calls
}

// shortName is a function's name without the path of its package.
func shortName(function string) string { return function[strings.LastIndex(function, "/")+1:] }

// headline says how much there is of what.
func (s Status) headline() string {
	if s.Err != nil {
		return "nothing is known of the cluster: " + s.Err.Error()
	}
	name := "cluster"
	if s.Name != "" {
		name += " " + s.Name
	}
	states := map[backend.State]int{}
	for _, e := range s.Engines {
		states[e.State]++
	}
	var parts []string
	for _, state := range []backend.State{backend.Busy, backend.Idle, backend.Starting, backend.Down} {
		if states[state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", states[state], state))
		}
	}
	return fmt.Sprintf("%s: %s (%s), %s; %s", name, format.Count(len(s.Engines), "engine"), strings.Join(parts, ", "), format.Count(len(s.Calls), "call"), s.At.Format(time.TimeOnly))
}

// String is the status as tables of text.
func (s Status) String() string {
	var b strings.Builder
	b.WriteString(s.headline())
	engines, calls := s.statusTables()
	for _, table := range [][][]string{engines, calls} {
		if len(table) > 1 {
			b.WriteString("\n" + textTable(table))
		}
	}
	return b.String()
}

// HTML is the status as a notebook shows it: an HTML fragment in the colours of the page that it
// stands on.
func (s Status) HTML() string {
	var b strings.Builder
	b.WriteString("<div><b>" + html.EscapeString(s.headline()) + "</b>")
	engines, calls := s.statusTables()
	for _, table := range [][][]string{engines, calls} {
		if len(table) > 1 {
			b.WriteString("\n" + htmlTable(table))
		}
	}
	b.WriteString("\n</div>\n")
	return b.String()
}
