package session

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
)

// A Unit is a compiled cell.
type Unit struct {
	*rewrite.Code
	// Key identifies the cell's source; it is in the file names of tracebacks.
	Key string
	// Notes are remarks for the user, such as on declarations of earlier cells
	// that no longer compile.
	Notes []string
	// Declares are the names that the cell's text declares: imports, variables, and
	// methods as "T.Method".
	Declares []string
	// Changes are those of them that are not as they were before. Reads are the
	// declarations that the cell's statements use, themselves or through functions, and
	// Writes the variables that they change besides.
	Changes, Reads, Writes []string
	// Shown is the type of the value that the cell shows.
	Shown rewrite.Result
	// Imported says which packages the cell got without importing them, in a line
	// for the user; it is empty where there are none.
	Imported string
	// Acts says that the cell's statements do more than to compute one value, so that
	// something may have changed although it failed.
	Acts bool

	kept    map[string]*decl.Decl // what its cell declares and stood already, by name
	imports map[string]string
	dropped map[string]string
}

// Variables returns the symbols of the session's variables that the statements of a unit for engines
// refer to, and those of the variables that it declares.
func (u *Unit) Variables() (reads, keeps []string) { return u.VarsRead, u.VarsKept }

// unit checks a cell and makes its unit, which has no object yet.
func (s *Session) unit(c *check.Cell, engines bool) (*Unit, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	embeddings, errs := rewrite.FindEmbeddings(c, s.notebook)
	if errs != nil {
		return nil, errs
	}
	code, err := rewrite.Generate(c, s.memory, rewrite.Options{Engines: engines, Embeddings: embeddings, Made: s.workspace.Dir})
	if err != nil {
		return nil, err
	}
	u := &Unit{Code: code, Key: c.Key, imports: c.Imports, kept: c.KeptDeclarations(), dropped: c.Dropped, Imported: c.AutoNote(), Declares: c.DeclaredNames(), Acts: c.Acts()}
	u.Changes = c.ChangedNames(u.Declares)
	u.Shown = rewrite.ShownType(c)
	u.Reads, u.Writes = c.ReadsAndWrites()
	return u, nil
}

// Take checks a cell, as [Session.Compile] does, and adds its declarations to the session, and
// compiles nothing: the unit has no object. It is for those who write a program of cells.
func (s *Session) Take(ctx context.Context, source string, count int) (c *check.Cell, u *Unit, err error) {
	type taken struct {
		cell *check.Cell
		unit *Unit
	}
	t, err := s.turn.Do(ctx, func(keep func() bool) (t taken, err error) {
		defer recovered(ctx, source, &err)
		key := check.KeyOf(fmt.Sprint(count, source))
		s.checker.Cells.Put(key, []byte(source), count)
		t.cell = s.compilation(ctx, key, source)
		if t.unit, err = s.unit(t.cell, false); err != nil {
			return taken{}, err
		}
		if !keep() {
			return taken{}, ctx.Err()
		}
		s.commit(t.cell, t.unit)
		return t, nil
	})
	return t.cell, t.unit, err
}

// recovered makes an error of a panic. Whatever is typed, the kernel lives on: a mistake in this
// package or below, or in the type checker, is the cell's error.
func recovered(ctx context.Context, source string, err *error) {
	switch v := recover(); {
	case v == any(check.ErrStopped):
		*err = ctx.Err()
	case v != nil:
		*err = diag.Bug(source, "compiling this cell panicked: %v\n%s", v, debug.Stack())
	}
}
