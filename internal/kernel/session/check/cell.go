package check

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/habits"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// A Cell is one cell on its way through the checks. It serves one goroutine.
type Cell struct {
	*syntax.Cell
	Env      // whose state is this cell's to change
	ctx      context.Context
	progress func(string)
	// Tolerant goes on with what can be parsed: code that is being typed.
	Tolerant bool

	Declares map[string]bool // names that the cell declares, imports included
	Promoted map[int]int     // chunk number of a := that is declared at package level -> offset of := in it
	Kept     map[int]bool    // declarations that are as they were, by chunk number
	Imports  map[string]string
	Auto     map[string]string // imports that are not written, by name
	tried    map[string]bool   // names for which an import was looked for
	unclear  map[string]string // names that can mean several packages, and which

	Parsed  *syntax.Assembled
	All     []*syntax.Declared // the cell's declarations
	Decls   []*syntax.Declared // those that are not kept
	Extra   []*syntax.Declared // declarations of earlier cells that are compiled again
	Earlier []*syntax.Source   // the sources of Extra
	// retyped are variables that get another type in this cell.
	retyped map[string]bool
	// Dropped are declarations that no longer compile, by name, and why.
	Dropped map[string]string
	// Broken are those of them that may compile again later, and Back are those that
	// were broken before and are tried again.
	Broken, Back map[string]*decl.Decl
	// Lost are variables of earlier cells that lose their values, and why.
	Lost map[string]string
	// DroppedFields are what variables that are carried over lose, by their names.
	DroppedFields map[string][]decl.DroppedField

	// Unheeded are notes about directives that make no difference.
	Unheeded []string

	// Result is what the type checker has found.
	Result *Result
}

// NewCell begins to check a cell. What it imports is made under the context, and told by
// progress.
func NewCell(ctx context.Context, e Env, code *syntax.Cell, progress func(string)) *Cell {
	return &Cell{
		Cell: code, Env: e, ctx: ctx, progress: progress,
		Promoted: make(map[int]int), Kept: make(map[int]bool), Declares: make(map[string]bool), Imports: make(map[string]string),
		retyped: make(map[string]bool), Dropped: make(map[string]string), Broken: make(map[string]*decl.Decl),
	}
}

// Check checks the cell, against what earlier cells have declared and with those of their
// declarations that have to be compiled again. An error is a *diag.Errors, or of the context.
func (c *Cell) Check() error {
	unheeded, errs := c.Scan()
	if c.Unheeded = unheeded; errs != nil {
		return c.finishErrors(errs)
	}
	c.Poll()
	if errs := c.Parse(); errs != nil {
		return c.finishErrors(errs)
	}
	if err := c.importPackages(); err != nil {
		return c.finishErrors(err)
	}
	const rounds = 50 // each round drops or re-types something, so this is never reached
	for range rounds {
		c.Poll()
		if errs := c.chooseKept(); errs != nil {
			return c.finishErrors(errs)
		}
		if err := c.addDependants(); err != nil {
			return err
		}
		if promoted, errs := c.Promote(); errs != nil {
			return c.finishErrors(errs)
		} else if promoted {
			continue
		}
		c.Poll()
		again, errs := c.checkOrDrop()
		c.Poll()
		if errs != nil {
			return c.finishErrors(errs)
		}
		if again {
			if errs := c.demote(); errs != nil {
				return c.finishErrors(errs)
			}
			continue
		}
		if c.findRetyped() {
			continue
		}
		if errs := c.findLost(); errs != nil {
			return c.finishErrors(errs)
		}
		return nil
	}
	return diag.Bug(string(c.Code), "the declarations that depend on this cell do not settle")
}

// ErrStopped ends the compilation of a cell that was interrupted.
var ErrStopped = errors.New("stopped")

// Poll ends the compilation if the cell was interrupted, by a panic with ErrStopped
// that the session takes. All stages of huge cells call it, but for the parser and the type
// checker, in which the session leaves a compilation behind.
func (c *Cell) Poll() {
	if c.ctx.Err() != nil {
		panic(ErrStopped)
	}
}

// Wrong is an error at a place of the cell.
func (c *Cell) Wrong(pos token.Pos, msg string) *diag.Errors {
	return c.finishErrors(c.at(pos, msg))
}

// finishErrors adds the text of the line to each diagnostic.
func (c *Cell) finishErrors(errs *diag.Errors) *diag.Errors {
	for i := range errs.List {
		d := &errs.List[i]
		code := c.Code
		if d.Unit != c.Key && d.Unit != "" {
			known, ok := c.Cells.Code(d.Unit)
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
func (c *Cell) assemble() (*syntax.Assembled, []diag.Diagnostic) {
	imports := []syntax.Import{{Name: "ᐧlive", Path: workspace.LivePath}, {Name: "ᐧcommand", Path: workspace.CommandPath}}
	if c.Words["ᐧoverhead"] {
		imports = append(imports, syntax.Import{Name: "ᐧoverhead", Path: workspace.OverheadPath})
	}
	for _, name := range slices.Sorted(maps.Keys(c.State.Imports)) {
		if c.Words[name] && !c.Declares[name] {
			imports = append(imports, syntax.Import{Name: name, Path: c.State.Imports[name]})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Auto)) {
		imports = append(imports, syntax.Import{Name: name, Path: c.Auto[name]})
	}
	for _, path := range c.State.DotImports {
		if !bytes.Contains(c.Code, []byte(strconv.Quote(path))) { // the cell may import it again
			imports = append(imports, syntax.Import{Name: ".", Path: path})
		}
	}
	return c.Cell.Assemble(c.Fset, syntax.Arrangement{Imports: imports, Promoted: c.Promoted, Kept: c.Kept, Tolerant: c.Tolerant})
}

// Parse parses the cell.
func (c *Cell) Parse() *diag.Errors {
	cell, errs := c.assemble()
	if errs != nil {
		if own := c.Mistakes(c.Fset); len(own) > 0 {
			errs = own
		}
		out := &diag.Errors{}
		for _, d := range errs {
			out.Add(d)
		}
		out.Sort()
		return out
	}
	c.Parsed = cell
	if c.Tolerant {
		return nil
	}
	_, promoteErrs := c.Promote()
	return promoteErrs
}

// Promote finds the := statements whose variables a declaration refers to, of
// this cell or of one that is compiled again with it: they are declared at
// package level. It reports whether there are new ones.
func (c *Cell) Promote() (any bool, _ *diag.Errors) {
	for {
		cell := c.Parsed
		referred := make(map[string]bool)
		for _, src := range c.Earlier {
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
				if _, ok := c.Promoted[p.Chunk]; referred[id.Name] && !ok && p.Chunk >= 0 {
					c.Promoted[p.Chunk] = cell.Offset(stmt.(*ast.AssignStmt).TokPos) - p.Start
					grown = true
				}
			}
		}
		if !grown {
			return any, nil
		}
		any = true
		var errs []diag.Diagnostic
		if c.Parsed, errs = c.assemble(); errs != nil {
			return false, &diag.Errors{List: errs}
		}
	}
}

// demote makes all := statements statements again, because what referred to their variables may be
// gone: [Cell.Promote] follows.
func (c *Cell) demote() *diag.Errors {
	if len(c.Promoted) == 0 {
		return nil
	}
	for _, d := range c.Decls {
		if _, promoted := c.Promoted[d.Chunk]; promoted {
			delete(c.Declares, d.Name)
		}
	}
	clear(c.Promoted)
	var errs []diag.Diagnostic
	if c.Parsed, errs = c.assemble(); errs != nil {
		return &diag.Errors{List: errs}
	}
	return nil
}

// ChunkAt returns the number of the chunk that a position lies in, or -1.
func (c *Cell) ChunkAt(pos token.Pos) int {
	return c.Parsed.PlaceAt(pos).Chunk
}

// at makes an error with a place.
func (c *Cell) at(pos token.Pos, msg string) *diag.Errors {
	p := c.Fset.Position(pos)
	return &diag.Errors{List: []diag.Diagnostic{{Unit: diag.UnitOf(p.Filename), Line: p.Line, Column: p.Column, Message: msg, Hint: c.hint(msg)}}}
}

// LastExpr returns the expression that ends the cell, or nil. Its value is
// shown unless a semicolon follows.
func (c *Cell) LastExpr() *ast.ExprStmt {
	n := len(c.Chunks)
	if n == 0 || c.Chunks[n-1].Kind != syntax.Statement || len(c.Parsed.Run.Body.List) == 0 {
		return nil
	}
	last, _ := c.Parsed.Run.Body.List[len(c.Parsed.Run.Body.List)-1].(*ast.ExprStmt)
	return last
}

// Mentions reports whether the cell's statements mention a name.
func (c *Cell) Mentions(name string) bool {
	names := make(map[string]bool)
	syntax.NamesIn(c.Parsed.Run, names)
	return names[name]
}
