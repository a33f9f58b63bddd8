package rewrite

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/decl"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/session/workspace"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

var errorInterface = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// registerErrors registers the errors that the cells of a set declare, so that one which arrives
// from an engine is the same variable's, and of the same type.
func (g *generator) registerErrors(set map[*decl.Decl]bool) {
	for _, d := range decl.Sorted(set) {
		switch {
		case d.Kind == syntax.VarDecl && types.Implements(d.Obj.Type(), errorInterface):
			g.errorVar("main."+d.Symbol, g.ref(d, false))
		case d.Kind == syntax.TypeDecl && !d.Generic:
			g.errorType("main."+d.Symbol, g.ref(d, false), d.Obj.Type())
		}
	}
}

// registerImported registers the errors of the packages that a text mentions. Those of the
// standard library that every process knows are left out.
func (g *generator) registerImported(text string) {
	for _, path := range slices.Sorted(maps.Keys(g.aliases)) {
		alias := g.aliases[path]
		if strings.HasPrefix(path, workspace.ModulePath+"/") || !strings.Contains(text, alias+".") {
			continue
		}
		pkg, err := g.Index.Import(path)
		if err != nil {
			continue // the type checker has reported it
		}
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			if !obj.Exported() {
				continue
			}
			switch obj := obj.(type) {
			case *types.Var:
				if types.Implements(obj.Type(), errorInterface) && registry.ErrorNamed(path+"."+name) == nil {
					g.errorVar(path+"."+name, alias+"."+name)
				}
			case *types.TypeName:
				if named, ok := obj.Type().(*types.Named); ok && !obj.IsAlias() && named.TypeParams() == nil {
					g.errorType(path+"."+name, alias+"."+name, named)
				}
			}
		}
	}
}

func (g *generator) errorVar(name, text string) {
	g.registered = append(g.registered, fmt.Sprintf("ᐧreg.ErrorVar(%q, func() error { return %s })", name, text))
}

// errorType registers a type, and the pointers to it, as far as they are errors.
func (g *generator) errorType(name, text string, t types.Type) {
	if types.IsInterface(t) {
		return
	}
	for _, star := range []string{"", "*"} {
		if star != "" {
			t = types.NewPointer(t)
		}
		if types.Implements(t, errorInterface) && registry.ErrorTypeNamed(star+name) == nil {
			g.registered = append(g.registered, fmt.Sprintf("ᐧreg.ErrorType[%s%s](%q)", star, text, star+name))
		}
	}
}
