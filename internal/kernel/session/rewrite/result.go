package rewrite

import (
	"go/ast"
	"go/types"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A Result is the type of the value that a cell shows, as another cell can write it: its
// text, and the packages that it names, by their names. It has no text where there is no such
// value, there are several, or the type cannot be written.
type Result struct {
	Type    string
	Imports map[string]string
}

// ShownType returns what the [Result] of a cell that was checked is.
func ShownType(c *check.Cell) Result {
	last, info := c.LastExpr(), c.Result.Info
	if last == nil || c.Chunks[len(c.Chunks)-1].Semicolon || !HasValue(info, last.X) || IsQuiet(info, last.X) {
		return Result{}
	}
	t := info.Types[last.X].Type
	if results, ok := t.(*types.Tuple); ok {
		if results.Len() != 2 || !typetext.IsError(results.At(1).Type()) {
			return Result{}
		}
		t = results.At(0).Type()
	}
	if _, isCall := ast.Unparen(last.X).(*ast.CallExpr); isCall && typetext.IsError(t) || types.Identical(t, types.Typ[types.UntypedNil]) {
		return Result{}
	}
	result := Result{Imports: make(map[string]string)}
	own := func(obj *types.TypeName) string {
		if d := c.State.Of[obj]; d == nil || c.State.Names[obj.Name()] != d && !c.Declares[obj.Name()] {
			return "" // local to a function, or of an earlier version
		}
		return obj.Name()
	}
	unclear := false
	p := &typetext.Printer{
		Named: own, Embedded: own, Pkg: c.State.Pkg, Params: make(map[*types.TypeParam]bool),
		Alias: func(p *types.Package) string {
			name := p.Name()
			known, own := c.Imports[name]
			switch {
			case own && known != p.Path():
				unclear = true
			case !own && c.State.Imports[name] != p.Path():
				result.Imports[name] = p.Path()
			}
			return name
		},
	}
	if result.Type = p.Text(types.Default(t)); p.Err != nil || unclear {
		return Result{}
	}
	return result
}
