package assist

import (
	"context"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/check"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// atCursor is code that is being typed, type-checked with a name at the cursor.
type atCursor struct {
	info  *types.Info
	ident *ast.Ident
	// path leads from the name outwards; path[0] is the name, or the selector whose
	// name it is.
	path    []ast.Node
	sel     *ast.SelectorExpr // nil where the name does not follow a dot
	visible []visible         // what other names mean here
	auto    map[string]string // packages that are not imported by what is written
}

// checkAround type-checks code in which name replaces code[start:end]. It
// returns nil where the code is too broken.
func (a Assistant) checkAround(ctx context.Context, code string, start, end int, name string) *atCursor {
	before := code[:start] + name
	whole := before + code[end:]
	var best *atCursor
	try := func(text string) (resolved bool) {
		at := a.checkText(ctx, text, start, name)
		if at != nil && (best == nil || at.resolved()) {
			best = at
		}
		return at != nil && at.resolved()
	}
	if try(whole) {
		return best
	}
	// The parser skips what follows a mistake: without the lines that are wrong,
	// and without what follows the cursor, it may see more. Some statements are
	// nothing to it before they have a call or a block.
	line, _ := syntax.Position([]byte(code), start)
	wrong := wrongLines(whole)
	variants := []string{blankLines(whole, wrong, line), before, blankLines(before, wrong, line), before + "()"}
	closers, _ := syntax.Nesting([]byte(before))
	arguments, _, _ := strings.Cut(closers, "}")
	for _, block := range []string{" {}", "; {}", "; ; {}"} {
		variants = append(variants, before+arguments+block)
	}
	for _, text := range variants {
		if text != whole && try(text) {
			return best
		}
	}
	return best
}

// wrongLines lists the lines at which a text does not parse.
func wrongLines(text string) (lines []int) {
	for _, d := range syntax.NewCell("", []byte(text)).Mistakes(token.NewFileSet()) { // whose files are forgotten with it
		lines = append(lines, d.Line)
	}
	return lines
}

// blankLines empties lines of a text, except one.
func blankLines(text string, wrong []int, except int) string {
	lines := strings.Split(text, "\n")
	for _, n := range wrong {
		if n != except && 0 < n && n <= len(lines) {
			lines[n-1] = strings.Repeat(" ", len(lines[n-1]))
		}
	}
	return strings.Join(lines, "\n")
}

// checkText checks one variant of the text.
func (a Assistant) checkText(ctx context.Context, text string, start int, name string) (at *atCursor) {
	defer func() {
		if recover() != nil { // half-typed code: no worse than unknown names
			at = nil
		}
	}()
	closers, _ := syntax.Nesting([]byte(text))
	text += closers
	c := check.NewCell(ctx, a.Env, syntax.NewCell(check.KeyOf(text), []byte(text)), nil)
	c.Tolerant = true
	if errs := c.Parse(); errs != nil || c.Parsed == nil || c.Parsed.Run == nil {
		return nil
	}
	// The file set must not grow with each key that is pressed.
	parsed := c.Parsed.Tok
	defer func() {
		a.Fset.RemoveFile(parsed)
		a.Fset.RemoveFile(c.Parsed.Tok)
	}()
	if _, errs := c.Promote(); errs != nil {
		return nil
	}
	for _, d := range syntax.Declarations(c.Parsed.Source, func(token.Pos) int { return 0 }) {
		if d.Recv == "" {
			c.Declares[d.Name] = true
		}
	}
	methodsAsFunctions(c)
	at, errs := a.checkParsed(c, text, start, name)
	if at == nil {
		return nil
	}
	if unknown := c.Parsed.Tok; c.ImportUnknown(errs, len(errs), at.info) {
		a.Fset.RemoveFile(unknown)
		methodsAsFunctions(c)
		if at, _ = a.checkParsed(c, text, start, name); at == nil {
			return nil
		}
	}
	at.auto = c.Auto
	return at
}

// checkParsed finds the name in a cell that was parsed, and checks the cell.
func (a Assistant) checkParsed(c *check.Cell, text string, start int, name string) (*atCursor, []types.Error) {
	at := &atCursor{}
	line, col := syntax.Position([]byte(text), start) // where the name is in the user's text
	var stack []ast.Node
	ast.Inspect(c.Parsed.File, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if id, ok := n.(*ast.Ident); ok && id.Name == name && at.ident == nil {
			if p := a.Fset.Position(id.Pos()); p.Line == line && p.Column == col {
				at.ident, at.path = id, slices.Clone(stack)
			}
		}
		return true
	})
	if at.ident == nil {
		return nil, nil
	}
	slices.Reverse(at.path)
	if sel, ok := at.path[1].(*ast.SelectorExpr); ok && sel.Sel == at.ident {
		at.sel, at.path = sel, at.path[1:]
	}
	anything := func(token.Pos) bool { return true }
	result, errs := a.TypeCheck([]*ast.File{c.Parsed.File}, c.Declares, anything, func(*types.Info) { at.visible = a.visible(at.ident.Pos()) })
	at.info = result.Info
	return at, errs
}

// methodsAsFunctions makes functions of methods whose types earlier cells declare.
func methodsAsFunctions(c *check.Cell) {
	for _, d := range c.Parsed.File.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && !c.Declares[syntax.ReceiverBase(f)] {
			asFunction(f)
		}
	}
}

// asFunction makes a function of a method whose type an earlier cell declares: the
// type checker wants a type's methods beside the type.
func asFunction(f *ast.FuncDecl) {
	f.Type.Params.List = append(slices.Clone(f.Recv.List), f.Type.Params.List...)
	for _, recv := range f.Recv.List {
		t := recv.Type
		if star, ok := t.(*ast.StarExpr); ok {
			t = star.X
		}
		var params []ast.Expr
		switch t := t.(type) {
		case *ast.IndexExpr:
			params = []ast.Expr{t.Index}
		case *ast.IndexListExpr:
			params = t.Indices
		}
		for _, param := range params {
			if id, ok := param.(*ast.Ident); ok {
				if f.Type.TypeParams == nil {
					f.Type.TypeParams = &ast.FieldList{}
				}
				f.Type.TypeParams.List = append(f.Type.TypeParams.List, &ast.Field{Names: []*ast.Ident{{NamePos: id.NamePos, Name: id.Name}}, Type: &ast.Ident{NamePos: id.NamePos, Name: "any"}})
			}
		}
	}
	f.Recv = nil
	if f.Name.Name != syntax.CursorName {
		f.Name = &ast.Ident{NamePos: f.Name.NamePos, Name: "_"} // a function may have the method's name
	}
}

// resolved reports whether there is no more to learn about the name from another
// variant of the text.
func (at *atCursor) resolved() bool {
	if at.sel == nil {
		return true
	}
	if at.pkgName() != nil {
		return true
	}
	t := at.info.Types[at.sel.X].Type
	return t != nil && t != types.Typ[types.Invalid]
}

// pkgName returns the package before the dot, or nil.
func (at *atCursor) pkgName() *types.PkgName {
	if at.sel == nil {
		return nil
	}
	id, ok := at.sel.X.(*ast.Ident)
	if !ok {
		return nil
	}
	p, _ := at.info.Uses[id].(*types.PkgName)
	return p
}

// parent returns the node that many steps outside the name, or nil.
func (at *atCursor) parent(n int) ast.Node {
	if n < len(at.path) {
		return at.path[n]
	}
	return nil
}

// wantsType reports whether only a type can stand at the cursor.
func (at *atCursor) wantsType() bool {
	for i := 1; i < len(at.path); i++ {
		child := at.path[i-1]
		switch n := at.path[i].(type) {
		case *ast.StarExpr, *ast.ParenExpr:
			continue // a type if what is around it says so
		case *ast.Field:
			return n.Type == child
		case *ast.ValueSpec:
			return n.Type == child
		case *ast.TypeSpec:
			return n.Type == child
		case *ast.ArrayType:
			return n.Elt == child
		case *ast.Ellipsis, *ast.MapType, *ast.ChanType:
			return true
		case *ast.CompositeLit:
			return n.Type == child
		case *ast.TypeAssertExpr:
			return n.Type == child
		case *ast.CaseClause:
			if i+2 < len(at.path) {
				_, ok := at.path[i+2].(*ast.TypeSwitchStmt)
				return ok && slices.ContainsFunc(n.List, func(e ast.Expr) bool { return e == child })
			}
			return false
		default:
			return false
		}
	}
	return false
}

// declaring reports whether the name at the cursor is a new one.
func (at *atCursor) declaring() bool {
	if at.sel != nil {
		return false
	}
	switch n := at.parent(1).(type) {
	case *ast.FuncDecl:
		return n.Name == at.ident
	case *ast.TypeSpec:
		return n.Name == at.ident
	case *ast.ValueSpec:
		return slices.Contains(n.Names, at.ident)
	case *ast.Field:
		return slices.Contains(n.Names, at.ident)
	}
	return false
}
