package session

import (
	"context"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/session/assist"
)

// Complete lists what the name at the cursor, in code points, can become.
func (s *Session) Complete(ctx context.Context, code string, cursor int) cell.Completions {
	return s.assistant().Complete(ctx, code, cursor)
}

// Inspect documents the name at the cursor, in code points, or else the function
// whose arguments the cursor is in. With detail 1 it adds the source, where that is
// there; of a package, what it declares with the comments.
func (s *Session) Inspect(ctx context.Context, code string, cursor, detail int) cell.Inspection {
	return s.assistant().Inspect(ctx, code, cursor, detail)
}

// IsComplete judges whether a cell can be run as it is, for consoles that run a
// cell at the end of a line.
func (s *Session) IsComplete(code string) cell.Completeness { return assist.IsComplete(code) }

// assistant answers by what the session's cells have declared now.
func (s *Session) assistant() assist.Assistant { return assist.Assistant{Env: s.env(), Docs: s.docs} }
