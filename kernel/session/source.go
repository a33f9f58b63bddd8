package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"

	"github.com/goparallel/goparallel/kernel/session/diag"
)

// A source is one parsed file: a cell as it was assembled for the type checker,
// or declarations of earlier cells that are compiled again beside it.
type source struct {
	// text is what was parsed; positions of file are offsets in it.
	text []byte
	file *ast.File
	tok  *token.File
	// imports are the import declarations in force in the file.
	imports []importSpec
}

// offset returns the place of pos in text.
func (s *source) offset(pos token.Pos) int { return s.tok.Offset(pos) }

// slice returns the text of a node.
func (s *source) slice(n ast.Node) string {
	return string(s.text[s.offset(n.Pos()):s.offset(n.End())])
}

// An importSpec is one import: the local name as written, or "", and the path.
type importSpec struct{ name, path string }

// parse parses a file whose line directives name its cells. With errors it
// returns what it understood as well.
func parse(fset *token.FileSet, text []byte) (*source, []diag.Diagnostic) {
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if file == nil {
		return nil, diag.OfParser(err)
	}
	adoptDirectives(file)
	src := &source{text: text, file: file, tok: fset.File(file.FileStart)}
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

// directiveAt is LineDirective for a node that has been parsed before.
func directiveAt(fset *token.FileSet, pos token.Pos) string {
	p := fset.Position(pos)
	if p.Column == 0 { // unknown, below a //line without one
		return fmt.Sprintf("/*line %s:%d*/", p.Filename, p.Line)
	}
	return fmt.Sprintf("/*line %s:%d:%d*/", p.Filename, p.Line, p.Column)
}
