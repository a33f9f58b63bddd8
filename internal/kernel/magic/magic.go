// Package magic is the lines of a cell that are not Go: %timeit, %time, !ls,
// %%bash and their like. Rewrite turns them into Go on the same line, so that
// positions stay those that the user typed, or into commands for the process
// that runs the cells, or into actions of the kernel.
//
// A file has one magic, or a few of one kind, and registers them in the table here. It is named
// after them or their kind: timeit.go has %timeit, environment.go has %cd, %pwd and %env.
package magic

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/spell"
)

// Error is a magic that is used wrongly.
type Error struct {
	// Name is "UsageError", or "CompileError" where the Go statement behind a
	// magic is wrong.
	Name string
	// Line and Column say where in the cell, 1-based, in bytes.
	Line, Column int
	// Message says what is wrong and what to write instead.
	Message string
}

// Command is a magic that acts on the process that runs the cells; package
// live knows what each does.
type Command struct{ Name, Arg string }

// Kernel is what magics ask of the interpreter.
type Kernel interface {
	// Names lists what the session has declared.
	Names() []Name
	// Get adds modules to the session: "path@version", "path" for the newest
	// version, or a folder.
	Get(ctx context.Context, module string) error
	// Delete takes names out of the session. The notes say what is gone with them.
	Delete(names []string) (notes []string, err error)
	// Mod is go mod in the session's module; without arguments it returns the
	// go.mod.
	Mod(ctx context.Context, args string) (string, error)
	// Values returns short texts of variables, or nothing where they cannot be had.
	Values(ctx context.Context, names []string) []string
	// Past lists the cells of this session that have run, Earlier those of earlier
	// sessions as well.
	Past() []cell.Past
	Earlier() ([]cell.Past, error)
	// Folder is where the cells run.
	Folder() string
	// Replace puts a text in place of the cell.
	Replace(text string)
	// Capture writes what the cell prints on standard output to a file as well, in place of
	// what it holds or, with adds, behind it.
	Capture(path string, adds bool) error
	// RunFile runs a Go file, or the cells of a notebook.
	RunFile(ctx context.Context, path string, out cell.Output) error
	// AutoImport says whether cells get packages that they do not import.
	AutoImport(on bool)
	// AutoPX says that cells run on engines from now on, or no longer, and reports which.
	AutoPX() bool
	// Restart ends the process that runs the cells and forgets the session's
	// declarations and values.
	Restart(ctx context.Context) error
	// Rerun runs the cells with these execution counts again, or without any all
	// that ran since the session began.
	Rerun(ctx context.Context, counts []Range, out cell.Output) error
	// Stale lists the cells whose last results used what has changed since, in the
	// order of the notebook.
	Stale() []Stale
	// Version describes the kernel and its Go toolchain.
	Version() string
}

// Name is a variable, function, type or constant of the session. Kind says
// which, Type is a variable's type or a function's signature.
type Name struct{ Name, Kind, Type string }

// Action is a magic that the kernel carries out before the cell runs.
type Action struct {
	magic *definition
	arg   string
	line  int // of the cell
}

// Do carries the action out. What it prints goes to out.
func (a Action) Do(ctx context.Context, k Kernel, out cell.Output) error {
	return a.magic.act(ctx, k, a.arg, out)
}

// definition is one magic. What it does is one of line, command and act; block
// is what it does as a cell magic.
type definition struct {
	name string
	// usage is how it is written, doc what it does, in one sentence.
	usage, doc string
	// options and takes are what may stand behind the name.
	options []option
	takes   Argument
	// reads says that it takes arguments which takes does not describe.
	reads bool
	// line returns the Go code of a line magic.
	line func(l *line) (string, *Error)
	// block returns the Go code around a cell's body: what replaces the first
	// line and what follows the last one.
	block func(l *line, body string) (head, tail string, err *Error)
	// code returns where in the line Go code begins, for the magics that take a
	// statement.
	code func(l *line) int
	// command is the name of the command that it is; block says whether it takes
	// a whole cell.
	command      string
	commandBlock bool
	// cell returns what a whole cell becomes.
	cell func(l *line, body string) (*Cell, *Error)
	act  func(ctx context.Context, k Kernel, arg string, out cell.Output) error
	// program reports whether a program that is made of the cells has what the line or the block is:
	// it is a comment there where this is nil or says no.
	program func(l *line) bool
}

// always is the program function of a magic that every program has.
func always(*line) bool { return true }

// line is a line of a cell with a magic on it.
type line struct {
	number int    // in the cell, 1-based
	text   string // without the line feed
	arg    int    // where what stands behind the magic's name begins
	last   bool   // no Go follows in the cell
	// assigns is the command whose output the line gives to a variable: x := !ls.
	assigns string
	// values are names in a line for the shell that the cell defines above.
	values map[string]bool
	// program says that the code is for a program: it needs no places, and measures nothing that
	// the cells do not use.
	program bool
}

// takesNothing returns an error where something stands behind the name of a magic
// that takes no arguments. It is better not to run it than to run it otherwise than
// was meant.
func (l *line) takesNothing(d *definition) *Error {
	text := withoutComment(l.rest())
	if d.reads || d.takes != Nothing || text == "" {
		return nil
	}
	return l.fail(l.arg, "this magic takes no arguments, and there is %q; %%help %s explains it", text, d.name)
}

// rest returns what stands behind the name.
func (l *line) rest() string { return l.text[l.arg:] }

// fail returns an error at a byte offset of the line.
func (l *line) fail(offset int, format string, args ...any) *Error {
	return &Error{Name: "UsageError", Line: l.number, Column: offset + 1, Message: fmt.Sprintf(format, args...)}
}

var table = map[string]*definition{}

func register(d *definition) { table[d.name] = d }

// Names lists the line magics and the cell magics as they are written, sorted.
func Names() (lines, cells []string) {
	for name, d := range table {
		if d.line != nil || d.act != nil || d.command != "" && !d.commandBlock {
			lines = append(lines, "%"+name)
		}
		if d.block != nil || d.commandBlock || d.cell != nil {
			cells = append(cells, "%%"+name)
		}
	}
	slices.Sort(lines)
	slices.Sort(cells)
	return lines, cells
}

// commandCode is the Go code that runs a command in its place.
func commandCode(name, arg string) string {
	return fmt.Sprintf("ᐧcommand.Run(%q, %s)", name, strconv.Quote(arg))
}

// elsewhere says what there is for magics that IPython has.
var elsewhere = map[string]string{
	"matplotlib": "figures are shown without one, and plots.Line(xs, ys) draws", "pylab": "figures are shown without one, and plots.Line(xs, ys) draws",
	"load_ext": "there are no extensions: what the kernel can do is there",
	"pip":      "import fetches a module, %get chooses its version", "conda": "import fetches a module, %get chooses its version",
	"debug": "there is no debugger; errors name the lines of cells", "pdb": "there is no debugger; errors name the lines of cells",
	"cython": "cells are compiled", "mprun": "%memit says what a statement allocates", "lprun": "%prun shows where time goes",
}

// nearest returns a hint at the magic that is most like the wrong name.
func nearest(name string, names []string) string {
	if hint, ok := elsewhere[name]; ok {
		return hint + "; %lsmagic lists all magics"
	}
	bare := make([]string, len(names))
	for i, n := range names {
		bare[i] = strings.TrimLeft(n, "%")
	}
	best := spell.Nearest(name, bare)
	if best == "" {
		return "%lsmagic lists all magics"
	}
	return "did you mean " + names[slices.Index(bare, best)] + "? %lsmagic lists all magics"
}
