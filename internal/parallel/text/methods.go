package text

import (
	"fmt"
	"reflect"
)

var (
	formatterType = reflect.TypeFor[fmt.Formatter]()
	errorType     = reflect.TypeFor[error]()
	stringerType  = reflect.TypeFor[fmt.Stringer]()
)

// methods prints a value by its method Format, Error or String, and reports
// whether it has one that can be called.
func (p *printer) methods(v reflect.Value) bool {
	if !v.IsValid() || !v.CanInterface() || v.Kind() == reflect.Interface {
		return false // what an interface holds is printed by itself
	}
	// To have the value in an interface is to copy it, so the type is asked.
	t := v.Type()
	switch {
	case t.NumMethod() == 0:
	case t.Implements(formatterType):
		p.call(v, "Format", func() { v.Interface().(fmt.Formatter).Format(state{p}, 'v') })
		return true
	case t.Implements(errorType):
		p.call(v, "Error", func() { p.write(v.Interface().(error).Error()) })
		return true
	case t.Implements(stringerType):
		p.call(v, "String", func() { p.write(v.Interface().(fmt.Stringer).String()) })
		return true
	}
	return false
}

// call calls a method of a value. Of one that panics it prints what fmt does.
func (p *printer) call(v reflect.Value, method string, f func()) {
	p.noteMethod(fmt.Sprintf("%s of %s", method, v.Type()))
	defer func() {
		r := recover()
		switch {
		case r == nil:
			return // also where the goroutine ends
		case v.Kind() == reflect.Pointer && v.IsNil():
			p.write("<nil>")
		case p.panicking:
			panic(r)
		default:
			p.write("%!v(PANIC=" + method + " method: ")
			plus := p.plus
			p.plus, p.panicking = false, true
			p.inner(reflect.ValueOf(r), 0)
			p.plus, p.panicking = plus, false
			p.write(")")
		}
		p.noteMethod("")
	}()
	f()
	p.noteMethod("")
}

// noteMethod notes which method runs.
func (p *printer) noteMethod(method string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calling = method
}

// state is the fmt.State of a method Format.
type state struct{ p *printer }

func (s state) Write(b []byte) (int, error) { return s.WriteString(string(b)) }

func (s state) WriteString(text string) (int, error) {
	s.p.write(text)
	return len(text), nil
}

func (s state) Width() (int, bool)     { return 0, false }
func (s state) Precision() (int, bool) { return 0, false }
func (s state) Flag(c int) bool        { return c == '+' && s.p.plus }
