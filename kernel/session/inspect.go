package session

import (
	"context"
	"go/ast"
	"go/types"
	"strings"
	"time"

	"github.com/goparallel/goparallel/kernel/cell"
)

// Inspect documents the name at the cursor, in code points. With detail 1 it
// adds the source, where the session has it.
func (s *Session) Inspect(ctx context.Context, code string, cursor, detail int) cell.Inspection {
	start, end := word(code, byteOffset(code, cursor), true)
	if start == end {
		return cell.Inspection{}
	}
	name := code[start:end]
	s.mu.Lock()
	obj, pkg := s.objectAt(ctx, code, start, end, name)
	var d *decl
	if obj != nil {
		d = s.byObj[obj]
	}
	if obj == nil {
		if d = s.names[name]; d != nil {
			obj = d.obj
		}
	}
	s.mu.Unlock()
	if obj == nil {
		return cell.Inspection{}
	}
	text := types.ObjectString(obj, types.RelativeTo(s.pkg))
	if p, ok := obj.(*types.PkgName); ok {
		pkg = p.Imported().Path()
		text = ""
	}
	if d != nil && d.node != nil {
		if fn, ok := d.node.(*ast.FuncDecl); ok && fn.Doc != nil {
			text += "\n\n" + strings.TrimSpace(fn.Doc.Text())
		}
		if detail > 0 || d.kind == typeDecl {
			text += "\n\n" + d.text
		}
	} else if pkg != "" {
		if docs := s.goDoc(ctx, pkg, obj); docs != "" {
			text = docs
		}
	}
	text = strings.TrimSpace(text)
	return cell.Inspection{Found: true, Data: cell.Bundle{"text/plain": text, "text/markdown": "```go\n" + text + "\n```"}}
}

// objectAt finds what a name in code refers to, and the path of the package that
// documents it.
func (s *Session) objectAt(ctx context.Context, code string, start, end int, name string) (types.Object, string) {
	at := s.checkAround(ctx, code, start, end, name)
	if at == nil {
		return nil, ""
	}
	obj := at.info.Uses[at.ident]
	if obj == nil {
		obj = at.info.Defs[at.ident]
	}
	if obj == nil || obj.Pkg() == nil || obj.Pkg() == s.pkg {
		return obj, ""
	}
	return obj, obj.Pkg().Path()
}

// goDoc asks the go command for documentation.
func (s *Session) goDoc(ctx context.Context, pkg string, obj types.Object) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	args := []string{"doc"}
	if _, isPkg := obj.(*types.PkgName); isPkg {
		args = append(args, pkg)
	} else {
		name := obj.Name()
		if recv := receiverName(obj); recv != "" {
			name = recv + "." + name
		}
		args = append(args, pkg+"."+name)
	}
	out, err := s.index.ws.Tools.run(ctx, s.index.ws.Dir, nil, args...)
	if err != nil {
		return ""
	}
	text := string(out)
	if _, isPkg := obj.(*types.PkgName); !isPkg {
		// Without "package p // import …", which says where the workspace has it.
		if line, rest, ok := strings.Cut(text, "\n\n"); ok && strings.HasPrefix(line, "package ") {
			text = rest
		}
	}
	return text
}

// receiverName is the name of the type that a method or field belongs to.
func receiverName(obj types.Object) string {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return ""
	}
	t := fn.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}

// A Name is one declaration of the session, for people.
type Name struct {
	// Name and Kind: "variable", "function", "type" or "constant".
	Name, Kind string
	// Type is the type of a variable or constant, a function's signature, or what
	// a type is made of.
	Type string
}

// Names lists what the session has declared, sorted.
func (s *Session) Names() []Name {
	s.mu.Lock()
	defer s.mu.Unlock()
	kinds := map[kind]string{varDecl: "variable", funcDecl: "function", typeDecl: "type", constDecl: "constant"}
	var list []Name
	for _, d := range s.current() {
		t := d.obj.Type()
		if d.kind == typeDecl {
			t = t.Underlying()
		}
		list = append(list, Name{Name: d.name, Kind: kinds[d.kind], Type: types.TypeString(t, types.RelativeTo(s.pkg))})
	}
	return list
}
