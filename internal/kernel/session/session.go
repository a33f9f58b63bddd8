// Package session compiles the cells of a notebook. To the compiler all cells
// are one Go package; docs/architecture.md explains how.
//
// The stages of a cell, each in a file of its own: scan refuses what is wrong with
// its tokens, split cuts it into
// declarations and statements, assemble puts them in the order that Go wants and
// parses them, check type-checks them against what earlier cells declared,
// compile decides what has to be compiled again, generate writes the code, and
// build has an object made of it.
package session

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/compiler"
	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/docs"
	"github.com/goparallel/goparallel/internal/kernel/session/modules"
	"github.com/goparallel/goparallel/internal/kernel/session/rewrite"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Options says how a session is opened.
type Options struct {
	// Dir is the notebook's folder: cells may import the packages of the module
	// that it lies in, with the versions of that module's go.mod or go.work. Empty
	// means the current folder.
	Dir string
	// Progress receives a line for each step that takes a while: making the
	// workspace, fetching modules. It can be nil, and can be called from any
	// goroutine.
	Progress func(line string)
}

// A Session knows what the cells of one notebook have declared, and compiles the
// next one. Its methods may be called from several goroutines.
type Session struct {
	*check.Checker
	workspace *workspace.Workspace
	cache     *workspace.Cells
	docs      *docs.Library
	folder    *folder
	compilers *compiler.Pool
	dir       string // the folder's path
	notebook  string // the notebook's folder
	progress  func(string)

	// state is what the cells have declared. Questions about code read it while a cell is
	// compiled; only who holds turn replaces it.
	state atomic.Pointer[decl.State]

	turn     sync.Mutex // held through a whole compilation; guards everything below
	memory   *rewrite.Memory
	holds    map[string][]string // by variable, the symbols of the functions that it was made of
	units    map[string][]*Unit
	count    int  // units made
	toldMain bool // whether the user knows how to run func main
}

// A Unit is a compiled cell.
type Unit struct {
	*rewrite.Code
	// Key identifies the cell's source; it is in the file names of tracebacks.
	Key string
	// Notes are remarks for the user, such as on declarations of earlier cells
	// that no longer compile.
	Notes []string
	// Declares are the names that the cell's text declares: imports, variables, and
	// methods as "T.Method".
	Declares []string
	// Changes are those of them that are not as they were before. Reads are the
	// declarations that the cell's statements use, themselves or through functions, and
	// Writes the variables that they change besides.
	Changes, Reads, Writes []string
	// Shown is the type of the value that the cell shows.
	Shown rewrite.Result
	// Imported says which packages the cell got without importing them, in a line
	// for the user; it is empty where there are none.
	Imported string
	// Acts says that the cell's statements do more than to compute one value, so that
	// something may have changed although it failed.
	Acts bool

	kept    map[string]*decl.Decl // what its cell declares and stood already, by name
	imports map[string]string
	dropped map[string]string
}

// Open makes a session. It makes the workspace first where there is none, which
// takes about a minute; see OpenWorkspace.
func Open(ctx context.Context, opts Options) (*Session, error) {
	progress := opts.Progress
	if progress == nil {
		progress = func(string) {}
	}
	ws, err := workspace.Open(ctx, progress)
	if err != nil {
		return nil, err
	}
	cache, err := workspace.OpenCells(filepath.Join(ws.Dir, "cells"))
	if err != nil {
		return nil, err
	}
	notebook, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, err
	}
	f, err := newFolder()
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	index, err := modules.New(ws, f.path, notebook, fset)
	if err != nil {
		return nil, errors.Join(err, f.remove())
	}
	s := &Session{
		Checker: check.NewChecker(index, fset), workspace: ws, cache: cache,
		folder: f, dir: f.path, progress: progress, notebook: notebook,
	}
	s.docs = docs.New(s.Index, ws.Tools.Root, s.Fset)
	s.compilers = compiler.NewPool(ws.Tools, s.dir)
	s.Reset()
	s.prepare()
	return s, nil
}

// Close ends the session's processes and removes its files.
func (s *Session) Close() error {
	s.compilers.Close()
	return s.folder.remove()
}

// Host returns the path of the program that loads and runs the session's units.
func (s *Session) Host() string { return s.workspace.Host() }

// Dir returns the session's folder, which Close removes.
func (s *Session) Dir() string { return s.dir }

// Reset forgets all declarations, as when the process that held their values is
// gone. Imports stay, since nothing of them is lost.
func (s *Session) Reset() {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.Index.Reset()
	st := decl.NewState(types.NewPackage(compiler.SymbolPath, "main"))
	if before := s.state.Load(); before != nil {
		st.Imports, st.Auto, st.DotImports, st.Shares = before.Imports, before.Auto, before.DotImports, before.Shares
	}
	s.state.Store(st)
	s.memory, s.holds = rewrite.NewMemory(), make(map[string][]string)
	s.units = make(map[string][]*Unit)
}

// Compile compiles a cell, which has the given execution count, against what
// earlier cells have declared, and adds its declarations to the session. What it
// declares counts as declared even if running it fails. The error is an *Errors
// where the source is at fault; the session is then as it was.
func (s *Session) Compile(ctx context.Context, source string, count int) (*Unit, error) {
	return s.compileCell(ctx, source, count, false)
}

// CompileForEngines is Compile for statements that run on engines: here the unit does nothing but what
// its declarations ask for.
func (s *Session) CompileForEngines(ctx context.Context, source string, count int) (*Unit, error) {
	return s.compileCell(ctx, source, count, true)
}

func (s *Session) compileCell(ctx context.Context, source string, count int, engines bool) (_ *Unit, err error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	defer recovered(ctx, source, &err)
	for _, note := range s.Index.Changes() {
		s.progress(note)
	}
	source = strings.TrimPrefix(source, "\ufeff") // as Go does
	key := check.KeyOf(source)
	if engines {
		key = check.KeyOf("engines\x00" + source)
	}
	s.Cells.Put(key, []byte(source), count)
	for _, u := range s.units[key] {
		if s.stillHolds(u) {
			return u, nil
		}
	}
	for {
		c := s.compilation(ctx, key, source)
		u, err := s.unit(c, engines)
		if err != nil {
			return nil, err
		}
		err = s.build(ctx, u)
		var tool *compiler.Error
		switch {
		case err == nil:
			s.commit(c, u)
			return u, nil
		case errors.Is(err, modules.ErrClosed): // now known: the cell is compiled without the package's types
		case errors.As(err, &tool):
			return nil, diag.Bug(source, "go tool %s rejects what was made of this cell: %s", tool.Tool, tool.Output)
		default:
			return nil, err
		}
	}
}

// compilation begins to compile a cell.
func (s *Session) compilation(ctx context.Context, key, source string) *check.Cell {
	return check.NewCell(ctx, check.Env{Checker: s.Checker, State: s.state.Load().Next()}, syntax.NewCell(key, []byte(source)), s.progress)
}

// env is what a question about code goes by.
func (s *Session) env() check.Env { return check.Env{Checker: s.Checker, State: s.state.Load()} }

// stillHolds reports whether a unit means the same now as when it was made: all
// that its cell declares and all that it uses is current.
func (s *Session) stillHolds(u *Unit) bool {
	st := s.state.Load()
	if len(st.Altered) > 0 {
		return false
	}
	for _, declares := range []map[string]*decl.Decl{u.Names, u.kept} {
		for name, d := range declares {
			if st.Names[name] != d {
				return false
			}
		}
	}
	for _, d := range u.Extern {
		if st.Names[d.Name] != d {
			return false
		}
	}
	for name, path := range u.imports {
		if st.Imports[name] != path || s.Index.Conflict(path) != nil {
			return false
		}
	}
	return u.Shares == st.Shares && u.FilesAreCurrent(s.notebook)
}

// commit makes a unit's declarations current.
func (s *Session) commit(c *check.Cell, u *Unit) {
	st := c.State
	s.count++
	u.Order = s.count
	u.Foreign = s.Index.Load(u.Packages)
	s.units[u.Key] = append(s.units[u.Key], u)
	for name, path := range u.imports {
		st.Imports[name] = path
		st.Auto[name] = c.Auto[name] != ""
		delete(st.Names, name)
		delete(st.Stale, name)
	}
	for name, why := range u.dropped {
		if !strings.Contains(name, ".") { // a method is gone with the old version of its type
			delete(st.Names, name)
			st.Stale[name] = why
		}
		if st.Gone[name] == nil {
			u.Notes = append(u.Notes, why)
		}
	}
	s.settleGone(c, u)
	clear(st.Altered)
	for _, why := range c.Lost {
		u.Notes = append(u.Notes, why)
	}
	u.Notes = append(u.Notes, decl.DroppedNotes(c.DroppedFields)...)
	u.Notes = append(u.Notes, s.outdated(c, u)...)
	for _, a := range u.Again {
		delete(st.Lost, a.Decl.Name)
		a.Decl.Held, a.Decl.Origin = nil, a.Origin
		st.VariableUses(a.Decl, a.Info)
	}
	u.Notes = append(u.Notes, c.Unheeded...)
	slices.Sort(u.Notes)
	if names := c.Parsed.Bodiless; len(names) > 0 {
		u.Notes = append(u.Notes, strings.Join(names, ", ")+" declared without a body: a call panics")
	}
	if d := u.Names["main"]; d != nil && d.Kind == syntax.FuncDecl && !s.toldMain && !c.Mentions("main") {
		s.toldMain = true
		u.Notes = append(u.Notes, "main is declared and not called: end the cell with main(), or begin it with %%main")
	}
	for name, d := range u.Names {
		st.Names[name] = d
		if why := c.Lost[name]; why != "" {
			st.Lost[name] = why
		} else {
			delete(st.Lost, name)
		}
		delete(st.Imports, name)
		delete(st.Stale, name)
	}
	for _, imp := range c.Parsed.Imports {
		if imp.Name == "." && !slices.Contains(st.DotImports, imp.Path) {
			st.DotImports = append(st.DotImports, imp.Path)
		}
	}
	st.Shares = u.Shares
	s.state.Store(st)
}

// Variables returns the symbols of the session's variables that the statements of a unit for engines
// refer to, and those of the variables that it declares.
func (u *Unit) Variables() (reads, keeps []string) { return u.VarsRead, u.VarsKept }

// CellName turns the key in a traceback's file name into what the user calls the
// cell: cell[3].
func (s *Session) CellName(key string) string { return s.Cells.Name(key) }

// Get adds modules to the session, as go get module@version does; a folder means
// the module that is in it.
func (s *Session) Get(ctx context.Context, args []string) error {
	return s.Index.Get(ctx, args, s.progress)
}

// Mod is go mod in the session's module. Without arguments it returns the go.mod.
func (s *Session) Mod(ctx context.Context, args []string) (string, error) {
	return s.Index.Mod(ctx, args, s.progress)
}

// Changes returns a note for each module whose source has changed since its packages were
// loaded, once for each change.
func (s *Session) Changes() []string { return s.Index.Changes() }

// Outdated reports whether one of [Session.Changes] was of a package that has been loaded, so
// that only another session takes it up.
func (s *Session) Outdated() bool { return s.Index.Outdated() }

// Lost says why a name that was declared is not any more, or "".
func (s *Session) Lost(name string) string { return s.state.Load().Stale[name] }

// outdated returns a note for each function of a unit that has another signature than
// before, where variables hold it, and notes what the unit's own variables hold.
func (s *Session) outdated(c *check.Cell, u *Unit) (notes []string) {
	held, st := c.Held(), c.State
	for name := range c.DefinedVariables() {
		if held[name] == nil {
			delete(s.holds, name)
		} else {
			s.holds[name] = held[name]
		}
	}
	for name, d := range u.Names {
		old := st.Names[name]
		if old == nil || !old.HasBody() || !d.HasBody() || old.Symbol == d.Symbol {
			continue
		}
		var holders []string
		for holder, functions := range s.holds {
			if v := st.Before(holder); held[holder] == nil && v != nil && v.Kind == syntax.VarDecl && check.CanHold(v.Obj.Type(), nil) && slices.Contains(functions, old.Symbol) {
				holders = append(holders, holder)
			}
		}
		if len(holders) > 0 {
			slices.Sort(holders)
			notes = append(notes, fmt.Sprintf("%s has another signature now; what was made of it before is still in %s, until that is made again", name, strings.Join(holders, ", ")))
		}
	}
	return notes
}

// settleGone notes what is gone with a unit, and what is back.
func (s *Session) settleGone(c *check.Cell, u *Unit) {
	st := c.State
	for name, d := range c.Back {
		if c.Broken[name] != nil {
			continue
		}
		withType := d.Recv != nil && c.Back[d.Recv.Name] != nil && c.Broken[d.Recv.Name] == nil
		if d := u.Names[name]; !withType && (d == nil || c.Lost[name] == "") {
			u.Notes = append(u.Notes, fmt.Sprintf("%s, of an earlier cell, compiles again", name))
		}
		delete(st.Gone, name)
	}
	for name, d := range u.Names {
		delete(st.Gone, name)
		for _, m := range d.Methods {
			delete(st.Gone, name+"."+m.Name)
		}
	}
	for name := range u.imports {
		delete(st.Gone, name)
	}
	for name, d := range c.Broken {
		st.Lose(name, d)
	}
}

// AutoImport says whether cells get packages that they do not import. It is on in a
// new session.
func (s *Session) AutoImport(on bool) {
	s.Written.Store(!on)
}
