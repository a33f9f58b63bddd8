// Package program makes an ordinary Go program of the cells of a notebook. Each cell is checked by
// a session, which knows what its names mean (program.go); then each is written as a file, with
// its declarations and a function of its statements (writer.go) that func main calls (main.go). What views send to engines
// is registered where the program begins (views.go), and what magics do becomes functions of the program (magics.go).
package program

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session"
	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/shown"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Session checks a program's cells, and has what they declare. A [session.Session] is one.
type Session interface {
	Names() []session.Name
	Take(ctx context.Context, source string, count int) (*check.Cell, *session.Unit, error)
	Mod(ctx context.Context, args []string) (string, error)
}

// A Program makes an ordinary Go program of cells: a file for each, with its declarations and a
// function of its statements. What cells define with := are variables of the package. Of
// constants, types and functions that are declared several times the last ones count, so
// the session may have called others on its way there.
type Program struct {
	s     Session
	cells []*programCell
	last  map[string]*programCell // by full name, the cell that declares it last
	shown shown.Values            // by cells
	used  map[int]bool            // the cells whose values are used, by execution count
	notes []string
}

// programCell is a cell as it was compiled, with what is remembered of it.
type programCell struct {
	count   int
	name    string // "3", or "3_1" for the first of those that a %run of cell 3 runs
	origin  string // in words
	c       *check.Cell
	decls   map[*ast.Ident]*decl.Decl // what identifiers refer to, of the session's declarations
	names   map[int][]string          // full names of what a chunk declares, but variables
	defines map[*ast.Ident]string     // those of constants and types, by where they are declared
	imports map[string]string         // of the file: name -> path
	isRun   bool                      // by %run
	vars    []*decl.Decl              // variables that are declared here first
	// literals are the functions that it gives to views, by the names that they get.
	literals map[*ast.FuncLit]string
}

// New makes an empty program of a session's. Its cells are type-checked in the
// session and not compiled, so nothing else may be done with the session.
func New(s Session) *Program {
	return &Program{s: s, last: make(map[string]*programCell), used: make(map[int]bool)}
}

// Add adds a cell. The error is a *diag.Errors where the source is at fault; the program is
// then as it was.
func (p *Program) Add(ctx context.Context, source string, count int) error {
	return p.add(ctx, source, &programCell{count: count, name: fmt.Sprint(count), origin: fmt.Sprintf("the notebook's cell[%d]", count)})
}

// AddRun adds a cell that is run by %run in another: the number says which of those it is, from 1 on, and
// origin where it stands. Its value is not one that later cells can have.
func (p *Program) AddRun(ctx context.Context, source string, count, number int, origin string) error {
	return p.add(ctx, source, &programCell{count: count, name: fmt.Sprintf("%d_%d", count, number), origin: origin, isRun: true})
}

func (p *Program) add(ctx context.Context, source string, cell *programCell) error {
	count := cell.count
	var known []string
	for _, n := range p.s.Names() {
		known = append(known, n.Name)
	}
	source, uses := p.shown.Use(source, known, nil)
	c, u, err := p.s.Take(ctx, source, count)
	if errs, ok := errors.AsType[*diag.Errors](err); ok {
		for i := range errs.List {
			errs.List[i].Message = shown.InWords(errs.List[i].Message)
		}
	}
	if err != nil {
		return err
	}
	if !cell.isRun {
		p.shown.Add(count, u.Shown)
	}
	for _, used := range uses {
		p.used[used] = true
	}
	cell.c, cell.decls, cell.names = c, make(map[*ast.Ident]*decl.Decl), make(map[int][]string)
	cell.defines, cell.imports = make(map[*ast.Ident]string), make(map[string]string)
	info := c.Result.Info
	ast.Inspect(c.Parsed.File, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			obj := info.Defs[id]
			if obj == nil {
				obj = info.Uses[id]
			}
			if d := c.State.Of[obj]; d != nil {
				cell.decls[id] = d
			}
		}
		return true
	})
	for _, d := range c.All {
		if d.Kind == syntax.VarDecl || d.Name == "_" || d.Name == "init" || c.Kept[d.Chunk] {
			continue
		}
		name := d.FullName()
		if name == "main" { // its own cell calls it: those of several files that are run are functions of their own
			continue
		}
		cell.names[d.Chunk] = append(cell.names[d.Chunk], name)
		if d.Kind != syntax.FuncDecl {
			cell.defines[d.Ident] = name
		}
		if before := p.last[name]; before != nil && before != cell {
			p.notes = append(p.notes, fmt.Sprintf("%s of cell[%d] is declared again by cell[%d], and the program has that one from its start", name, before.count, count))
		}
		p.last[name] = cell
	}
	for _, name := range slices.Sorted(maps.Keys(u.Names)) {
		if d := u.Names[name]; d.Kind == syntax.VarDecl && !p.has(d) {
			cell.vars = append(cell.vars, d)
		}
	}
	p.cells = append(p.cells, cell)
	return nil
}

// has reports whether a cell declares a variable already.
func (p *Program) has(d *decl.Decl) bool {
	return slices.ContainsFunc(p.cells, func(c *programCell) bool { return slices.Contains(c.vars, d) })
}

// Module returns the session's go.mod, with what the cells import.
func (p *Program) Module(ctx context.Context) (string, error) { return p.s.Mod(ctx, nil) }

// Uses reports whether a cell imports a package whose path begins so.
func (p *Program) Uses(prefix string) bool {
	for _, c := range p.cells {
		for _, imp := range c.c.Parsed.Imports {
			if strings.HasPrefix(imp.Path, prefix) && imp.Path != workspace.LivePath && imp.Path != workspace.CommandPath {
				return true
			}
		}
	}
	return false
}

// Files returns the program's files by name, formatted, and notes on what it does
// otherwise than the cells.
func (p *Program) Files() (files map[string][]byte, notes []string, err error) {
	w := &programWriter{p: p, names: make(map[*decl.Decl]string), values: make(map[int]string), local: make(map[*decl.Decl]bool), taken: map[string]bool{"main": true, "init": true, "show": true, "showResults": true}, notes: slices.Clone(p.notes)}
	w.choose()
	files = make(map[string][]byte)
	var calls strings.Builder
	for _, c := range p.cells {
		text, runs := w.cell(c)
		if runs {
			fmt.Fprintf(&calls, "\tcell%s()\n", c.name)
		}
		if text == "" {
			continue
		}
		if files["cell"+strings.Repeat("0", max(0, 2-len(fmt.Sprint(c.count))))+c.name+".go"], err = formatted(text); err != nil {
			return nil, nil, fmt.Errorf("what was made of cell[%d] is no Go, please report it: %w\n%s", c.count, err, text)
		}
	}
	if text, err := w.magicsFile(); err != nil {
		return nil, nil, err
	} else if text != "" {
		if files["magics.go"], err = formatted(text); err != nil {
			return nil, nil, err
		}
	}
	files["main.go"], err = formatted(w.main(calls.String()))
	return files, w.notes, err
}

func formatted(text string) ([]byte, error) { return format.Source([]byte(text)) }
