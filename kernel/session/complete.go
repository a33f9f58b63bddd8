package session

import (
	"bytes"
	"context"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goparallel/goparallel/kernel/cell"
)

// cursorName stands in for the name at the cursor while half-typed code is
// checked.
const cursorName = "ᐧcursor"

// IsComplete judges whether a cell can be run as it is, for consoles that run a
// cell at the end of a line.
func (s *Session) IsComplete(code string) cell.Completeness {
	if strings.TrimSpace(code) == "" {
		return cell.Completeness{Status: "complete"}
	}
	closers, open := nesting([]byte(code))
	if open || closers != "" {
		return cell.Completeness{Status: "incomplete", Indent: strings.Repeat("\t", len(closers))}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &compilation{s: s, key: keyOf(code), code: []byte(code), chunks: split([]byte(code))}
	line, col := position(c.code, len(bytes.TrimRight(c.code, " \t\n")))
	for _, d := range c.chunkSyntax() {
		if d.Line > line || d.Line == line && d.Column >= col {
			return cell.Completeness{Status: "incomplete"} // it is the end that was not expected
		}
		return cell.Completeness{Status: "invalid"}
	}
	return cell.Completeness{Status: "complete"}
}

// nesting returns what would close the brackets that are open at the end of a
// text, and whether a comment or a raw string is open.
func nesting(code []byte) (closers string, open bool) {
	fset := token.NewFileSet()
	var sc scanner.Scanner
	sc.Init(fset.AddFile("", -1, len(code)), code, func(_ token.Position, msg string) {
		open = open || strings.Contains(msg, "raw string literal not terminated") || strings.Contains(msg, "comment not terminated")
	}, 0)
	for {
		_, tok, _ := sc.Scan()
		switch tok {
		case token.EOF:
			return closers, open
		case token.LPAREN:
			closers = ")" + closers
		case token.LBRACK:
			closers = "]" + closers
		case token.LBRACE:
			closers = "}" + closers
		case token.RPAREN, token.RBRACK, token.RBRACE:
			closers = strings.TrimPrefix(closers, tok.String())
		}
	}
}

// atCursor is code checked with the cursor's name replaced.
type atCursor struct {
	info  *types.Info
	file  *ast.File
	ident *ast.Ident // the stand-in
	sel   *ast.SelectorExpr
	scope *types.Scope // innermost at the cursor
}

// checkAround type-checks code in which name, code[start:end], is at the cursor.
// It returns nil where the code is too broken.
func (s *Session) checkAround(ctx context.Context, code string, start, end int, name string) (around *atCursor) {
	defer func() {
		if recover() != nil { // half-typed code: no worse than unknown names
			around = nil
		}
	}()
	text := code[:start] + name + code[end:]
	closers, _ := nesting([]byte(text))
	text += closers
	c := &compilation{s: s, ctx: ctx, key: keyOf(text), code: []byte(text), tolerant: true, chunks: split([]byte(text)), mentions: words([]byte(text)),
		promoted: make(map[int]int), kept: make(map[int]bool), declares: make(map[string]bool), imports: make(map[string]string)}
	if errs := c.parseCell(); errs != nil || c.cell == nil || c.cell.run == nil {
		return nil
	}
	for _, spec := range c.cell.file.Imports { // what the cell itself imports, if it can be had at once
		path := strings.Trim(spec.Path.Value, "`\"")
		if !s.index.has(path) {
			return nil
		}
	}
	for _, d := range declarationsOf(c.cell.source, func(token.Pos) int { return 0 }) {
		if d.recv == "" {
			c.declares[d.name] = true
		}
	}
	result, _ := s.check([]*ast.File{c.cell.file}, c.declares, func(token.Pos) bool { return true })
	at := &atCursor{info: result.info, file: c.cell.file}
	want := start // where the name is in the user's text
	line, col := position([]byte(text), want)
	ast.Inspect(c.cell.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if p := s.fset.Position(n.Sel.Pos()); p.Line == line && p.Column == col {
				at.sel, at.ident = n, n.Sel
			}
		case *ast.Ident:
			if p := s.fset.Position(n.Pos()); at.ident == nil && n.Name == name && p.Line == line && p.Column == col {
				at.ident = n
			}
		}
		return true
	})
	if at.ident == nil {
		return nil
	}
	at.scope = s.pkg.Scope()
	for _, scope := range result.info.Scopes {
		if scope.Contains(at.ident.Pos()) && (at.scope == s.pkg.Scope() || at.scope.Contains(scope.Pos()) && scope.Pos() >= at.scope.Pos()) {
			at.scope = scope
		}
	}
	return at
}

// word returns the identifier around or before an offset.
func word(code string, offset int, whole bool) (start, end int) {
	isName := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	start, end = offset, offset
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(code[:start])
		if !isName(r) {
			break
		}
		start -= size
	}
	for whole && end < len(code) {
		r, size := utf8.DecodeRuneInString(code[end:])
		if !isName(r) {
			break
		}
		end += size
	}
	return start, end
}

// byteOffset turns code points into bytes.
func byteOffset(code string, cursor int) int {
	for i := range code {
		if cursor == 0 {
			return i
		}
		cursor--
	}
	return len(code)
}

// Complete lists what the name at the cursor, in code points, can become.
func (s *Session) Complete(ctx context.Context, code string, cursor int) cell.Completions {
	offset := byteOffset(code, cursor)
	start, _ := word(code, offset, false)
	prefix := code[start:offset]
	out := cell.Completions{Start: utf8.RuneCountInString(code[:start]), End: utf8.RuneCountInString(code[:offset])}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.checkAround(ctx, code, start, offset, cursorName)
	found := make(map[string]cell.Completion)
	add := func(obj types.Object) {
		name := obj.Name()
		if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, "ᐧ") && name != "_" && name != "" {
			found[name] = completion(obj, s.pkg)
		}
	}
	switch {
	case at != nil && at.sel != nil:
		s.members(at, add)
	case at != nil:
		for scope := at.scope; scope != nil; scope = scope.Parent() {
			for _, name := range scope.Names() {
				obj := scope.Lookup(name)
				if local := scope != s.pkg.Scope() && scope != types.Universe && obj.Pos() > at.ident.Pos(); !local {
					if _, ok := found[name]; !ok {
						add(obj)
					}
				}
			}
		}
		fallthrough
	default:
		if start > 0 && code[start-1] == '.' {
			break
		}
		for name := range s.names {
			add(s.names[name].obj)
		}
		for name := range s.imports {
			if _, ok := found[name]; !ok && strings.HasPrefix(name, prefix) {
				found[name] = cell.Completion{Text: name, Kind: "package", Signature: s.imports[name]}
			}
		}
		for t := token.BREAK; t <= token.VAR; t++ {
			if prefix != "" && strings.HasPrefix(t.String(), prefix) {
				found[t.String()] = cell.Completion{Text: t.String(), Kind: "keyword"}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out.Items = append(out.Items, found[name])
	}
	return out
}

// members lists what can follow the dot of the selector at the cursor: a
// package's names, or fields and methods.
func (s *Session) members(at *atCursor, add func(types.Object)) {
	if id, ok := at.sel.X.(*ast.Ident); ok {
		if pkg, ok := at.info.Uses[id].(*types.PkgName); ok {
			scope := pkg.Imported().Scope()
			for _, name := range scope.Names() {
				if ast.IsExported(name) {
					add(scope.Lookup(name))
				}
			}
			return
		}
	}
	t := at.info.Types[at.sel.X].Type
	if t == nil {
		return
	}
	methods := types.NewMethodSet(t)
	if _, isPtr := t.Underlying().(*types.Pointer); !isPtr && !types.IsInterface(t) {
		methods = types.NewMethodSet(types.NewPointer(t))
	}
	visible := func(obj types.Object) bool { return obj.Exported() || obj.Pkg() == s.pkg }
	for i := range methods.Len() {
		if obj := methods.At(i).Obj(); visible(obj) {
			add(obj)
		}
	}
	seen := make(map[types.Type]bool)
	var fields func(t types.Type)
	fields = func(t types.Type) {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok || seen[t] {
			return
		}
		seen[t] = true
		for i := range st.NumFields() {
			if f := st.Field(i); visible(f) {
				add(f)
			}
			if st.Field(i).Embedded() {
				fields(st.Field(i).Type())
			}
		}
	}
	fields(t)
}

func completion(obj types.Object, pkg *types.Package) cell.Completion {
	c := cell.Completion{Text: obj.Name()}
	qualifier := types.RelativeTo(pkg)
	switch obj := obj.(type) {
	case *types.Func:
		c.Kind = "function"
		if obj.Signature().Recv() != nil {
			c.Kind = "method"
		}
		c.Signature = strings.TrimPrefix(types.TypeString(obj.Type(), qualifier), "func")
	case *types.Var:
		c.Kind = "variable"
		if obj.IsField() {
			c.Kind = "field"
		}
		c.Signature = types.TypeString(obj.Type(), qualifier)
	case *types.Const:
		c.Kind, c.Signature = "constant", types.TypeString(obj.Type(), qualifier)
	case *types.TypeName:
		c.Kind = "type"
	case *types.PkgName:
		c.Kind, c.Signature = "package", obj.Imported().Path()
	case *types.Builtin:
		c.Kind = "function"
	}
	return c
}
