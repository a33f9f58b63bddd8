package session

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"sort"

	"github.com/goparallel/goparallel/kernel/session/diag"
)

// runFunc is the name of the function that holds a cell's statements while it is
// type-checked.
const runFunc = "ᐧrun"

// A sourceCell is the text of a cell, cut into its declarations and statements.
type sourceCell struct {
	// key identifies the text; it is in the file names of line directives.
	key    string
	code   []byte
	chunks []chunk
	words  map[string]bool // all words of the text

	lines []int // where the lines of code begin
}

// newCell cuts a text.
func newCell(key string, code []byte) *sourceCell {
	return &sourceCell{key: key, code: code, chunks: split(code), words: words(code)}
}

// A place is where a chunk of the cell lies in the assembled text.
type place struct{ chunk, start, end int }

// assembled is a cell in the order that Go wants: imports, declarations, and a
// function with the statements. Line directives keep the user's positions.
type assembled struct {
	*source
	run      *ast.FuncDecl
	places   []place  // in the order of the text
	bodiless []string // functions that were declared without a body
}

// An arrangement says how a cell is assembled.
type arrangement struct {
	// imports stand before those of the cell: a name, which can be ".", and a path.
	imports []importSpec
	// promoted are the statements that are declared at package level, by chunk: where
	// their := is.
	promoted map[int]int
	// kept are the chunks that are left out, because what they declare stands already.
	kept map[int]bool
	// tolerant goes on with what can be parsed.
	tolerant bool
}

// assemble puts the cell's chunks together and parses them.
func (c *sourceCell) assemble(fset *token.FileSet, how arrangement) (*assembled, []diag.Diagnostic) {
	var b bytes.Buffer
	a := &assembled{}
	put := func(i int) {
		ch := c.chunks[i]
		b.WriteString(c.lineDirective(ch.start))
		text := c.code[ch.start:ch.end]
		if bytes.HasPrefix(text, []byte("//line ")) { // which counts at the beginning of a line only
			b.WriteByte('\n')
		}
		at := b.Len()
		if define, ok := how.promoted[i]; ok {
			// x := f() is checked as var x = f(), since a declaration refers to x.
			b.WriteString("var ")
			b.Write(text[:define])
			b.WriteString(" =")
			b.Write(text[define+2:])
		} else if i == len(c.chunks)-1 && isExprList(ch, text) {
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
			a.bodiless = append(a.bodiless, name)
		}
		a.places = append(a.places, place{i, at, b.Len()})
		b.WriteByte('\n')
	}
	b.WriteString("package main\n")
	for _, imp := range how.imports {
		fmt.Fprintf(&b, "import %s %q\n", imp.name, imp.path)
	}
	for i, ch := range c.chunks {
		if ch.kind == importDecl {
			put(i)
		}
	}
	for i, ch := range c.chunks {
		_, promoted := how.promoted[i]
		switch {
		case ch.kind == importDecl, ch.kind == packageClause, how.kept[i]:
		case ch.kind != statement, promoted:
			put(i)
		}
	}
	b.WriteString("func " + runFunc + "() {\n")
	for i, ch := range c.chunks {
		if _, promoted := how.promoted[i]; ch.kind == statement && !promoted {
			put(i)
		}
	}
	b.WriteString(c.lineDirective(len(c.code)) + "}\n")

	src, errs := parse(fset, b.Bytes())
	if errs != nil && (!how.tolerant || src == nil) {
		return nil, errs
	}
	a.source = src
	for _, d := range src.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == runFunc {
			a.run = f
		}
	}
	return a, nil
}

// placeAt returns the chunk that a position lies in; its number is -1 where there is
// none.
func (a *assembled) placeAt(pos token.Pos) place {
	at := a.offset(pos)
	i := sort.Search(len(a.places), func(i int) bool { return a.places[i].end > at })
	if i == len(a.places) || at < a.places[i].start {
		return place{chunk: -1}
	}
	return a.places[i]
}

// bodiless returns the name of a function that is declared without a body, or "".
func bodiless(ch chunk, text []byte) string {
	if ch.kind != funcDecl {
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
func isExprList(ch chunk, text []byte) bool {
	if ch.kind != statement || ch.semicolon || !bytes.ContainsRune(text, ',') {
		return false
	}
	if _, err := parser.ParseExpr(string(text)); err == nil {
		return false
	}
	call, err := parser.ParseExpr("f(" + string(text) + ")")
	list, ok := call.(*ast.CallExpr)
	return err == nil && ok && len(list.Args) > 1 && !list.Ellipsis.IsValid()
}

// mistakes parses each chunk by itself, so that a mistake in one is not
// reported in the next.
func (c *sourceCell) mistakes(fset *token.FileSet) []diag.Diagnostic {
	var list []diag.Diagnostic
	for _, ch := range c.chunks {
		text := string(c.code[ch.start:ch.end])
		switch ch.kind {
		case packageClause:
			continue
		case statement:
			text = "package p; func _() {" + c.lineDirective(ch.start) + text + "\n" + c.lineDirective(ch.end) + "}"
		default:
			text = "package p; " + c.lineDirective(ch.start) + text + "\n"
		}
		_, errs := parse(fset, []byte(text))
		list = append(list, errs...)
	}
	return list
}

// lineDirective says that what follows is at the given offset of the cell.
func (c *sourceCell) lineDirective(offset int) string {
	if c.lines == nil {
		c.lines = []int{0}
		for i, b := range c.code {
			if b == '\n' {
				c.lines = append(c.lines, i+1)
			}
		}
	}
	line := sort.SearchInts(c.lines, offset+1)
	return fmt.Sprintf("/*line %s%s:%d:%d*/", diag.FilePrefix, c.key, line, offset-c.lines[line-1]+1)
}
