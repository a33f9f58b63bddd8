package syntax

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"runtime"
	"sort"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
)

// RunFunc is the name of the function that holds a cell's statements while it is
// type-checked.
const RunFunc = "ᐧrun"

// A Cell is the text of a cell, cut into its declarations and statements.
type Cell struct {
	// Key identifies the text; it is in the file names of line directives.
	Key    string
	Code   []byte
	Chunks []Chunk
	Words  map[string]bool // all words of the text
	// Arch is the architecture that the cell is compiled for, by which its build constraints hold.
	Arch string

	lines []int // where the lines of code begin
}

// NewCell cuts a text, of a cell for this machine.
func NewCell(key string, code []byte) *Cell {
	return &Cell{Key: key, Code: code, Chunks: Split(code), Words: words(code), Arch: runtime.GOARCH}
}

// A Place is where a chunk of the cell lies in the assembled text.
type Place struct{ Chunk, Start, End int }

// Assembled is a cell in the order that Go wants: imports, declarations, and a
// function with the statements. Line directives keep the user's positions.
type Assembled struct {
	*Source
	Run      *ast.FuncDecl
	Places   []Place  // in the order of the text
	Bodiless []string // functions that were declared without a body
}

// An Arrangement says how a cell is assembled.
type Arrangement struct {
	// Imports stand before those of the cell: a name, which can be ".", and a path.
	Imports []Import
	// Promoted are the statements that are declared at package level, by chunk: where
	// their := is.
	Promoted map[int]int
	// Kept are the chunks that are left out, because what they declare stands already.
	Kept map[int]bool
	// Tolerant goes on with what can be parsed.
	Tolerant bool
}

// Assemble puts the cell's chunks together and parses them. Positions go to fset. Where the text
// does not parse, the diagnostics say why, and there is an Assembled only if how is tolerant.
func (c *Cell) Assemble(fset *token.FileSet, how Arrangement) (*Assembled, []diag.Diagnostic) {
	var b bytes.Buffer
	a := &Assembled{}
	put := func(i int) {
		ch := c.Chunks[i]
		b.WriteString(c.lineDirective(ch.Start))
		text := c.Code[ch.Start:ch.End]
		if bytes.HasPrefix(text, []byte("//line ")) { // which counts at the beginning of a line only
			b.WriteByte('\n')
		}
		at := b.Len()
		if define, ok := how.Promoted[i]; ok {
			// x := f() is checked as var x = f(), since a declaration refers to x.
			b.WriteString("var ")
			b.Write(text[:define])
			b.WriteString(" =")
			b.Write(text[define+2:])
		} else if i == len(c.Chunks)-1 && isExprList(ch, text) {
			b.WriteString("ᐧlive.Show(")
			b.Write(text)
			b.WriteString(")")
		} else {
			b.Write(text)
		}
		if name := bodiless(ch, text); name != "" {
			// Go leaves such a function to an assembler; notebooks of gophernotes
			// write one to show a signature.
			fmt.Fprintf(&b, " { panic(%q) }", name+" was declared without a body")
			a.Bodiless = append(a.Bodiless, name)
		}
		a.Places = append(a.Places, Place{i, at, b.Len()})
		b.WriteByte('\n')
	}
	b.WriteString("package main\n")
	for _, imp := range how.Imports {
		fmt.Fprintf(&b, "import %s %q\n", imp.Name, imp.Path)
	}
	for i, ch := range c.Chunks {
		if ch.Kind == ImportDecl {
			put(i)
		}
	}
	for i, ch := range c.Chunks {
		_, promoted := how.Promoted[i]
		switch {
		case ch.Kind == ImportDecl, ch.Kind == PackageClause, how.Kept[i]:
		case ch.Kind != Statement, promoted:
			put(i)
		}
	}
	b.WriteString("func " + RunFunc + "() {\n")
	for i, ch := range c.Chunks {
		if _, promoted := how.Promoted[i]; ch.Kind == Statement && !promoted {
			put(i)
		}
	}
	b.WriteString(c.lineDirective(len(c.Code)) + "}\n")

	src, errs := Parse(fset, b.Bytes())
	if errs != nil && (!how.Tolerant || src == nil) {
		return nil, errs
	}
	a.Source = src
	for _, d := range src.File.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == RunFunc {
			a.Run = f
		}
	}
	return a, nil
}

// PlaceAt returns the chunk that a position lies in; its number is -1 where there is
// none.
func (a *Assembled) PlaceAt(pos token.Pos) Place {
	at := a.Offset(pos)
	i := sort.Search(len(a.Places), func(i int) bool { return a.Places[i].End > at })
	if i == len(a.Places) || at < a.Places[i].Start {
		return Place{Chunk: -1}
	}
	return a.Places[i]
}

// bodiless returns the name of a function that is declared without a body, or "".
func bodiless(ch Chunk, text []byte) string {
	if ch.Kind != FuncDecl {
		return ""
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p; "+string(text), parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return ""
	}
	if f, ok := file.Decls[0].(*ast.FuncDecl); ok && f.Body == nil {
		return f.Name.Name
	}
	return ""
}

// isExprList reports whether a statement is a list of expressions: a, b. At the
// end of a cell all their values are shown.
func isExprList(ch Chunk, text []byte) bool {
	if ch.Kind != Statement || ch.Semicolon || !bytes.ContainsRune(text, ',') {
		return false
	}
	if _, err := parser.ParseExpr(string(text)); err == nil {
		return false
	}
	call, err := parser.ParseExpr("f(" + string(text) + ")")
	list, ok := call.(*ast.CallExpr)
	return err == nil && ok && len(list.Args) > 1 && !list.Ellipsis.IsValid()
}

// Mistakes parses each chunk by itself, so that a mistake in one is not
// reported in the next.
func (c *Cell) Mistakes(fset *token.FileSet) []diag.Diagnostic {
	var list []diag.Diagnostic
	for _, ch := range c.Chunks {
		text := string(c.Code[ch.Start:ch.End])
		switch ch.Kind {
		case PackageClause:
			continue
		case Statement:
			text = "package p; func _() {" + c.lineDirective(ch.Start) + text + "\n" + c.lineDirective(ch.End) + "}"
		default:
			text = "package p; " + c.lineDirective(ch.Start) + text + "\n"
		}
		_, errs := Parse(fset, []byte(text))
		list = append(list, errs...)
	}
	return list
}

// lineDirective says that what follows is at the given offset of the cell.
func (c *Cell) lineDirective(offset int) string {
	if c.lines == nil {
		c.lines = []int{0}
		for i, b := range c.Code {
			if b == '\n' {
				c.lines = append(c.lines, i+1)
			}
		}
	}
	line := sort.SearchInts(c.lines, offset+1)
	return fmt.Sprintf("/*line %s%s:%d:%d*/", diag.FilePrefix, c.Key, line, offset-c.lines[line-1]+1)
}
