package check

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/habits"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
	"github.com/goparallel/goparallel/internal/kernel/spell"
)

// hint suggests a cure for a common message of the type checker, or returns "".
func (e Env) hint(msg string) string {
	for _, h := range hints {
		if m := h.message.FindStringSubmatch(msg); m != nil {
			return h.hint(e, m)
		}
	}
	return ""
}

var hints = []struct {
	message *regexp.Regexp
	hint    func(e Env, m []string) string
}{
	{regexp.MustCompile(`^undefined: (\pL\w*)$`), func(e Env, m []string) string { return e.hintUndefined(m[1]) }},
	{regexp.MustCompile(`^(\w+) \(package name\) is not a type$`), func(_ Env, m []string) string {
		return spell.Suggest("", m[1], types.Universe.Names())
	}},
	{regexp.MustCompile(`^undefined: (\w+)\.(\w+)$`), func(e Env, m []string) string { return e.hintMember(m[1], m[2]) }},
	{regexp.MustCompile(`^name (\w+) not exported by package (\w+)$`), func(e Env, m []string) string { return e.hintMember(m[2], m[1]) }},
	{regexp.MustCompile(`^assignment mismatch: 2 variables but plot\.New returns 1 value$`), func(Env, []string) string {
		return "gonum/plot's New returns no error since v0.9.0: p := plot.New(); a notebook beside a go.mod that requires gonum.org/v1/plot v0.8.1 runs as it is"
	}},
	{regexp.MustCompile(`assignment mismatch.*returns 2 values`), func(Env, []string) string {
		return "the second value is often an error: value, err := …"
	}},
	{regexp.MustCompile(`^no new variables on left side of :=$`), func(Env, []string) string {
		return "= assigns to variables that there are"
	}},
	{regexp.MustCompile(`mismatched types (u?int\d*|float\d+) and (u?int\d*|float\d+)\)`), func(_ Env, m []string) string {
		return fmt.Sprintf("convert one of them: %s(…) or %s(…)", m[1], m[2])
	}},
	{regexp.MustCompile(`^cannot use (.+) \((?:variable|value|map index expression) of type (u?int\d*|float\d+)\) as (u?int\d*|float\d+) value`), func(_ Env, m []string) string {
		return fmt.Sprintf("convert it: %s(%s)", m[3], m[1])
	}},
	{regexp.MustCompile(`^in call to \S+\.((?:Map|Apply|ForEach)(?:Sync)?), type func\(.*[( ]error\)? of .* does not match (?:inferred type )?func\(`), func(_ Env, m []string) string {
		name, sync := strings.CutSuffix(m[1], "Sync")
		if sync {
			name += "ErrSync"
		} else {
			name += "Err"
		}
		return "functions that return an error as well are for " + name
	}},
	{regexp.MustCompile("^" + syntax.MisplacedMessage + "$"), func(Env, []string) string { return syntax.MisplacedHint }},
	{regexp.MustCompile(`^missing return$`), func(Env, []string) string {
		return "each way through the function must end in a return"
	}},
}

// hintUndefined says what an unknown name may stand for: a declaration that is
// gone, a package that can be imported, or a name that is written almost so.
func (e Env) hintUndefined(name string) string {
	if why, ok := e.State.Stale[name]; ok {
		return why
	}
	if paths := e.Index.Named(name); len(paths) > 0 {
		text := fmt.Sprintf("add import %q", paths[0])
		if len(paths) > 1 {
			text += fmt.Sprintf(", or %q", paths[1])
		}
		return text
	}
	return e.nearest(name)
}

// hintAtUses says what may help with an unknown name by how it is used: an
// assignment may be meant to declare it, and only before a period can it be a
// package.
func (c *Cell) hintAtUses(errs *diag.Errors) {
	base := make(map[*ast.Ident]bool)
	assigned := make(map[*ast.Ident]bool)
	ast.Inspect(c.Parsed.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if id, ok := n.X.(*ast.Ident); ok {
				base[id] = true
			}
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if id, ok := e.(*ast.Ident); ok && n.Tok != token.DEFINE {
					assigned[id] = true
				}
			}
		case *ast.IncDecStmt:
			if id, ok := n.X.(*ast.Ident); ok {
				assigned[id] = true
			}
		case *ast.Ident:
			p := c.Fset.Position(n.Pos())
			for i, d := range errs.List {
				if d.Line != p.Line || d.Column != p.Column || d.Message != "undefined: "+n.Name || base[n] || c.State.Stale[n.Name] != "" {
					continue
				}
				errs.List[i].Hint = c.nearest(n.Name)
				if assigned[n] && errs.List[i].Hint == "" {
					errs.List[i].Hint = fmt.Sprintf("%s := … declares it", n.Name)
				}
			}
		}
		return true
	})
}

// nearest says which name of the session or the language is almost the unknown one, or
// what stands for a name of other languages.
func (e Env) nearest(name string) string {
	if lower := strings.ToLower(name); slices.Contains([]string{"true", "false", "nil"}, lower) {
		return "did you mean " + lower + "?" // whatever else is spelled almost so
	}
	own := spell.Suggest("", name, slices.Concat(slices.Sorted(maps.Keys(e.State.Names)), slices.Sorted(maps.Keys(e.State.Imports))))
	return cmp.Or(own, habits.Name(name), spell.Suggest("", name, types.Universe.Names()))
}

// hintMember says what an unknown member of a package may stand for.
func (e Env) hintMember(pkg, name string) string {
	path, ok := e.State.Imports[pkg]
	if !ok {
		if paths := e.Index.Named(pkg); len(paths) > 0 { // imported by the cell itself
			path = paths[0]
		}
	}
	imported, err := e.Index.Import(path)
	if err != nil {
		return ""
	}
	var names []string
	for _, n := range imported.Scope().Names() {
		if imported.Scope().Lookup(n).Exported() {
			names = append(names, n)
		}
	}
	return cmp.Or(habits.Member(pkg, name), spell.Suggest(pkg+".", name, names))
}
