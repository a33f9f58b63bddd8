package session

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
)

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
	s.turn.Lock()
	defer s.turn.Unlock()
	defer recovered(ctx, source, &err)
	key := check.KeyOf(fmt.Sprint(count, source))
	s.Cells.Put(key, []byte(source), count)
	c = s.compilation(ctx, key, source)
	if u, err = s.unit(c, false); err != nil {
		return nil, nil, err
	}
	s.commit(c, u)
	return c, u, nil
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
