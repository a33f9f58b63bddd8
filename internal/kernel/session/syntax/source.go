package syntax

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
)

// A Source is one parsed file: a cell as it was assembled for the type checker,
// or declarations of earlier cells that are compiled again beside it.
type Source struct {
	// Text is what was parsed; positions of file are offsets in it.
	Text []byte
	File *ast.File
	Tok  *token.File
	// Imports are the import declarations in force in the file.
	Imports []Import
}

// Offset returns the place of pos in text.
func (s *Source) Offset(pos token.Pos) int { return s.Tok.Offset(pos) }

// Slice returns the text of a node.
func (s *Source) Slice(n ast.Node) string {
	return string(s.Text[s.Offset(n.Pos()):s.Offset(n.End())])
}

// An Import is one import: the local name as written, or "", and the path.
type Import struct{ Name, Path string }

// Parse parses a file whose line directives name its cells. With errors it
// returns what it understood as well.
func Parse(fset *token.FileSet, text []byte) (*Source, []diag.Diagnostic) {
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil, diag.OfParser(err)
	}
	adoptDirectives(file)
	balance(file)
	src := &Source{Text: text, File: file, Tok: fset.File(file.FileStart)}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		imp := Import{Path: path}
		if spec.Name != nil {
			imp.Name = spec.Name.Name
		}
		src.Imports = append(src.Imports, imp)
	}
	if err != nil {
		return src, diag.OfParser(err)
	}
	return src, nil
}

// DirectiveAt is LineDirective for a node that has been parsed before.
func DirectiveAt(fset *token.FileSet, pos token.Pos) string {
	p := fset.Position(pos)
	if p.Column == 0 { // unknown, below a //line without one
		return fmt.Sprintf("/*line %s:%d*/", p.Filename, p.Line)
	}
	return fmt.Sprintf("/*line %s:%d:%d*/", p.Filename, p.Line, p.Column)
}
