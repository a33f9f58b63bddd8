package repl

import (
	"context"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/session"
)

// compile compiles a cell whose magics are Go by now. One that was written for
// gophernotes gets the names that it knows.
func (r *Interpreter) compile(ctx context.Context, source string, count int) (*session.Unit, error) {
	unit, err := r.session.Compile(ctx, source, count)
	if !lacksGophernotes(err) {
		return unit, err
	}
	if _, err := r.session.Compile(ctx, gophernotesNames, count); err != nil {
		return nil, err
	}
	return r.session.Compile(ctx, source, count)
}

// tell shows what there is to say about a unit.
func (r *Interpreter) tell(unit *session.Unit, out cell.Output) {
	if unit.Imported != "" {
		cell.Note(out, unit.Imported)
	}
	if len(unit.Notes) > 0 {
		cell.Note(linkedOutput{out, r}, "note: "+strings.Join(unit.Notes, "\nnote: "))
	}
}
