package notebook

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// The tags by which papermill, too, knows the cell that declares a notebook's parameters and
// the one that was put below it to set them.
const (
	parametersTag = "parameters"
	injectedTag   = "injected-parameters"
)

// A Parameter sets a variable, or a constant, of the cell that is tagged parameters.
type Parameter struct {
	// Name is what the cell declares.
	Name string
	// Value is a Go expression, in whose place it could stand in an assignment.
	Value string
}

// setParameters puts a cell behind the one that is tagged parameters, which sets them. One
// that an earlier run has put there is replaced. The compiler checks the types, by the
// variables' declarations.
func (d *document) setParameters(list []Parameter) error {
	d.cells = slices.DeleteFunc(d.cells, func(c object) bool { return hasTag(c, injectedTag) })
	at := slices.IndexFunc(d.cells, func(c object) bool { return c["cell_type"] == "code" && hasTag(c, parametersTag) })
	if at < 0 {
		return fmt.Errorf("the notebook takes no parameters: none of its code cells is tagged %s", parametersTag)
	}
	declared, err := declarations(source(d.cells[at]))
	if err != nil {
		return fmt.Errorf("the cell tagged %s, cell %d of the notebook, is not understood: %w", parametersTag, at+1, err)
	}
	var code strings.Builder
	code.WriteString("// Parameters\n")
	for _, p := range list {
		kind := declared[p.Name]
		switch {
		case kind == token.ILLEGAL:
			return fmt.Errorf("the notebook has no parameter %s; its cell tagged %s declares %s", p.Name, parametersTag, names(declared))
		case kind == token.CONST:
			code.WriteString("const ")
		}
		if _, err := parser.ParseExpr(p.Value); err != nil {
			return fmt.Errorf("the value of parameter %s, %s, is no Go expression", p.Name, p.Value)
		}
		fmt.Fprintf(&code, "%s = %s\n", p.Name, p.Value)
	}
	cell := object{"cell_type": "code", "execution_count": nil, "metadata": object{"tags": []any{injectedTag}}, "outputs": []any{},
		"source": lines(strings.TrimSuffix(code.String(), "\n"))}
	minor, _ := d.root["nbformat_minor"].(json.Number)
	if n, err := minor.Int64(); err == nil && n >= 5 {
		cell["id"] = strings.ToLower(rand.Text()[:8])
	}
	d.cells = slices.Insert(d.cells, at+1, cell)
	all := make([]any, len(d.cells))
	for i, c := range d.cells {
		all[i] = c
	}
	d.root["cells"] = all
	return nil
}

// declarations returns the variables and constants that a cell declares at its top level,
// each with the token of its declaration.
func declarations(code string) (map[string]token.Token, error) {
	// In a function, declarations and statements may follow one another as in a cell.
	file, err := parser.ParseFile(token.NewFileSet(), "cell", "package p; func _() {\n"+code+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	declared := make(map[string]token.Token)
	for _, s := range file.Decls[0].(*ast.FuncDecl).Body.List {
		switch s := s.(type) {
		case *ast.AssignStmt:
			for _, left := range s.Lhs {
				if id, ok := left.(*ast.Ident); ok && s.Tok == token.DEFINE {
					declared[id.Name] = token.VAR
				}
			}
		case *ast.DeclStmt:
			d := s.Decl.(*ast.GenDecl)
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						declared[id.Name] = d.Tok
					}
				}
			}
		}
	}
	return declared, nil
}

func names(declared map[string]token.Token) string {
	if len(declared) == 0 {
		return "nothing"
	}
	var list []string
	for name := range declared {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
