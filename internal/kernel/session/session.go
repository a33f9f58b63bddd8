// Package session compiles the cells of a notebook. To the compiler all cells
// are one Go package; docs/architecture.md explains how.
//
// It is the facade of the packages below it, and holds what lasts from cell to cell. A cell passes
// through them from below: package syntax refuses what is wrong with its tokens, cuts it into
// declarations and statements, puts them in the order that Go wants and parses them; check
// type-checks them against what earlier cells declared, which decl knows, and decides what has
// to be compiled again; rewrite writes the unit's code; here an object is made of it (build.go),
// by package compiler or from the cache in workspace, and what it declares becomes the session's
// (commit.go). Questions about code go to package assist, and package program writes Go programs
// of cells.
package session

import (
	"cmp"
	"context"
	"errors"
	"go/token"
	"go/types"
	"path/filepath"
	"runtime"
	"strings"
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
	// Arch is the architecture of the host that runs the units, as GOARCH names it. Empty means
	// this machine's.
	Arch string
	// Progress receives a line for each step that takes a while: making the
	// workspace, fetching modules. It can be nil, and can be called from any
	// goroutine.
	Progress func(line string)
}

// A Session knows what the cells of one notebook have declared, and compiles the
// next one. Its methods may be called from several goroutines.
type Session struct {
	checker   *check.Checker
	workspace *workspace.Workspace
	cache     *workspace.Cells
	docs      *docs.Library
	folder    *workFolder
	compilers *compiler.Pool
	dir       string // the folder's path
	notebook  string // the notebook's folder
	progress  func(string)

	elsewhere elsewhere // what engines of other architectures get

	// state is what the cells have declared. Questions about code read it while a cell is
	// compiled; only who holds turn replaces it.
	state atomic.Pointer[decl.State]

	turn     turn // had through a whole compilation; guards everything below
	memory   *rewrite.Memory
	holds    map[string][]string // by variable, the symbols of the functions that it was made of
	units    map[string][]*Unit
	count    int  // units made
	toldMain bool // whether the user knows how to run func main
}

// Open makes a session. It makes the workspace first where there is none, which
// takes about a minute; see workspace.OpenFor.
func Open(ctx context.Context, opts Options) (*Session, error) {
	progress := opts.Progress
	if progress == nil {
		progress = func(string) {}
	}
	ws, err := workspace.OpenFor(ctx, cmp.Or(opts.Arch, runtime.GOARCH), progress)
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
	f, err := newWorkFolder()
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	index, err := modules.New(ws, f.path, notebook, fset)
	if err != nil {
		return nil, errors.Join(err, f.remove())
	}
	s := &Session{
		checker: check.NewChecker(index, fset), workspace: ws, cache: cache,
		folder: f, dir: f.path, progress: progress, notebook: notebook, turn: newTurn(),
	}
	s.docs = docs.New(s.checker.Index, ws.Tools.Root, s.checker.Fset)
	s.compilers = compiler.NewPool(ws.Tools, s.dir)
	s.Reset()
	s.prepare()
	return s, nil
}

// Close ends the session's processes and removes its files. It waits for a compilation whose
// context has ended.
func (s *Session) Close() error {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.compilers.Close()
	s.elsewhere.close()
	return s.folder.remove()
}

// Host returns the path of the program that loads and runs the session's units.
func (s *Session) Host() string { return s.workspace.Host() }

// GoFolder returns the folder of the go command that compiles the session's units.
func (s *Session) GoFolder() string { return filepath.Dir(s.workspace.Tools.Command()) }

// Dir returns the session's folder, which Close removes.
func (s *Session) Dir() string { return s.dir }

// Reset forgets all declarations, as when the process that held their values is
// gone. Imports stay, since nothing of them is lost.
func (s *Session) Reset() {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.checker.Index.Reset()
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
// declares counts as declared even if running it fails. The error is a *diag.Errors
// where the source is at fault, and the context's as soon as that ends; the session is then as
// it was.
func (s *Session) Compile(ctx context.Context, source string, count int) (*Unit, error) {
	return s.compileCell(ctx, source, count, false)
}

// CompileForEngines is Compile for statements that run on engines: here the unit does nothing but what
// its declarations ask for.
func (s *Session) CompileForEngines(ctx context.Context, source string, count int) (*Unit, error) {
	return s.compileCell(ctx, source, count, true)
}

// primer is a cell that needs what nearly all cells need: package fmt, and the packages that show a
// value.
const primer = "fmt.Sprint(1)"

// Prime compiles a cell that adds nothing to the session, so that the first one of the user's finds in
// memory what all of them are checked against: without, it took twice as long as others. The unit may
// be run.
func (s *Session) Prime(ctx context.Context) (*Unit, error) {
	return s.turn.Do(ctx, func(func() bool) (_ *Unit, err error) {
		defer recovered(ctx, primer, &err)
		u, err := s.unit(s.compilation(ctx, check.KeyOf(primer), primer), false)
		if err != nil {
			return nil, err
		}
		return u, s.build(ctx, u)
	})
}

func (s *Session) compileCell(ctx context.Context, source string, count int, engines bool) (*Unit, error) {
	return s.turn.Do(ctx, func(keep func() bool) (_ *Unit, err error) {
		defer recovered(ctx, source, &err)
		return s.compileInTurn(ctx, source, count, engines, keep)
	})
}

func (s *Session) compileInTurn(ctx context.Context, source string, count int, engines bool, keep func() bool) (*Unit, error) {
	for _, note := range s.checker.Index.Changes() {
		s.progress(note)
	}
	source = strings.TrimPrefix(source, "\ufeff") // as Go does
	key := check.KeyOf(source)
	if engines {
		key = check.KeyOf("engines\x00" + source)
	}
	s.checker.Cells.Put(key, []byte(source), count)
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
		c.Poll()
		err = s.build(ctx, u)
		var tool *compiler.Error
		switch {
		case err == nil && !keep():
			return nil, ctx.Err()
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
	code := syntax.NewCell(key, []byte(source))
	code.Arch = s.workspace.Tools.Arch
	return check.NewCell(ctx, check.Env{Checker: s.checker, State: s.state.Load().Next()}, code, s.telling(ctx))
}

// telling takes the lines that a compilation tells. Those of one that was left behind would stand
// below another cell.
func (s *Session) telling(ctx context.Context) func(line string) {
	return func(line string) {
		if ctx.Err() == nil {
			s.progress(line)
		}
	}
}

// env is what a question about code goes by.
func (s *Session) env() check.Env { return check.Env{Checker: s.checker, State: s.state.Load()} }

// CellName turns the key in a traceback's file name into what the user calls the
// cell: cell[3].
func (s *Session) CellName(key string) string { return s.checker.Cells.Name(key) }

// Get adds modules to the session, as go get module@version does; a folder means
// the module that is in it.
func (s *Session) Get(ctx context.Context, args []string) error {
	return s.checker.Index.Get(ctx, args, s.progress)
}

// Mod is go mod in the session's module. Without arguments it returns the go.mod.
func (s *Session) Mod(ctx context.Context, args []string) (string, error) {
	return s.checker.Index.Mod(ctx, args, s.progress)
}

// Changes returns a note for each module whose source has changed since its packages were
// loaded, once for each change.
func (s *Session) Changes() []string { return s.checker.Index.Changes() }

// Outdated reports whether one of [Session.Changes] was of a package that has been loaded, so
// that only another session takes it up.
func (s *Session) Outdated() bool { return s.checker.Index.Outdated() }

// Lost says why a name that was declared is not any more, or "".
func (s *Session) Lost(name string) string { return s.state.Load().Stale[name] }

// AutoImport says whether cells get packages that they do not import. It is on in a
// new session.
func (s *Session) AutoImport(on bool) {
	s.checker.Written.Store(!on)
}
