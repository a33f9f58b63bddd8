package session

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/kernel/session/diag"
	"github.com/goparallel/goparallel/kernel/session/workspace"
)

// runFunc is the name of the function that holds a cell's statements while it is
// type-checked.
const runFunc = "ᐧrun"

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

// assemble puts the cell's chunks together and parses them.
func (c *compilation) assemble() (*assembled, []diag.Diagnostic) {
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
		if define, ok := c.promoted[i]; ok {
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
	fmt.Fprintf(&b, "import ᐧlive %q\nimport ᐧcommand %q\n", workspace.LivePath, workspace.CommandPath)
	if c.mentions["ᐧoverhead"] {
		fmt.Fprintf(&b, "import ᐧoverhead %q\n", workspace.OverheadPath)
	}
	for _, name := range slices.Sorted(maps.Keys(c.s.imports)) {
		if path := c.s.imports[name]; c.mentions[name] && !c.declares[name] {
			fmt.Fprintf(&b, "import %s %q\n", name, path)
		}
	}
	for _, name := range sortedKeys(c.auto) {
		fmt.Fprintf(&b, "import %s %q\n", name, c.auto[name])
	}
	for _, path := range c.s.dotImports {
		if !bytes.Contains(c.code, []byte(strconv.Quote(path))) { // the cell may import it again
			fmt.Fprintf(&b, "import . %q\n", path)
		}
	}
	for i, ch := range c.chunks {
		if ch.kind == importDecl {
			put(i)
		}
	}
	for i, ch := range c.chunks {
		_, promoted := c.promoted[i]
		switch {
		case ch.kind == importDecl, ch.kind == packageClause, c.kept[i]:
		case ch.kind != statement, promoted:
			put(i)
		}
	}
	b.WriteString("func " + runFunc + "() {\n")
	for i, ch := range c.chunks {
		if _, promoted := c.promoted[i]; ch.kind == statement && !promoted {
			put(i)
		}
	}
	b.WriteString(c.lineDirective(len(c.code)) + "}\n")

	src, errs := c.s.parse(b.Bytes())
	if errs != nil && (!c.tolerant || src == nil) {
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

// parse parses a file whose line directives name its cells. With errors it
// returns what it understood as well.
func (s *Session) parse(text []byte) (*source, []diag.Diagnostic) {
	file, err := parser.ParseFile(s.fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil, diag.OfParser(err)
	}
	adoptDirectives(file)
	src := &source{text: text, file: file, tok: s.fset.File(file.FileStart)}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		imp := importSpec{path: path}
		if spec.Name != nil {
			imp.name = spec.Name.Name
		}
		src.imports = append(src.imports, imp)
	}
	if err != nil {
		return src, diag.OfParser(err)
	}
	return src, nil
}

// chunkSyntax parses each chunk by itself, so that a mistake in one is not
// reported in the next.
func (c *compilation) chunkSyntax() []diag.Diagnostic {
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
		_, errs := c.s.parse([]byte(text))
		list = append(list, errs...)
	}
	return list
}

// lineDirective says that what follows is at the given offset of the cell.
func (c *compilation) lineDirective(offset int) string {
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

// directiveAt is lineDirective for a node that has been parsed before.
func (s *Session) directiveAt(pos token.Pos) string {
	p := s.fset.Position(pos)
	if p.Column == 0 { // unknown, below a //line without one
		return fmt.Sprintf("/*line %s:%d*/", p.Filename, p.Line)
	}
	return fmt.Sprintf("/*line %s:%d:%d*/", p.Filename, p.Line, p.Column)
}

// position returns line and byte column of an offset, both from 1.
func position(text []byte, offset int) (line, col int) {
	before := text[:offset]
	return 1 + bytes.Count(before, []byte("\n")), offset - bytes.LastIndexByte(before, '\n')
}

// words returns every word of a text; the identifiers are among them.
func words(code []byte) map[string]bool {
	names := make(map[string]bool)
	for _, word := range strings.FieldsFunc(string(code), func(r rune) bool {
		return r != '_' && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') && r < 0x80
	}) {
		names[word] = true
	}
	return names
}
