// Package effects finds out what a call of a function could change of what was
// there before the call: variables of the session, captured variables, memory
// that its parameters point to, the process. Where nothing could be changed, it
// makes no difference, but for time, in which process the call runs.
//
// The text of the function and of all that it calls is walked again and again,
// noting what each pointer may point to, until there is nothing new: a points-to
// analysis that knows struct fields apart, and neither order nor callers. Function
// values and values in interfaces are followed like pointers, so that calls of
// them are known as well. Imported packages are not walked; known.go says what is
// known of them. All that is not understood counts as a change.
package effects

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A Program is the code that functions are part of.
type Program struct {
	// Package is the one whose functions are walked.
	Package *types.Package
	// Body returns the declaration of one of its functions or methods, and the
	// types of its text; nil if it has none.
	Body func(*types.Func) (*ast.FuncDecl, *types.Info)
	// Global reports whether a variable is one of the session, rather than one
	// that a function literal captures.
	Global func(*types.Var) bool
}

// Function says what a call of a function could change, as the rest of a
// sentence that begins with the function: "assigns to total, a session variable".
// It is empty where that is nothing. Args are type arguments for a generic one.
func (p Program) Function(fn *types.Func, args *types.TypeList) (what string) {
	defer understood(&what)
	a := p.start()
	if args != nil {
		a.bind(fn.Origin().Signature().TypeParams(), args)
	}
	return a.called(fn)
}

// Method is the same for a method, called with a receiver that was there before.
func (p Program) Method(fn *types.Func, recv types.Type) (what string) {
	defer understood(&what)
	a := p.start()
	a.bindRecv(fn, recv)
	return a.called(fn)
}

// Literal is the same for a function literal. What it captures was there before.
func (p Program) Literal(lit *ast.FuncLit, info *types.Info) (what string) {
	defer understood(&what)
	a := p.start()
	b := a.body(lit, info, "the function literal")
	f := a.literal(b, lit)
	return a.run(b, func() { f.start(a); f.giveBack(b) })
}

func (p Program) start() *analysis {
	return &analysis{
		Program: p, objects: make(map[any]*object), bodies: make(map[ast.Node]*body),
		functions: make(map[ast.Node]*function), typeArgs: make(map[*types.TypeParam][]types.Type), asking: make(map[*types.TypeParam]bool),
		active: make(map[activeKey]bool),
	}
}

// An analysis finds out about one function.
type analysis struct {
	Program
	objects   map[any]*object
	bodies    map[ast.Node]*body
	functions map[ast.Node]*function
	order     []*body
	typeArgs  map[*types.TypeParam][]types.Type
	asking    map[*types.TypeParam]bool // see kind
	active    map[activeKey]bool        // see enter
	grown     bool                      // whether this round has found something new
	steps     int
	final     bool // whether this round notes what can be changed
}

// understood says so where an analysis has failed: cells must compile whatever is
// wrong here.
func understood(what *string) {
	switch v := recover(); v {
	case nil:
	case tooMuch:
		*what = "is too large to find out what it changes"
	default:
		*what = fmt.Sprintf("is not understood by the kernel's analysis, which ended with: %v", v)
	}
}

// step counts what an analysis does. One that takes much longer than what people
// write in cells ends.
func (a *analysis) step(n int) {
	if a.steps += n; a.steps > limit {
		panic(tooMuch)
	}
}

// tooMuch is what an analysis panics with after limit steps, about 0.1 s.
const tooMuch = "too much"

var limit = 1_000_000

// A body is the text of a declared function, or of the literal that is asked
// about, with the literals in it.
type body struct {
	a     *analysis
	node  ast.Node // *ast.FuncDecl or *ast.FuncLit
	info  *types.Info
	name  string
	walk  func()
	notes map[token.Pos]string  // what it changes, by place
	calls map[token.Pos][]*body // what it calls
}

func (a *analysis) body(node ast.Node, info *types.Info, name string) *body {
	b := a.bodies[node]
	if b == nil {
		b = &body{a: a, node: node, info: info, name: name, notes: make(map[token.Pos]string), calls: make(map[token.Pos][]*body)}
		a.bodies[node] = b
		a.order = append(a.order, b)
		a.grown = true
	}
	return b
}

// note says what happens at a place. The first note of a place stays.
func (b *body) note(pos token.Pos, format string, args ...any) {
	if b.a.final && b.notes[pos] == "" {
		b.notes[pos] = fmt.Sprintf(format, args...)
	}
}

// called says what a call of fn with parameters from outside changes.
func (a *analysis) called(fn *types.Func) string {
	if f := a.declared(fn); f != nil {
		return a.run(f.body, func() { f.start(a); f.giveBack(f.body) })
	}
	b := a.body(&ast.BadExpr{}, nil, fn.Name())
	sig := fn.Signature()
	var args []set
	for i := range sig.Params().Len() {
		args = append(args, a.given(sig.Params().At(i), "parameter"))
	}
	var recv set
	if sig.Recv() != nil {
		recv = a.given(sig.Recv(), "receiver")
	}
	reason := a.run(b, func() { b.callFunc(call{pos: token.Pos(1), text: fn.Name()}, fn, recv, args) })
	return strings.TrimPrefix(reason, "calls "+fn.Name()+", which ")
}

// run does rounds until nothing is new, and one more to note what is changed.
func (a *analysis) run(root *body, begin func()) string {
	round := func() {
		begin()
		for i := 0; i < len(a.order); i++ {
			if b := a.order[i]; b.walk != nil {
				b.walk()
			}
		}
	}
	for a.grown = true; a.grown; {
		a.grown = false
		round()
	}
	a.final = true
	round()
	return root.reason(make(map[*body]bool))
}

// reason puts into words what a body changes: something itself, before
// something that it calls.
func (b *body) reason(seen map[*body]bool) string {
	seen[b] = true
	for _, pos := range slices.Sorted(maps.Keys(b.notes)) {
		return b.notes[pos]
	}
	for _, pos := range slices.Sorted(maps.Keys(b.calls)) {
		for _, callee := range b.calls[pos] {
			if seen[callee] {
				continue
			}
			if why := callee.reason(seen); why != "" {
				return fmt.Sprintf("calls %s, which %s", callee.name, why)
			}
		}
	}
	return ""
}

// changes notes a write to objects, unless the call has made all of them itself.
// What names what is written to by what the text says.
func (b *body) changes(pos token.Pos, what string, objs set) {
	switch o := b.a.memory(objs).outside(); {
	case o != nil:
		b.note(pos, "%s, memory of %s", what, o.outside)
	case len(objs) == 0: // of something that was noted already, or that is not understood
		b.note(b.node.End(), "%s, memory that only shows when it runs", what)
	}
}
