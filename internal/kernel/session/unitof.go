package session

import (
	"github.com/goparallel/goparallel/internal/kernel/session/check"
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
	u.Shown = rewrite.ShownType(c)
	u.Changes = c.ChangedNames(u.Declares)
	u.Reads, u.Writes = c.ReadsAndWrites()
	return u, nil
}
