package syntax

import (
	"go/ast"
	"go/token"
	"slices"
	"sort"
	"strings"
)

// Escapes is the compiler directive that keeps alive what the uintptr arguments
// of a call point to.
const Escapes = "//go:uintptrescapes"

// Embeds is the directive that fills a variable with files. Its patterns are those
// of Go, below the notebook's folder. The unit has the files in a variable of its
// own, which the statements copy to the session's.
const Embeds = "//go:embed"

// passed are the compiler directives that mean something in a cell.
var passed = []string{"//go:noinline", "//go:norace", "//go:nocheckptr", "//go:registerparams", Escapes}

const (
	MisplacedMessage = "misplaced compiler directive"
	MisplacedHint    = "a directive stands on a line of its own, above the function or, //go:embed, the top-level variable that it is for"
)

// Pragmas returns the compiler directives above a function, each in a line of
// its own. They are in its comment, and so outside its node.
func Pragmas(n ast.Node) string {
	text := ""
	for _, c := range PragmaComments(n) {
		text += c.Text + "\n"
	}
	if text != "" {
		text = "\n" + text
	}
	return text
}

// StartOf returns where a declaration begins, compiler directives included.
func StartOf(n ast.Node) token.Pos {
	if list := PragmaComments(n); len(list) > 0 {
		return list[0].Pos()
	}
	return n.Pos()
}

// PragmaComments are the comments above a function that are directives which mean something in
// a cell.
func PragmaComments(n ast.Node) (list []*ast.Comment) {
	if f, ok := n.(*ast.FuncDecl); ok && f.Doc != nil {
		for _, c := range f.Doc.List {
			if slices.Contains(passed, strings.TrimSpace(c.Text)) {
				list = append(list, c)
			}
		}
	}
	return list
}

// adoptDirectives makes the directives before each function part of its comment,
// also where blank lines or other comments stand in between, as the compiler has
// it.
func adoptDirectives(file *ast.File) {
	for i, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		after := file.Name.End()
		if i > 0 {
			after = file.Decls[i-1].End()
		}
		var all []*ast.Comment
		for _, c := range DirectivesBetween(file, after, f.Pos()) {
			if f.Doc == nil || c.Pos() < f.Doc.Pos() {
				all = append(all, c)
			}
		}
		if len(all) > 0 && f.Doc == nil {
			f.Doc = &ast.CommentGroup{}
		}
		if len(all) > 0 {
			f.Doc = &ast.CommentGroup{List: append(all, f.Doc.List...)}
		}
	}
}

// DirectivesBetween lists the compiler directives between two positions.
func DirectivesBetween(file *ast.File, after, before token.Pos) (list []*ast.Comment) {
	first := sort.Search(len(file.Comments), func(i int) bool { return file.Comments[i].End() > after })
	for _, group := range file.Comments[first:] {
		if group.Pos() >= before {
			break
		}
		for _, c := range group.List {
			if IsDirective(c.Text) {
				list = append(list, c)
			}
		}
	}
	return list
}
