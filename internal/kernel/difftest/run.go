package difftest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/repl"
)

// inSession runs a script in a session of its own, up to the first cell that shows
// something else than want says. It returns that cell's number, or -1, what it
// showed, and why it was refused, if it was.
func (l *lab) inSession(ctx context.Context, s *script, want []string) (at int, got, why string, err error) {
	r, err := repl.Open(ctx, repl.Options{Dir: l.notebooks(), Version: "test"})
	if err != nil {
		return 0, "", "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for i, c := range s.cells[:len(want)] {
		got, why, err := runCell(ctx, r, c.text(), i+1)
		if err != nil {
			return i, got, why, fmt.Errorf("script %s, cell %d: %w", s.name, i+1, err)
		}
		if got != want[i] {
			return i, got, why, nil
		}
	}
	return -1, "", "", nil
}

// runCell runs a cell and returns what it shows, as a program of the oracle does, and
// the error of a cell that does not compile.
func runCell(ctx context.Context, r *repl.Interpreter, code string, count int) (got, why string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out := &shown{}
	reply := r.Execute(ctx, cell.Request{Code: code, Count: count, StoreHistory: true}, out)
	if ctx.Err() != nil {
		return out.text.String(), "", errors.New("the cell did not end")
	}
	if e := reply.Err; e != nil {
		switch e.Name {
		case "CompileError", "MagicError":
			if strings.Contains(e.Text(), "a bug in goparallel") {
				return e.Text(), "", nil
			}
			out.add("refused\n")
			why = e.Text()
		case "panic":
			// That a deferred call panics with the value that it has recovered, programs only
			// tell when they end.
			out.add("panic: " + strings.TrimSuffix(e.Value, " [recovered, repanicked]") + "\n")
		default:
			out.add(e.Text())
		}
	}
	return cleaned(out.text.String()), why, nil
}

// shown takes down what a cell prints and its value.
type shown struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *shown) add(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.WriteString(text)
}

func (o *shown) Stream(name, text string) {
	if name == "stdout" {
		o.add(text)
	}
}
func (o *shown) Result(d cell.Bundle, _ map[string]any) {
	o.add(fmt.Sprintf("=> %v\n", d["text/plain"]))
}
func (o *shown) Display(cell.Bundle, map[string]any, string) {}
func (o *shown) Update(cell.Bundle, map[string]any, string)  {}
func (o *shown) Clear(bool)                                  {}
func (o *shown) Comm(m cell.Comm)                            {}
func (o *shown) Input(context.Context, string, bool) (string, error) {
	return "", errors.New("nobody is there")
}
