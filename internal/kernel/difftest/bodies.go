package difftest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A choice is a method of a version of a generic type. It calls the newest of the bodies that the method has
// had in versions of the same kind, by its number: no variable of a program holds a generic function.
type choice struct {
	number, header, result string
	args                   []string
}

// A chosenBody is one of those, which is made for the types of its version.
type chosenBody struct {
	name string
	in   []string
}

// writeChoices writes the methods that choose among all bodies that they have had.
func (m *model) writeChoices() string {
	var b strings.Builder
	for _, c := range m.chosen {
		fmt.Fprintf(&b, "%s {\n\tswitch %s {\n", c.header, c.number)
		for i, body := range m.bodies[c.number] {
			var args []string
			for k, arg := range c.args {
				args = append(args, fmt.Sprintf("carry.As[%s](%s)", body.in[k], arg))
			}
			call := body.name + "(" + strings.Join(args, ", ") + ")"
			if c.result != "" {
				call = fmt.Sprintf("return carry.As[%s](%s)", c.result, call)
			}
			fmt.Fprintf(&b, "\tcase %d:\n\t\t%s\n", i+1, call)
		}
		b.WriteString("\tdefault:\n\t\tpanic(\"no body\")\n\t}\n}\n")
	}
	return b.String()
}

// typeParameters are those of a generic type, as a method of it has them, "" for others.
func typeParameters(pkg *types.Package, d *decl, fn *ast.FuncDecl) string {
	t := fn.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	var names []ast.Expr
	switch t := t.(type) {
	case *ast.IndexExpr:
		names = []ast.Expr{t.Index}
	case *ast.IndexListExpr:
		names = t.Indices
	default:
		return ""
	}
	params := pkg.Scope().Lookup(d.recv).Type().(*types.Named).TypeParams()
	var list []string
	for i, name := range names {
		list = append(list, name.(*ast.Ident).Name+" "+typeText(params.At(i).Constraint()))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// parseFunction parses the text of a function or a method. Parts of the text are between positions.
func parseFunction(text string) (fn *ast.FuncDecl, part func(from, to token.Pos) string) {
	const head = "package p\n"
	file, err := parser.ParseFile(token.NewFileSet(), "", head+text, parser.SkipObjectResolution)
	if err != nil {
		panic(fmt.Sprintf("%v in\n%s", err, text))
	}
	return file.Decls[0].(*ast.FuncDecl), func(from, to token.Pos) string {
		return text[int(from)-1-len(head) : int(to)-1-len(head)]
	}
}

// writeBody writes a body of a function or a method, whose text has the program's
// names, and returns the statement that makes it the newest.
func (m *model) writeBody(pkg *types.Package, d *decl, text string, isNew bool) string {
	fn, part := parseFunction(text)
	place := m.symbol(d.names[0])
	var params, in, args []string
	add := func(list *ast.FieldList, name string, collect func(name, typ string)) {
		for i, field := range list.List {
			for k := range max(1, len(field.Names)) {
				collect(fmt.Sprintf("%s%d_%d", name, i, k), part(field.Type.Pos(), field.Type.End()))
			}
		}
	}
	recv, typeParams := "", ""
	if fn.Recv != nil {
		place = m.symbol(d.recv) + "ᐧ" + d.names[0]
		typeParams = typeParameters(pkg, d, fn)
		add(fn.Recv, "ᐧr", func(name, typ string) {
			recv = "(" + name + " " + typ + ") "
			in, args = append(in, typ), append(args, name)
		})
	}
	add(fn.Type.Params, "ᐧa", func(name, typ string) {
		params, in, args = append(params, name+" "+typ), append(in, typ), append(args, name)
		if strings.HasPrefix(typ, "...") {
			args[len(args)-1] += "..."
		}
	})
	results, keyword, call := "", "", "("+strings.Join(args, ", ")+")"
	if fn.Type.Results != nil {
		results = part(fn.Type.Results.Pos(), fn.Type.Results.End())
		keyword = "return "
	}
	header := fmt.Sprintf("func %s%s(%s) %s", recv, fn.Name.Name, strings.Join(params, ", "), results)
	if isNew && typeParams == "" {
		fmt.Fprintf(&m.program, "var %sᐧnow func(%s) %s\n%s { %s%[1]sᐧnow%[6]s }\n", place, strings.Join(in, ", "), results, header, keyword, call)
	}
	m.counts[place+"ᐧnow"]++
	body := fmt.Sprintf("%sᐧ%d", place, m.counts[place+"ᐧnow"])
	list := []string{}
	named := func(fields *ast.FieldList) {
		for _, field := range fields.List {
			names := "_ "
			if len(field.Names) > 0 {
				names = part(field.Pos(), field.Type.Pos())
			}
			list = append(list, names+part(field.Type.Pos(), field.Type.End()))
		}
	}
	if fn.Recv != nil {
		named(fn.Recv)
	}
	named(fn.Type.Params)
	fmt.Fprintf(&m.program, "func %s%s(%s) %s %s\n", body, typeParams, strings.Join(list, ", "), results, part(fn.Body.Pos(), fn.Body.End()))
	key := m.family(pkg, d)
	if typeParams != "" {
		number := m.generic[key]
		if number == "" {
			number = place + "ᐧnow"
			m.generic[key] = number
			fmt.Fprintf(&m.program, "var %s int\n", number)
		}
		if isNew {
			result := ""
			if fn.Type.Results != nil { // methods have one
				t := fn.Type.Results.List[0].Type
				result = part(t.Pos(), t.End())
			}
			m.chosen = append(m.chosen, choice{number, header, result, args})
		}
		m.bodies[number] = append(m.bodies[number], chosenBody{body, in})
		return fmt.Sprintf("%s = %d", number, len(m.bodies[number]))
	}
	statement := fmt.Sprintf("%sᐧnow = %s", place, body)
	// Those of one kind call it as well.
	if !slices.Contains(m.families[key], place) {
		m.families[key] = append(m.families[key], place)
	}
	for _, other := range m.families[key] {
		if other != place {
			statement += fmt.Sprintf("; carry.Same(&%sᐧnow, &%sᐧnow)", other, place)
		}
	}
	return statement
}
