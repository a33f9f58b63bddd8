package session

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/habits"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// A compilation turns one cell into a unit. It changes the session only when it
// has succeeded.
type compilation struct {
	*syntax.Cell
	env      // its state is this cell's to change
	ctx      context.Context
	progress func(string)
	// tolerant goes on with what can be parsed: code that is being typed.
	tolerant bool

	declares map[string]bool // names that the cell declares, imports included
	promoted map[int]int     // chunk number of a := that is declared at package level -> offset of := in it
	kept     map[int]bool    // declarations that are as they were, by chunk number
	imports  map[string]string
	auto     map[string]string // imports that are not written, by name
	tried    map[string]bool   // names for which an import was looked for
	unclear  map[string]string // names that can mean several packages, and which

	cell  *syntax.Assembled
	all   []*syntax.Declared // the cell's declarations
	decls []*syntax.Declared // those that are not kept
	extra []*syntax.Declared // declarations of earlier cells that are compiled again
	files []*syntax.Source   // the sources of extra
	// retyped are variables that get another type in this cell.
	retyped map[string]bool
	// dropped are declarations that no longer compile, by name, and why.
	dropped map[string]string
	// broken are those of them that may compile again later, and back are those that
	// were broken before and are tried again.
	broken, back map[string]*decl.Decl
	// lost are variables of earlier cells that lose their values, and why.
	lost map[string]string
	// droppedFields are what variables that are carried over lose, by their names.
	droppedFields map[string][]decl.DroppedField

	// unheeded are notes about directives that make no difference.
	unheeded []string

	result *checked
}

// run checks the cell, against what earlier cells have declared and with those of their
// declarations that have to be compiled again. An error is an *Errors, or of the context.
func (c *compilation) run() error {
	c.promoted, c.kept = make(map[int]int), make(map[int]bool)
	c.declares, c.imports = make(map[string]bool), make(map[string]string)
	c.retyped, c.dropped, c.broken = make(map[string]bool), make(map[string]string), make(map[string]*decl.Decl)

	unheeded, errs := c.Scan()
	if c.unheeded = unheeded; errs != nil {
		return c.finishErrors(errs)
	}
	c.poll()
	if errs := c.parseCell(); errs != nil {
		return c.finishErrors(errs)
	}
	if err := c.importPackages(); err != nil {
		return c.finishErrors(err)
	}
	const rounds = 50 // each round drops or re-types something, so this is never reached
	for range rounds {
		c.poll()
		if errs := c.chooseKept(); errs != nil {
			return c.finishErrors(errs)
		}
		if err := c.takeOver(); err != nil {
			return err
		}
		if promoted, errs := c.promote(); errs != nil {
			return c.finishErrors(errs)
		} else if promoted {
			continue
		}
		c.poll()
		again, errs := c.typeCheck()
		c.poll()
		if errs != nil {
			return c.finishErrors(errs)
		}
		if again || c.findRetyped() {
			continue
		}
		if errs := c.findLost(); errs != nil {
			return c.finishErrors(errs)
		}
		return nil
	}
	return diag.Bug(string(c.Code), "the declarations that depend on this cell do not settle")
}

// errStopped ends the compilation of a cell that was interrupted.
var errStopped = errors.New("stopped")

// poll ends the compilation if the cell was interrupted, by a panic with errStopped
// that Compile takes. All stages of huge cells call it, but for the type checker.
func (c *compilation) poll() {
	if c.ctx.Err() != nil {
		panic(errStopped)
	}
}

// wrong is an error at a place of the cell.
func (c *compilation) wrong(pos token.Pos, msg string) *diag.Errors {
	return c.finishErrors(c.at(pos, msg))
}

// finishErrors adds the text of the line to each diagnostic.
func (c *compilation) finishErrors(errs *diag.Errors) *diag.Errors {
	for i := range errs.List {
		d := &errs.List[i]
		code := c.Code
		if d.Unit != c.Key && d.Unit != "" {
			known, ok := c.cells.code(d.Unit)
			if !ok { // a file that a line directive names
				d.Message = fmt.Sprintf("%s:%d: %s", d.Unit, d.Line, d.Message)
				d.Unit, d.Line, d.Column = "", 0, 0
				continue
			}
			code = known
		}
		lines := strings.Split(string(code), "\n")
		if d.Line > len(lines) {
			d.Line, d.Column = len(lines), len(lines[len(lines)-1])+1
		}
		if line, col := syntax.Position(code, len(bytes.TrimRight(code, " \t\n"))); d.Line > line || d.Line == line && d.Column >= col {
			// What the parser found there is ours.
			d.Message = strings.Replace(d.Message, "found '}'", "found the end of the cell", 1)
		}
		if d.Line > 0 {
			d.Text = lines[d.Line-1]
			d.Hint = cmp.Or(d.Hint, habits.Hint(d.Message, d.Text, d.Column))
		}
	}
	return errs
}

// assemble puts the cell together with the imports in force.
func (c *compilation) assemble() (*syntax.Assembled, []diag.Diagnostic) {
	imports := []syntax.Import{{Name: "ᐧlive", Path: workspace.LivePath}, {Name: "ᐧcommand", Path: workspace.CommandPath}}
	if c.Words["ᐧoverhead"] {
		imports = append(imports, syntax.Import{Name: "ᐧoverhead", Path: workspace.OverheadPath})
	}
	for _, name := range slices.Sorted(maps.Keys(c.st.Imports)) {
		if c.Words[name] && !c.declares[name] {
			imports = append(imports, syntax.Import{Name: name, Path: c.st.Imports[name]})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.auto)) {
		imports = append(imports, syntax.Import{Name: name, Path: c.auto[name]})
	}
	for _, path := range c.st.DotImports {
		if !bytes.Contains(c.Code, []byte(strconv.Quote(path))) { // the cell may import it again
			imports = append(imports, syntax.Import{Name: ".", Path: path})
		}
	}
	return c.Cell.Assemble(c.fset, syntax.Arrangement{Imports: imports, Promoted: c.promoted, Kept: c.kept, Tolerant: c.tolerant})
}

// parseCell parses the cell.
func (c *compilation) parseCell() *diag.Errors {
	cell, errs := c.assemble()
	if errs != nil {
		if own := c.Mistakes(c.fset); len(own) > 0 {
			errs = own
		}
		out := &diag.Errors{}
		for _, d := range errs {
			out.Add(d)
		}
		out.Sort()
		return out
	}
	c.cell = cell
	if c.tolerant {
		return nil
	}
	_, promoteErrs := c.promote()
	return promoteErrs
}

// promote finds the := statements whose variables a declaration refers to, of
// this cell or of one that is compiled again with it: they are declared at
// package level. It reports whether there are new ones.
func (c *compilation) promote() (any bool, _ *diag.Errors) {
	for {
		cell := c.cell
		referred := make(map[string]bool)
		for _, src := range c.files {
			for _, d := range src.File.Decls {
				syntax.NamesIn(d, referred)
			}
		}
		for _, d := range cell.File.Decls {
			if d != ast.Decl(cell.Run) {
				syntax.NamesIn(d, referred)
			}
		}
		grown := false
		for _, stmt := range cell.Run.Body.List {
			for _, id := range syntax.Defines(stmt) {
				p := cell.PlaceAt(stmt.Pos())
				if _, ok := c.promoted[p.Chunk]; referred[id.Name] && !ok && p.Chunk >= 0 {
					c.promoted[p.Chunk] = cell.Offset(stmt.(*ast.AssignStmt).TokPos) - p.Start
					grown = true
				}
			}
		}
		if !grown {
			return any, nil
		}
		any = true
		var errs []diag.Diagnostic
		if c.cell, errs = c.assemble(); errs != nil {
			return false, &diag.Errors{List: errs}
		}
	}
}

// chunkAt returns the number of the chunk that a position lies in, or -1.
func (c *compilation) chunkAt(pos token.Pos) int {
	return c.cell.PlaceAt(pos).Chunk
}

// importPackages makes sure that what the cell imports is compiled, and learns
// the names that the imports declare.
func (c *compilation) importPackages() *diag.Errors {
	var paths []string
	for _, spec := range c.cell.File.Imports {
		path := strings.Trim(spec.Path.Value, "`\"")
		switch i := c.chunkAt(spec.Pos()); {
		case i < 0 && c.index.Has(path): // an import of an earlier cell
		case path == "C":
			return c.at(spec.Pos(), "a cell cannot use cgo itself; import a package that does")
		default:
			paths = append(paths, path)
		}
	}
	wrong := c.index.Resolve(c.ctx, paths, c.progress)
	errs := &diag.Errors{}
	for _, spec := range c.cell.File.Imports {
		path := strings.Trim(spec.Path.Value, "`\"")
		own := c.chunkAt(spec.Pos()) >= 0
		if err := wrong[path]; err != nil && own {
			e := c.at(spec.Pos(), importMessage(path, err))
			_, e.List[0].Restart = errors.AsType[*modules.Conflict](err)
			e.List[0].Hint = c.index.Almost(path)
			errs.Add(e.List[0])
		} else if err != nil && !c.mentionsImport(path) { // of an earlier cell
			errs.Add(diag.Diagnostic{Message: importMessage(path, err)})
		}
		if !own {
			continue
		}
		name := c.index.Name(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name != "_" && name != "." {
			c.imports[name] = path
			c.declares[name] = true
		}
	}
	if len(errs.List) > 0 {
		return errs
	}
	return nil
}

// mentionsImport reports whether the cell itself imports a package.
func (c *compilation) mentionsImport(path string) bool {
	for _, spec := range c.cell.File.Imports {
		if strings.Trim(spec.Path.Value, "`\"") == path && c.chunkAt(spec.Pos()) >= 0 {
			return true
		}
	}
	return false
}

// at makes an error with a place.
func (c *compilation) at(pos token.Pos, msg string) *diag.Errors {
	p := c.fset.Position(pos)
	return &diag.Errors{List: []diag.Diagnostic{{Unit: diag.UnitOf(p.Filename), Line: p.Line, Column: p.Column, Message: msg, Hint: c.hint(msg)}}}
}

// importMessage says what is wrong with an import.
func importMessage(path string, err error) string {
	return fmt.Sprintf("cannot import %s: %s", path, strings.TrimPrefix(err.Error(), "package "+path+" "))
}

// typeCheck checks the cell and what was taken over. Errors in what was taken
// over drop that; it reports whether that happened, so that the check must be
// done again.
func (c *compilation) typeCheck() (again bool, _ *diag.Errors) {
	st := c.st
	result, errs := c.check()
	var own []types.Error
	for _, e := range errs {
		if c.fset.File(e.Pos) == c.cell.Tok {
			own = append(own, e)
			continue
		}
		for _, d := range c.extra {
			if d.Name != "_" && d.Src.Tok == c.fset.File(e.Pos) && d.Node.Pos() <= e.Pos && e.Pos <= d.Node.End() {
				name := d.FullName()
				if _, ok := c.dropped[name]; !ok {
					c.dropped[name] = fmt.Sprintf("%s, of an earlier cell, does not compile with what this cell declares: %s; change it and run its cell again", name, e.Msg)
					if lacks, ok := strings.CutPrefix(e.Msg, "undefined: "); ok && st.Gone[name] != nil && st.Stale[lacks] != "" && st.Stale[name] != "" {
						c.dropped[name] = st.Stale[name] // nothing has changed for it
					}
					c.broken[name] = st.Declaration(d)
					again = true
				}
			}
		}
	}
	for _, circle := range result.circles {
		if !slices.ContainsFunc(circle.places, c.isNoDeclaration) {
			own = append(own, circle.Error)
		}
	}
	if len(own) > 0 && c.importUnknown(own, result.info) {
		if errs := c.importPackages(); errs != nil {
			return false, errs
		}
		return true, nil
	}
	if len(own) > 0 {
		errs := c.diagnostics(own)
		c.hintAtUses(errs)
		c.hintImports(errs, result.info)
		for i, d := range errs.List {
			if why, ok := c.dropped[strings.TrimPrefix(d.Message, "undefined: ")]; ok {
				errs.List[i].Hint = why
			}
		}
		return false, errs
	}
	if !again && len(errs) > 0 {
		return false, c.diagnostics(errs)
	}
	c.result = result
	return again, nil
}

// check type-checks the cell with what was taken over.
func (c *compilation) check() (*checked, []types.Error) {
	hidden := maps.Clone(c.declares)
	files := []*ast.File{c.cell.File}
	for _, src := range c.files {
		files = append(files, src.File)
	}
	for _, d := range c.extra {
		if d.Recv == "" {
			hidden[d.Name] = true
		}
	}
	for name := range c.dropped {
		hidden[name] = true
	}
	last := c.lastExpr()
	allowed := func(pos token.Pos) bool {
		return last != nil && last.Pos() <= pos && pos < last.End() || c.timed(pos)
	}
	result, errs := c.env.check(files, hidden, allowed, nil)
	if old := c.oldNames(result.info); len(old) > 0 {
		rename(old, syntax.Mark)
		result, errs = c.env.check(files, hidden, allowed, nil)
		rename(old, "")
		for i := range errs {
			errs[i].Msg = strings.ReplaceAll(errs[i].Msg, syntax.Mark, "")
		}
	}
	return result, errs
}

// isNoDeclaration reports whether a position is in a := statement that is declared at
// package level, so that Go's rules for declarations do not hold for it, or in what
// was taken over, whose variables are not initialised again.
func (c *compilation) isNoDeclaration(pos token.Pos) bool {
	if c.fset.File(pos) != c.cell.Tok {
		return true
	}
	_, ok := c.promoted[c.chunkAt(pos)]
	return ok
}

// lastExpr returns the expression that ends the cell, or nil. Its value is
// shown unless a semicolon follows.
func (c *compilation) lastExpr() *ast.ExprStmt {
	n := len(c.Chunks)
	if n == 0 || c.Chunks[n-1].Kind != syntax.Statement || len(c.cell.Run.Body.List) == 0 {
		return nil
	}
	last, _ := c.cell.Run.Body.List[len(c.cell.Run.Body.List)-1].(*ast.ExprStmt)
	return last
}

// calls reports whether the cell's statements mention a name.
func (c *compilation) calls(name string) bool {
	names := make(map[string]bool)
	syntax.NamesIn(c.cell.Run, names)
	return names[name]
}

// timed reports whether a position is an expression statement directly in the
// loop of a timing magic.
func (c *compilation) timed(pos token.Pos) bool {
	found := false
	ast.Inspect(c.cell.Run, func(n ast.Node) bool {
		if loop, ok := n.(*ast.RangeStmt); ok && isTimingLoop(loop) {
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

// isTimingLoop reports whether a loop is the one in which a timing magic puts
// its statement.
func isTimingLoop(loop *ast.RangeStmt) bool {
	id, ok := loop.X.(*ast.Ident)
	return ok && id.Name == "ᐧn"
}
