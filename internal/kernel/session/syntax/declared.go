package syntax

import (
	"go/ast"
	"go/token"
)

// A Declared is a name that a cell's text declares, before its type is known.
type Declared struct {
	Name  string
	Kind  Kind
	Recv  string   // base type of a method
	Node  ast.Node // *ast.FuncDecl, *ast.TypeSpec, *ast.ValueSpec, or the *ast.GenDecl of a constant's group
	Ident *ast.Ident
	Src   *Source
	Text  string
	Chunk int // -1 for a declaration taken over from an earlier cell
}

// FullName is the name, of a method behind its type's and a period.
func (d *Declared) FullName() string {
	if d.Recv != "" {
		return d.Recv + "." + d.Name
	}
	return d.Name
}

// Declarations lists what a parsed file declares at top level, but the function of
// the cell's statements. chunkOf tells the chunk that a position lies in.
func Declarations(src *Source, chunkOf func(token.Pos) int) []*Declared {
	var list []*Declared
	add := func(d Declared) {
		d.Src, d.Chunk = src, chunkOf(d.Ident.Pos())
		if d.Node != nil && d.Text == "" {
			d.Text = Pragmas(d.Node) + src.Slice(d.Node)
		}
		list = append(list, &d)
	}
	for _, node := range src.File.Decls {
		switch node := node.(type) {
		case *ast.FuncDecl:
			if node.Name.Name == RunFunc && node.Recv == nil {
				continue
			}
			add(Declared{Name: node.Name.Name, Kind: FuncDecl, Recv: ReceiverBase(node), Node: node, Ident: node.Name})
		case *ast.GenDecl:
			group := "" // of constants
			if node.Tok == token.CONST {
				group = Pragmas(node) + src.Slice(node)
			}
			for _, spec := range node.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(Declared{Name: spec.Name.Name, Kind: TypeDecl, Node: spec, Ident: spec.Name})
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						if node.Tok == token.CONST {
							// iota and repetition make a group one thing.
							add(Declared{Name: id.Name, Kind: ConstDecl, Node: node, Ident: id, Text: group})
						} else {
							add(Declared{Name: id.Name, Kind: VarDecl, Node: spec, Ident: id})
						}
					}
				}
			}
		}
	}
	return list
}

// ReceiverBase returns the type name of a method's receiver, or "".
func ReceiverBase(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return ""
	}
	t := f.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
