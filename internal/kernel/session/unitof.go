package session

// unit checks a cell and makes its unit, which has no object yet.
func (s *Session) unit(c *compilation, engines bool) (*Unit, error) {
	if err := c.run(); err != nil {
		return nil, err
	}
	embeddings, errs := findEmbeddings(c, s.notebook)
	if errs != nil {
		return nil, errs
	}
	code, err := generate(c, s.memory, options{engines: engines, embeddings: embeddings, made: s.workspace.Dir})
	if err != nil {
		return nil, err
	}
	u := &Unit{unitCode: code, Key: c.Key, imports: c.imports, kept: c.keptDeclarations(), dropped: c.dropped, Imported: c.autoNote(), Declares: c.declaredNames(), Acts: c.acts()}
	u.Changes = c.changedNames(u.Declares)
	u.Reads, u.Writes = c.flow()
	return u, nil
}
