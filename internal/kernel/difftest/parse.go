package difftest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// readStatement tells whether a statement defines variables.
func readStatement(text string) line {
	const head = "package p; func _() {\n"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", head+text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return line{text: text} // the check of the whole cell says so
	}
	assign, ok := file.Decls[0].(*ast.FuncDecl).Body.List[0].(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE {
		return line{text: text}
	}
	at := fset.Position(assign.TokPos).Offset - len(head)
	l := line{text: text, define: ":=", value: strings.TrimSpace(text[at+2:])}
	for _, e := range assign.Lhs {
		l.names = append(l.names, e.(*ast.Ident).Name)
	}
	return l
}

// readDeclaration reads one declaration, and the initial value of a variable.
func readDeclaration(text string) (*decl, string, error) {
	const head = "package p\n"
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", head+text, parser.SkipObjectResolution)
	if err != nil || len(file.Decls) != 1 {
		return nil, "", errUnmodelled
	}
	d := &decl{text: text}
	switch node := file.Decls[0].(type) {
	case *ast.FuncDecl:
		d.kind, d.names = token.FUNC, []string{node.Name.Name}
		if node.Type.TypeParams == nil {
			d.head = text[:fset.Position(node.Body.Lbrace).Offset-len(head)]
		}
		if node.Recv != nil {
			t := node.Recv.List[0].Type
			if p, ok := t.(*ast.StarExpr); ok {
				t = p.X
			}
			switch x := t.(type) {
			case *ast.IndexExpr:
				t, d.head = x.X, ""
			case *ast.IndexListExpr:
				t, d.head = x.X, ""
			}
			d.recv = t.(*ast.Ident).Name
		}
	case *ast.GenDecl:
		d.kind = node.Tok
		for _, spec := range node.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				d.names = append(d.names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					d.names = append(d.names, id.Name)
				}
				if d.kind == token.VAR && len(spec.Values) > 0 {
					return d, text[fset.Position(spec.Values[0].Pos()).Offset-len(head) : fset.Position(spec.Values[len(spec.Values)-1].End()).Offset-len(head)], nil
				}
			}
		}
	}
	return d, "", nil
}
