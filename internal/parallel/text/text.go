// Package text makes text of values, as fmt does, but with limits: it ends soon,
// whatever the value is, and does not end the process.
package text

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/guard"
)

// maxTime is how long the text of a value may take; a variable for the tests.
var maxTime = 10 * time.Second

// The most that Of shows of a value. IPython stops a list after 1000
// elements too.
const (
	maxElements = 1000
	maxDepth    = 1000
	maxPointers = 10
	maxFollowed = 4 << 10 // bytes of text, after which what is behind two pointers is left out
	maxText     = 64 << 10
)

// Of returns v as text: a string as it is, structs with their field names,
// everything else as fmt prints it, but that pointers show what they point to, as &{…} or &3, functions
// and channels their types, and bytes that are text that text, as []byte("…"). Of a slice, an array or a map with more
// than 1000 elements the first 1000 are shown, and text is cut after 64 KB; a
// note says so. A value inside itself is shown as <cycle>.
//
// Whatever v is, Of returns soon and does not end the process: a method of
// the value's that panics is shown as fmt shows it, and one that does not return
// within 10 seconds, takes a gigabyte of memory, or calls itself without
// end is left, and the text says which. So is one that runs when ctx ends.
func Of(ctx context.Context, v any) string {
	p := &printer{}
	did, _ := guard.Call(ctx, maxTime, func() { p.top(v) }, p.close)
	return p.finish(v, did)
}

// top prints the value that Of was called for.
func (p *printer) top(v any) {
	switch v := v.(type) {
	case nil:
		p.write("<nil>")
		return
	case string:
		p.write(v)
		return
	case error: // those that have more to tell, such as a stack, tell it
		p.plus = true
	case fmt.Stringer, fmt.Formatter:
	default:
		p.plus = true
	}
	r, direct := v.(reflect.Value)
	if !direct {
		r = reflect.ValueOf(v)
	}
	if !p.methods(r) {
		p.value(r, 0)
	}
}

// finish returns the text, with notes on what is not in it.
func (p *printer) finish(v any, did string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := string(p.buf)
	switch {
	case p.full && p.total > 0:
		return text + fmt.Sprintf("…\n(the first %d of %d bytes; fmt.Print shows all)", len(text), p.total)
	case p.full:
		return text + fmt.Sprintf("…\n(the first %d bytes; fmt.Print shows all)", len(text))
	case did != "" && p.calling != "":
		return text + fmt.Sprintf("…\n(%s %s)", p.calling, did)
	case did != "":
		return text + fmt.Sprintf("…\n(the text of %T %s)", v, did)
	case p.note != "":
		return text + "\n(" + p.note + ")"
	}
	return text
}

// Message returns what the method Error or String of v returns, and of a value
// without one what Of returns. It is bounded as Of is.
func Message(ctx context.Context, v any) string {
	var method func() string
	name := "String"
	switch m := v.(type) {
	case error:
		name, method = "Error", m.Error
	case fmt.Stringer:
		method = m.String
	default:
		return Of(ctx, v)
	}
	p := &printer{}
	did, panicked := guard.Call(ctx, maxTime, func() { p.write(method()) }, p.close)
	if text := p.finish(v, ""); did == "" || text != "" {
		return text
	}
	if panicked != nil {
		did += " with " + Of(ctx, panicked.Value)
	}
	return fmt.Sprintf("(%T) whose text cannot be had: its method %s %s", v, name, did)
}
