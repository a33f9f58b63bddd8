package repl

import (
	"context"
	"errors"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
)

// gophernotesNames is what cells of gophernotes have without importing it.
const gophernotesNames = `import "github.com/goparallel/goparallel/kernel/gophernotes/display"

// Display shows data at once.
func Display(data display.Data) error { display.Show(data); return nil }`

// compile compiles a cell. One that knows the package display, or Display, without
// having declared or imported it was written for gophernotes and gets these names.
func (r *Interpreter) compile(ctx context.Context, source string, count int) (*session.Unit, error) {
	unit, err := r.session.Compile(ctx, source, count)
	errs, ok := errors.AsType[*diag.Errors](err)
	if !ok || !slices.ContainsFunc(errs.List, func(d diag.Diagnostic) bool {
		return d.Message == "undefined: display" || d.Message == "undefined: Display"
	}) {
		return unit, err
	}
	if _, err := r.session.Compile(ctx, gophernotesNames, count); err != nil {
		return nil, err
	}
	return r.session.Compile(ctx, source, count)
}
