package difftest

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A genericFunction is the versions of a generic function that have one signature: values of their instances
// call the newest one. No variable of a program can hold a generic function. So each version is
// a function that looks at the number of the newest and calls the body of that version; these functions
// are written when all bodies are known. The constraints count as part of the signature here,
// since scripts do not change them alone.
type genericFunction struct {
	number   string // the variable that has the newest version's
	versions []genericVersion
}

// A genericVersion is one of them: what calls the newest one has a head, and type parameters and
// arguments to pass on.
type genericVersion struct {
	head, body, args string
	results          bool
}

// writeGeneric writes the body of a version of a generic function, whose text has the program's
// names, and returns the statement that makes it the newest.
func (m *model) writeGeneric(pkg *types.Package, d *decl, text string) string {
	fn, part := parseFunction(text)
	key := d.names[0] + m.numbered(pkg, versions{versions: m.versions}, typeText(pkg.Scope().Lookup(d.names[0]).Type()))
	i := slices.IndexFunc(m.generics, func(f *genericFunction) bool { return f.number == m.generic[key] })
	if i < 0 {
		i = len(m.generics)
		m.generic[key] = m.symbol(d.names[0]) + "ᐧnow"
		m.generics = append(m.generics, &genericFunction{number: m.generic[key]})
		fmt.Fprintf(&m.program, "var %s int\n", m.generic[key])
	}
	f := m.generics[i]
	var params, args, typeArgs []string
	for _, field := range fn.Type.TypeParams.List {
		for _, name := range field.Names {
			typeArgs = append(typeArgs, name.Name)
		}
	}
	for i, field := range fn.Type.Params.List {
		for k := range max(1, len(field.Names)) {
			name := fmt.Sprintf("ᐧa%d_%d", i, k)
			params, args = append(params, name+" "+part(field.Type.Pos(), field.Type.End())), append(args, name)
			if _, ok := field.Type.(*ast.Ellipsis); ok {
				args[len(args)-1] += "..."
			}
		}
	}
	v := genericVersion{
		head: part(fn.Pos(), fn.Type.Params.Pos()) + "(" + strings.Join(params, ", ") + ")",
		body: m.symbol(d.names[0]) + "ᐧbody",
		args: "[" + strings.Join(typeArgs, ", ") + "](" + strings.Join(args, ", ") + ")",
	}
	if fn.Type.Results != nil {
		v.results = true
		v.head += " " + part(fn.Type.Results.Pos(), fn.Type.Results.End())
	}
	f.versions = append(f.versions, v)
	fmt.Fprintf(&m.program, "func %s%s\n", v.body, part(fn.Name.End(), fn.Body.End()))
	return fmt.Sprintf("%s = %d", f.number, len(f.versions))
}

// text is what calls the newest version, for each of them.
func (f *genericFunction) text() string {
	var b strings.Builder
	for _, v := range f.versions {
		fmt.Fprintf(&b, "%s {\n\tswitch %s {\n", v.head, f.number)
		for i, other := range f.versions {
			call := other.body + v.args
			if v.results {
				call = "return " + call
			}
			fmt.Fprintf(&b, "\tcase %d:\n\t\t%s\n", i+1, call)
			if !v.results {
				b.WriteString("\t\treturn\n")
			}
		}
		b.WriteString("\t}\n\tpanic(\"none of its versions has been declared\")\n}\n")
	}
	return b.String()
}
