package check

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// A := whose variable a declaration refers to is checked as a declaration of the
// package, whose names hold in the whole cell. But in statements above it, and in its own
// value, the name still means what it meant before the cell. Such uses have the
// name with the mark behind it while they are checked, by which the checker finds
// the declaration of the earlier cell.

// oldNames lists those of them that a check has found to mean the new variable. A check does
// not look at all that is around an expression that is wrong, such as the value of a wrong key,
// and the new variable makes expressions wrong: more can be found when these have been renamed.
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

// oneName is about a value of another type of the same name: the word in it is that of the type.
var oneName = regexp.MustCompile(`^cannot use .* of type (\W*(\w+)\S*)\) as (\S+) value in `)

// hintOldVariables says of such errors what is behind them where a type that the cell declares
// again meets a variable of an earlier cell. Types that are local to functions can have one
// name, too.
func (c *Cell) hintOldVariables(errs *diag.Errors, own []types.Error, info *types.Info) {
	for _, e := range own {
		m := oneName.FindStringSubmatch(e.Msg)
		if m == nil || m[1] != m[3] || c.State.Names[m[2]] == nil || !c.Declares[m[2]] || !c.usesEarlier(c.ChunkAt(e.Pos), info) {
			continue
		}
		p := c.Fset.Position(e.Pos)
		for i, d := range errs.List {
			if d.Message == e.Msg && d.Line == p.Line && d.Column == p.Column {
				errs.List[i].Hint = "above its :=, a variable is that of earlier cells, of the type as it was before this cell: give the new variable another name, or declare it in a cell of its own"
			}
		}
	}
}

// usesEarlier reports whether a chunk uses a variable as an earlier cell has declared it.
func (c *Cell) usesEarlier(chunk int, info *types.Info) bool {
	found := false
	ast.Inspect(c.Parsed.File, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			d := c.State.Names[id.Name]
			found = found || d != nil && d.Kind == syntax.VarDecl && info.Uses[id] == d.Obj && c.ChunkAt(id.Pos()) == chunk
		}
		return !found
	})
	return found
}
