package program

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/command"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
)

// Magics are calls of package command in a cell. A program has functions of its own instead, which need
// nothing but Go's library: the file magics.go has those that its cells use.

//go:embed magics.go.txt
var magicsText string

// magicFunctions are the names that functions of package command have there, and those of its commands.
var magicFunctions = map[string]string{
	"Output": "commandLines", "Join": "joinText", "CaptureBegin": "captureBegin", "TimeitValue": "timeit",
	"shell": "shell", "bash": "bash", "sh": "sh", "script": "script", "writefile": "writeFile",
	"cd": "changeDir", "pwd": "showDir", "env": "environment", "args": "setArgs", "capture": "captureFile",
}

// magicsImports are the names of the packages that magics.go imports.
var magicsImports = []string{"errors", "fmt", "io", "os", "exec", "filepath", "regexp", "slices", "strings", "syscall", "time", "parallel"}

// timingNames are the names of the variables that magics use, and those that they get here.
var timingNames = map[string]string{"ᐧn": "loops", "ᐧt": "begin"}

// commandMark stands for package command in the text of a type, and ofCommand is a type of it.
const commandMark = "ᐧcommand"

var ofCommand = regexp.MustCompile(commandMark + `\.\w+`)

// magic returns the name that something of magics.go has in the program, which has it from now on.
func (w *programWriter) magic(name string) string {
	if w.magics[name] == "" {
		if w.magics == nil {
			w.magics = make(map[string]string)
		}
		w.magics[name] = w.free(name)
	}
	return w.magics[name]
}

// magicEdits write what magics have left between two places of a cell as the program has it.
func (w *programWriter) magicEdits(c *programCell, start, end int) (edits []syntax.Edit) {
	src := c.c.Parsed.Source
	change := func(from, to token.Pos, text string) {
		if from, to := src.Offset(from), src.Offset(to); from >= start && to <= end {
			edits = append(edits, syntax.Edit{Start: from, End: to, Text: text})
		}
	}
	ast.Inspect(src.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch commandName(n.Fun) {
			case "Run":
				name, _ := strconv.Unquote(src.Slice(n.Args[0]))
				before, after := "", ""
				if name == "capture" {
					before, after = "defer ", "()"
				}
				change(n.Pos(), n.Args[1].Pos(), before+w.magic(magicFunctions[name])+"(")
				change(n.End(), n.End(), after)
				if lit, ok := n.Args[1].(*ast.BasicLit); ok {
					change(lit.Pos(), lit.End(), readable(lit.Value))
				}
				return true
			case "CaptureBegin":
				w.magic("captureEnd")
				w.magic("captureValue")
			case "TimeitValue":
				text, _ := strconv.Unquote(src.Slice(n.Args[0]))
				change(n.Args[0].Pos(), n.Args[0].End(), w.timeitOptions(c, text))
			}
		case *ast.SelectorExpr:
			if name := commandName(n); name != "" && name != "Run" {
				change(n.Pos(), n.End(), w.magic(magicFunctions[name]))
			} else if src.Slice(n.X) == "ᐧlive" && slices.Contains([]string{"Duration", "Now", "Since"}, n.Sel.Name) {
				c.imports["time"] = "time"
				change(n.Pos(), n.End(), "time."+n.Sel.Name)
			}
		case *ast.Ident:
			if name := timingNames[n.Name]; name != "" {
				change(n.Pos(), n.End(), name)
			}
		case *ast.BlockStmt:
			loop, once := runsOnce(n)
			if once {
				change(n.Pos(), loop.Body.List[0].Pos(), "")
				change(loop.Body.List[len(loop.Body.List)-1].End(), n.End(), "")
			}
		case *ast.RangeStmt:
			if syntax.IsTimingLoop(n) {
				for _, stmt := range n.Body.List {
					change(stmt.Pos(), stmt.Pos(), unused(c.c.Result.Info, stmt))
				}
			}
		}
		return true
	})
	// What stands in a block that goes, but for its statement, goes with it.
	return slices.DeleteFunc(edits, func(e syntax.Edit) bool {
		return slices.ContainsFunc(edits, func(o syntax.Edit) bool {
			return o != e && o.Text == "" && o.Start <= e.Start && e.End <= o.End && e.Start < e.End
		})
	})
}

// commandName returns the name of something of package command, or nothing.
func commandName(e ast.Expr) string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if id, ok := sel.X.(*ast.Ident); ok && id.Name == commandMark {
		return sel.Sel.Name
	}
	return ""
}

// runsOnce reports whether a block is that of a magic which runs a statement one time.
func runsOnce(b *ast.BlockStmt) (loop *ast.RangeStmt, ok bool) {
	if len(b.List) != 2 {
		return nil, false
	}
	first, ok := b.List[0].(*ast.AssignStmt)
	if !ok || len(first.Lhs) != 1 {
		return nil, false
	}
	loop, ok = b.List[1].(*ast.RangeStmt)
	return loop, ok && syntax.IsTimingLoop(loop) && len(loop.Body.List) > 0
}

// unused is what stands before an expression that is run for nothing but its time.
func unused(info *types.Info, stmt ast.Stmt) string {
	e, ok := stmt.(*ast.ExprStmt)
	if !ok || !info.Types[e.X].IsValue() {
		return ""
	}
	results, ok := info.Types[e.X].Type.(*types.Tuple)
	if !ok {
		return "_ = "
	}
	return strings.Repeat("_, ", results.Len()-1) + "_ = "
}

// timeitOptions is what the program gives timeit for the options of %timeit.
func (w *programWriter) timeitOptions(c *programCell, text string) string {
	args, _, _ := command.ParseTimeit(text) // which the magic has checked
	var fields []string
	for _, f := range []struct {
		name  string
		value int
	}{{"Loops", args.Loops}, {"Repeat", args.Repeat}, {"Precision", args.Precision}} {
		if f.value > 0 {
			fields = append(fields, fmt.Sprintf("%s: %d", f.name, f.value))
		}
	}
	if args.CPU {
		w.notes = append(w.notes, fmt.Sprintf("%%timeit -c of cell[%d] measures the time that passes in the program, and not the processor's", c.count))
	}
	c.imports["parallel"] = workspace.ParallelPath
	return fmt.Sprintf("parallel.TimeitOptions{%s}, %t", strings.Join(fields, ", "), args.Quiet)
}

// readable writes a text of several lines between back quotes where that is possible.
func readable(quoted string) string {
	text, err := strconv.Unquote(quoted)
	if err != nil || !strings.Contains(text, "\n") || !strconv.CanBackquote(strings.ReplaceAll(text, "\n", "")) {
		return quoted
	}
	return "`" + text + "`"
}

// magicsFile writes what the program's cells use of magics.go, with what that needs in turn.
func (w *programWriter) magicsFile() (string, error) {
	if w.magics == nil {
		return "", nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "magics.go", magicsText, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	declares := make(map[string][]ast.Decl)
	for _, d := range file.Decls {
		if name := declared(d); name != "" {
			declares[name] = append(declares[name], d)
		}
	}
	imports := make(map[string]bool)
	for next := slices.Sorted(maps.Keys(w.magics)); len(next) > 0; next = next[1:] {
		for _, d := range declares[next[0]] {
			ast.Inspect(d, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					if id, ok := sel.X.(*ast.Ident); ok {
						imports[id.Name] = true
					}
				}
				if id, ok := n.(*ast.Ident); ok && declares[id.Name] != nil && w.magics[id.Name] == "" {
					next = append(next, id.Name)
					w.magic(id.Name)
				}
				return true
			})
		}
	}
	var b strings.Builder
	b.WriteString("package main\n\n")
	for _, imp := range file.Imports {
		if p, _ := strconv.Unquote(imp.Path.Value); imports[path.Base(p)] {
			fmt.Fprintf(&b, "import %q\n", p)
		}
	}
	for _, d := range file.Decls {
		if w.magics[declared(d)] == "" {
			continue
		}
		text := magicsText[fset.Position(begin(d)).Offset:fset.Position(d.End()).Offset]
		b.WriteString("\n" + words.ReplaceAllStringFunc(text, func(word string) string {
			if name := w.magics[word]; name != "" {
				return name
			}
			return word
		}) + "\n")
	}
	return b.String(), nil
}

// words are names that stand alone or before a dot, and no fields.
var words = regexp.MustCompile(`\b[\pL_][\pL\d_]*\b`)

// declared is the name of what a declaration declares, or of the receiver's type of a method.
func declared(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name
		}
		t := d.Recv.List[0].Type
		if star, ok := t.(*ast.StarExpr); ok {
			t = star.X
		}
		return t.(*ast.Ident).Name
	case *ast.GenDecl:
		switch s := d.Specs[0].(type) {
		case *ast.TypeSpec:
			return s.Name.Name
		case *ast.ValueSpec:
			return s.Names[0].Name
		}
	}
	return ""
}

// begin is where a declaration begins, with its comment.
func begin(d ast.Decl) token.Pos {
	doc := (*ast.CommentGroup)(nil)
	switch d := d.(type) {
	case *ast.FuncDecl:
		doc = d.Doc
	case *ast.GenDecl:
		doc = d.Doc
	}
	if doc != nil {
		return doc.Pos()
	}
	return d.Pos()
}
