package repl

import (
	"context"
	"errors"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/host"
	"github.com/goparallel/goparallel/internal/kernel/magic"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
)

// compiler returns what compiles source for engines while a cell runs. What the source declares is the
// cell's.
func (r *Interpreter) compiler(req cell.Request, out cell.Output, past *pastCell) func(context.Context, string) (host.Compiled, error) {
	return func(ctx context.Context, source string) (host.Compiled, error) {
		text, wrong := magic.RewriteRemote(source, r.known()...)
		if wrong != nil {
			return host.Compiled{}, magicError(wrong, req)
		}
		unit, err := r.session.CompileForEngines(ctx, text, req.Count)
		if errs, ok := errors.AsType[*diag.Errors](err); ok {
			return host.Compiled{}, r.compileError(errs, req)
		} else if err != nil {
			return host.Compiled{}, err
		}
		r.tell(unit, out)
		past.declares, past.acts = append(past.declares, unit.Declares...), true
		reads, keeps := unit.Variables()
		return host.Compiled{Load: unit.Modules(), Unit: unit.ID, Reads: reads, Keeps: keeps}, nil
	}
}
