package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// checkOrDrop checks the cell and what was taken over. Errors in what was taken
// over drop that; it reports whether that happened, so that the check must be
// done again.
func (c *Cell) checkOrDrop() (again bool, _ *diag.Errors) {
	st := c.State
	result, errs := c.check()
	var own []types.Error
	wrong := make(map[*syntax.Declared]types.Error)
	for _, e := range errs {
		if c.Fset.File(e.Pos) == c.Parsed.Tok {
			own = append(own, e)
			continue
		}
		for _, d := range c.Extra {
			if d.Name != "_" && d.Src.Tok == c.Fset.File(e.Pos) && d.Node.Pos() <= e.Pos && e.Pos <= d.Node.End() {
				if _, ok := wrong[d]; !ok {
					wrong[d] = e
				}
			}
		}
	}
	// What is not known yet may be all that is wrong with what was taken over.
	if len(own) > 0 && c.ImportUnknown(own, len(errs), result.Info) {
		if errs := c.importPackages(); errs != nil {
			return false, errs
		}
		return true, nil
	}
	tried := maps.Clone(wrong)
	maps.DeleteFunc(tried, func(d *syntax.Declared, _ types.Error) bool { return c.Back[d.FullName()] == nil })
	if len(tried) > 0 { // what was gone is still no good, and may be all that is wrong with others
		wrong = tried
	}
	for d, e := range wrong {
		name := d.FullName()
		if _, ok := c.Dropped[name]; ok {
			continue
		}
		c.Dropped[name] = fmt.Sprintf("%s, of an earlier cell, does not compile with what this cell declares: %s; change it and run its cell again", name, e.Msg)
		if lacks, ok := strings.CutPrefix(e.Msg, "undefined: "); ok && st.Gone[name] != nil && st.Stale[lacks] != "" && st.Stale[name] != "" {
			c.Dropped[name] = st.Stale[name] // nothing has changed for it
		}
		c.Broken[name] = st.Declaration(d)
		again = true
	}
	if again { // what is wrong in the cell itself may come from there
		return true, nil
	}
	for _, circle := range result.circles {
		if !slices.ContainsFunc(circle.places, c.isNoDeclaration) {
			own = append(own, circle.Error)
		}
	}
	if len(own) > 0 {
		errs := c.diagnostics(own)
		c.hintAtUses(errs)
		c.hintOldVariables(errs, own, result.Info)
		c.hintImports(errs, result.Info)
		for i, d := range errs.List {
			if why, ok := c.Dropped[strings.TrimPrefix(d.Message, "undefined: ")]; ok {
				errs.List[i].Hint = why
			}
		}
		return false, errs
	}
	if len(errs) > 0 {
		return false, c.diagnostics(errs)
	}
	c.Result = result
	return false, nil
}

// check type-checks the cell with what was taken over.
func (c *Cell) check() (*Result, []types.Error) {
	declared := maps.Clone(c.Declares)
	files := []*ast.File{c.Parsed.File}
	for _, src := range c.Earlier {
		files = append(files, src.File)
	}
	for _, d := range c.Extra {
		if d.Recv == "" {
			declared[d.Name] = true
		}
	}
	for name := range c.Dropped {
		declared[name] = true
	}
	last := c.LastExpr()
	allowed := func(pos token.Pos) bool {
		return last != nil && last.Pos() <= pos && pos < last.End() || c.timed(pos)
	}
	result, errs := c.Env.TypeCheck(files, declared, allowed, nil)
	var old []*ast.Ident
	for found := c.oldNames(result.Info); len(found) > 0; found = c.oldNames(result.Info) {
		rename(found, syntax.Mark)
		old = append(old, found...)
		result, errs = c.Env.TypeCheck(files, declared, allowed, nil)
		for i := range errs {
			errs[i].Msg = strings.ReplaceAll(errs[i].Msg, syntax.Mark, "")
		}
	}
	rename(old, "")
	return result, errs
}

// isNoDeclaration reports whether a position is in a := statement that is declared at
// package level, so that Go's rules for declarations do not hold for it, or in what
// was taken over, whose variables are not initialised again.
func (c *Cell) isNoDeclaration(pos token.Pos) bool {
	if c.Fset.File(pos) != c.Parsed.Tok {
		return true
	}
	_, ok := c.Promoted[c.ChunkAt(pos)]
	return ok
}

// timed reports whether a position is an expression statement directly in the
// loop of a timing magic.
func (c *Cell) timed(pos token.Pos) bool {
	found := false
	ast.Inspect(c.Parsed.Run, func(n ast.Node) bool {
		if loop, ok := n.(*ast.RangeStmt); ok && syntax.IsTimingLoop(loop) {
			for _, stmt := range loop.Body.List {
				if e, ok := stmt.(*ast.ExprStmt); ok && e.Pos() <= pos && pos < e.End() {
					found = true
				}
			}
		}
		return !found
	})
	return found
}
