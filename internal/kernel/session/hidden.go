package session

import (
	"context"
	"fmt"
	"go/types"
	"os"
	"path/filepath"

	"github.com/goparallel/goparallel/internal/kernel/session/modules"
)

// hidden returns what the unit calls a type that its package does not export, or
// "" where it has no name for it.
func (g *generator) hidden(t *types.TypeName) string {
	path := t.Pkg().Path()
	if g.Index.IsClosed(path) || !modules.NeedsAlias(t) {
		return ""
	}
	if g.code.opened[path] == "" {
		text, err := g.Index.Aliases(path)
		if err != nil {
			return ""
		}
		g.code.opened[path] = text
	}
	return g.alias(path, t.Pkg().Name()) + "." + modules.AliasMark + t.Name()
}

// open returns the packages whose unexported types a unit names, with aliases for
// those. The error is ErrClosed where one of them cannot be had so.
func (s *Session) open(ctx context.Context, u *Unit) (map[string]*modules.Opened, error) {
	opened := make(map[string]*modules.Opened)
	for path, aliases := range u.opened {
		p, err := s.Index.Open(ctx, path, aliases, s.progress)
		if err != nil {
			return nil, err
		}
		opened[path] = p
	}
	return opened, nil
}

// unitConfig returns the importcfg file for compiling a unit, from that for
// linking it.
func (s *Session) unitConfig(u *Unit, config string, opened map[string]*modules.Opened) (string, error) {
	if len(opened) == 0 {
		return config, nil
	}
	text, err := os.ReadFile(config)
	if err != nil {
		return "", err
	}
	for path, p := range opened {
		text = fmt.Appendf(text, "packagefile %s=%s\n", path, p.Archive) // the last line for a package holds
	}
	file := filepath.Join(s.dir, u.ID+".importcfg")
	return file, os.WriteFile(file, text, 0o600)
}
