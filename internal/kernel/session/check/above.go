package check

import (
	"go/ast"
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A := whose variable a declaration refers to is checked as a declaration of the
// package, whose names hold in the whole cell. But in statements above it, and in its own
// value, the name still means what it meant before the cell. Such uses have the
// name with the mark behind it while they are checked, by which the checker finds
// the declaration of the earlier cell.

// oldNames lists them, of which a first check has found that they mean the new variable.
func (c *Cell) oldNames(info *types.Info) (list []*ast.Ident) {
	below := make(map[types.Object]int) // the chunks that define variables
	for _, d := range c.Decls {
		if _, promoted := c.Promoted[d.Chunk]; promoted && c.State.Names[d.Name] != nil {
			below[info.Defs[d.Ident]] = d.Chunk
		}
	}
	if len(below) == 0 {
		return nil
	}
	for _, decl := range c.Parsed.File.Decls {
		if decl != ast.Decl(c.Parsed.Run) {
			if _, promoted := c.Promoted[c.ChunkAt(decl.Pos())]; !promoted {
				continue
			}
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if chunk, ok := below[info.Uses[id]]; ok && c.ChunkAt(id.Pos()) <= chunk {
					list = append(list, id)
				}
			}
			return true
		})
	}
	return list
}

// rename gives names an end in place of the mark.
func rename(names []*ast.Ident, end string) {
	for _, id := range names {
		id.Name = strings.TrimSuffix(id.Name, syntax.Mark) + end
	}
}
