package assist

import (
	"context"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/session/diag"
	"github.com/goparallel/goparallel/internal/kernel/session/docs"
	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Inspect documents the name at the cursor, in code points, or else the function
// whose arguments the cursor is in. With detail 1 it adds the source, where that is
// there; of a package, what it declares with the comments.
func (a Assistant) Inspect(ctx context.Context, code string, cursor, detail int) cell.Inspection {
	offset := syntax.ByteOffset(code, cursor)
	start, end := syntax.Word(code, offset, true)
	if start == end || syntax.LexicalAt(code, offset).Kind != syntax.InCode {
		start, end = calledAt(code, offset)
	}
	if start == end {
		return cell.Inspection{}
	}
	obj := a.objectAt(ctx, code, start, end)
	var page *docs.Page
	if _, isPkg := obj.(*types.PkgName); obj != nil && obj.Pkg() == a.State.Pkg && !isPkg {
		page = a.describe(obj, detail)
	}
	if obj == nil {
		return cell.Inspection{}
	}
	if page == nil {
		page = a.Docs.Describe(ctx, obj)
		if detail > 0 {
			page.Source = a.Docs.Source(ctx, obj)
		}
	}
	return cell.Inspection{Found: true, Data: page.Bundle()}
}

// calledAt returns the name of the innermost function whose call is open at an
// offset.
func calledAt(code string, offset int) (start, end int) {
	file := token.NewFileSet().AddFile("", -1, len(code))
	var sc scanner.Scanner
	sc.Init(file, []byte(code), func(token.Position, string) {}, 0)
	type call struct{ start, end int }
	var open []call
	var last call
	for {
		pos, tok, lit := sc.Scan()
		at := file.Offset(pos)
		if tok == token.EOF || at >= offset {
			break
		}
		switch tok {
		case token.IDENT:
			last = call{at, at + len(lit)}
			continue
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if tok != token.LPAREN {
				last = call{}
			}
			open = append(open, last)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
		last = call{}
	}
	if len(open) == 0 {
		return offset, offset
	}
	return open[len(open)-1].start, open[len(open)-1].end
}

// objectAt finds what a name in code, or by itself, refers to.
func (a Assistant) objectAt(ctx context.Context, code string, start, end int) types.Object {
	name := code[start:end]
	at := a.checkAround(ctx, code, start, end, name)
	if at != nil {
		if obj := at.info.Uses[at.ident]; obj != nil {
			return obj
		}
		if obj := at.info.Defs[at.ident]; obj != nil {
			return obj
		}
		if at.sel != nil {
			if id, ok := at.sel.X.(*ast.Ident); ok && a.isUnknown(at, id) {
				return a.MemberOfUnknown(id.Name, name)
			}
			return nil
		}
	}
	if d := a.State.Names[name]; d != nil {
		return d.Obj
	}
	path, ok := a.State.Imports[name]
	if !ok {
		if paths := a.Index.Named(name); len(paths) > 0 {
			path = paths[0]
		}
	}
	if pkg, err := a.Index.Import(path); path != "" && err == nil {
		return types.NewPkgName(token.NoPos, a.State.Pkg, name, pkg)
	}
	return nil
}

// describe documents what a cell has declared.
func (a Assistant) describe(obj types.Object, detail int) *docs.Page {
	p := &docs.Page{Code: docs.Declaration(obj, types.RelativeTo(a.State.Pkg))}
	d := a.State.Of[obj]
	if d != nil && d.Kind == syntax.TypeDecl {
		p.Code = "type " + d.Text
		for _, m := range d.Methods {
			p.Code += "\n" + types.ObjectString(m.Obj, types.RelativeTo(a.State.Pkg))
		}
	}
	at := a.Fset.Position(obj.Pos())
	key := diag.UnitOf(at.Filename)
	code, ok := a.Cells.Code(key)
	if !ok {
		return p // of the code at the cursor, which has not been run
	}
	p.Where = "Declared in " + a.Cells.Name(key) + "."
	p.Comment = commentAbove(string(code), at.Line)
	if detail > 0 {
		p.Source = a.sourceOf(obj)
		if d != nil {
			for _, m := range d.Methods {
				p.Source += "\n\n" + a.sourceOf(m.Obj)
			}
		}
	}
	return p
}

// sourceOf returns the declaration or statement that declares an object.
func (a Assistant) sourceOf(obj types.Object) string {
	at := a.Fset.Position(obj.Pos())
	code, _ := a.Cells.Code(diag.UnitOf(at.Filename))
	for _, ch := range syntax.Split(code) {
		if line, _ := syntax.Position(code, ch.End); line < at.Line {
			continue
		}
		return strings.TrimSpace(string(code[ch.Start:ch.End]))
	}
	return ""
}

// commentAbove returns the text of the line comments directly above a line.
func commentAbove(code string, line int) string {
	lines := strings.Split(code, "\n")
	var text []string
	for i := line - 2; i >= 0; i-- {
		comment, ok := strings.CutPrefix(strings.TrimSpace(lines[i]), "//")
		if !ok {
			break
		}
		text = append([]string{strings.TrimPrefix(comment, " ")}, text...)
	}
	return strings.Join(text, "\n")
}
