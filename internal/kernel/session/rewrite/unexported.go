package rewrite

import (
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/modules"
)

// unexportedType returns what the unit calls a type that its package does not export, or
// "" where it has no name for it.
func (g *generator) unexportedType(t *types.TypeName) string {
	path := t.Pkg().Path()
	if g.Index.IsClosed(path) || !modules.NeedsAlias(t) {
		return ""
	}
	if g.code.Opened[path] == "" {
		text, err := g.Index.Aliases(path)
		if err != nil {
			return ""
		}
		g.code.Opened[path] = text
	}
	return g.alias(path, t.Pkg().Name()) + "." + modules.AliasMark + t.Name()
}
