// Command roots writes a program that refers to all that packages export, so that
// deadcode takes it for reachable: what people write in cells and programs, and
// what generated code calls, which no program of the repository does.
//
//	roots FOLDER PACKAGE…
//
// It runs in the folder of the packages' module. The program is a module in FOLDER,
// for a workspace of the two, by a path that lets it import what is internal.
package main

import (
	"fmt"
	"go/types"
	"log"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("roots: ")
	if len(os.Args) < 3 {
		log.Fatal("usage: roots FOLDER PACKAGE…")
	}
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps | packages.NeedModule}, os.Args[2:]...)
	if err != nil {
		log.Fatal(err)
	}
	if packages.PrintErrors(loaded) > 0 {
		os.Exit(1)
	}
	var imports, uses strings.Builder
	for i, p := range loaded {
		name := fmt.Sprintf("p%d", i)
		fmt.Fprintf(&imports, "\t%s %q\n", name, p.PkgPath)
		for _, use := range exported(p.Types, name) {
			fmt.Fprintf(&uses, "\t%s,\n", use)
		}
	}
	text := "package main\n\nimport (\n" + imports.String() + ")\n\nvar roots = []any{\n" + uses.String() + "}\n\nfunc main() { println(roots) }\n"
	write("main.go", text)
	write("go.mod", "module "+loaded[0].Module.Path+"/roots\n\ngo "+loaded[0].Module.GoVersion+"\n")
}

func write(name, text string) {
	if err := os.WriteFile(filepath.Join(os.Args[1], name), []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}
}

// exported lists expressions for a package's functions and methods, and for values
// of its types, which reach what is called through interfaces.
func exported(pkg *types.Package, name string) (uses []string) {
	for _, n := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(n)
		if !object.Exported() {
			continue
		}
		n = name + "." + n
		switch o := object.(type) {
		case *types.Func:
			uses = append(uses, n+arguments(o.Signature().TypeParams()))
		case *types.TypeName:
			named, ok := o.Type().(*types.Named)
			if !ok || types.IsInterface(named) {
				continue
			}
			n += arguments(named.TypeParams())
			uses = append(uses, "new("+n+")")
			for m := range named.Methods() {
				if m.Exported() {
					uses = append(uses, "(*"+n+")."+m.Name()+arguments(m.Signature().TypeParams()))
				}
			}
		}
	}
	return uses
}

// arguments returns type arguments: int, or error where a constraint asks for that.
func arguments(params *types.TypeParamList) string {
	var list []string
	for p := range params.TypeParams() {
		argument := "int"
		if !types.Satisfies(types.Typ[types.Int], p.Constraint().Underlying().(*types.Interface)) {
			argument = "error"
		}
		list = append(list, argument)
	}
	if list == nil {
		return ""
	}
	return "[" + strings.Join(list, ", ") + "]"
}
