package rewrite

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// What can wait, so that an interrupt may have come when it goes on: channels, and
// calls of whatever is not known to come back at once. A call that computes for long is
// left behind like one that is blocked.

// promptPackages are those whose functions and methods never wait, as long as they
// are given no functions and no values behind interfaces, which they could call.
var promptPackages = map[string]bool{
	"bytes": true, "cmp": true, "container/list": true, "container/ring": true, "encoding/base64": true, "encoding/binary": true,
	"encoding/hex": true, "errors": true, "hash/adler32": true, "hash/crc32": true, "hash/crc64": true, "hash/fnv": true, "hash/maphash": true,
	"html": true, "image": true, "image/color": true, "iter": true, "maps": true, "math": true, "math/big": true, "math/bits": true,
	"math/cmplx": true, "math/rand": true, "math/rand/v2": true, "path": true, "slices": true, "sort": true, "strconv": true, "strings": true,
	"sync/atomic": true, "time": true, "unicode": true, "unicode/utf16": true, "unicode/utf8": true, "unsafe": true,
}

// lengthyPackages are those of them in which a call may compute for as long as one
// that waits, if it is given enough.
var lengthyPackages = map[string]bool{
	"bytes": true, "encoding/base64": true, "encoding/hex": true, "html": true, "maps": true, "math/big": true, "math/rand": true,
	"math/rand/v2": true, "path": true, "slices": true, "sort": true, "strconv": true, "strings": true,
}

// maxMade is up to which size a make is known to take no time.
const maxMade = 1 << 16

// patient are the functions of these packages that wait after all.
var patient = map[string]bool{"time.Sleep": true}

// A piece is some of the session's code, with what is known of it.
type piece struct {
	node ast.Node
	info *types.Info
}

// waits reports whether an expression itself, not one that it consists of, can
// wait: a receive operation, or a call.
func (r *renderer) waits(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.ARROW
	case *ast.CallExpr:
		prompt, callee := r.g.calls(e, r.info)
		return !prompt || callee.node != nil && r.g.codeWaits(callee)
	}
	return false
}

// calls says what a call calls: code of the session, or something else that is
// known to be prompt, or not.
func (g *generator) calls(call *ast.CallExpr, info *types.Info) (prompt bool, callee piece) {
	if tv := info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		return !makesMuch(call, info), callee
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return true, piece{lit.Body, info}
	}
	id := syntax.CalledName(call.Fun)
	if id == nil {
		return false, callee
	}
	fn, ok := info.Uses[id].(*types.Func)
	if !ok {
		return false, callee // a value
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return false, callee
	}
	if d := g.State.DeclOf(fn.Origin()); d != nil {
		return d.Node != nil, piece{d.Node, d.Info}
	}
	return isPrompt(fn) && !isLengthy(fn), callee
}

// makesMuch reports whether a call is a make whose size is not known to be small.
func makesMuch(call *ast.CallExpr, info *types.Info) bool {
	if b, ok := info.Uses[syntax.IdentOf(call.Fun)].(*types.Builtin); !ok || b.Name() != "make" {
		return false
	}
	return slices.ContainsFunc(call.Args[1:], func(size ast.Expr) bool {
		n, ok := constant.Int64Val(constant.ToInt(info.Types[size].Value))
		return !ok || n > maxMade
	})
}

// isLengthy reports whether how long a function of lengthyPackages takes depends on
// what it is given, or makes.
func isLengthy(fn *types.Func) bool {
	if !lengthyPackages[fn.Pkg().Path()] {
		return false
	}
	for v := range fn.Signature().Params().Variables() {
		switch t := v.Type().Underlying().(type) {
		case *types.Slice, *types.Map, *types.Pointer, *types.Interface: // a type parameter's is an interface
			return true
		case *types.Basic:
			if t.Info()&types.IsString != 0 {
				return true
			}
		}
	}
	for v := range fn.Signature().Results().Variables() {
		if _, ok := v.Type().Underlying().(*types.Slice); ok {
			return true
		}
	}
	return fn.Pkg().Path() == "math/big" && fn.Signature().Recv() != nil
}

// isPrompt reports whether an imported function is known never to wait.
func isPrompt(fn *types.Func) bool {
	if fn.Pkg() == nil || !promptPackages[fn.Pkg().Path()] || patient[fn.Pkg().Path()+"."+fn.Name()] {
		return false
	}
	for v := range fn.Signature().Params().Variables() {
		t := v.Type()
		if slice, ok := t.(*types.Slice); ok {
			t = slice.Elem()
		}
		if _, isParam := t.(*types.TypeParam); isParam {
			continue
		}
		switch t.Underlying().(type) {
		case *types.Signature, *types.Interface:
			return false
		}
	}
	return true
}

// codeWaits reports whether something waits in code of the session, or in what it
// calls.
func (g *generator) codeWaits(root piece) bool {
	return g.finds(root, g.memory.waiting, func(ast.Node, *types.Info) bool { return false })
}

// finds reports whether something waits, or is what also is true of, in code of the
// session, or in what it calls. Known keeps the answers.
func (g *generator) finds(root piece, known map[ast.Node]bool, also func(ast.Node, *types.Info) bool) bool {
	if waits, ok := known[root.node]; ok {
		return waits
	}
	waits := false
	seen := map[ast.Node]bool{root.node: true}
	queue := []piece{root}
	add := func(c piece) {
		if c.node == nil || seen[c.node] {
			return
		}
		if w, ok := known[c.node]; ok {
			waits = waits || w
			return
		}
		seen[c.node] = true
		queue = append(queue, c)
	}
	for ; len(queue) > 0 && !waits; queue = queue[1:] {
		info := queue[0].info
		ast.Inspect(queue[0].node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt: // only its arguments are computed here
				for _, arg := range n.Call.Args {
					add(piece{arg, info})
				}
				return false
			case *ast.SendStmt, *ast.SelectStmt:
				waits = true
			case *ast.UnaryExpr:
				waits = waits || n.Op == token.ARROW
			case *ast.RangeStmt:
				waits = waits || waitsInRange(info.Types[n.X].Type)
			case *ast.CallExpr:
				prompt, callee := g.calls(n, info)
				waits = waits || !prompt
				add(callee)
			}
			waits = waits || n != nil && also(n, info)
			return !waits
		})
	}
	if waits {
		known[root.node] = true
		return true
	}
	for node := range seen {
		known[node] = false // it waits nowhere that it reaches
	}
	return false
}

// waitsInRange reports whether a range statement over a type can wait for its next
// value.
func waitsInRange(t types.Type) bool {
	if t == nil {
		return true
	}
	switch t.Underlying().(type) {
	case *types.Chan, *types.Signature, *types.Interface: // a type parameter's is an interface
		return true
	}
	return false
}
