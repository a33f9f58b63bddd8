package text

import (
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// A printer writes values as fmt does with the verb %v, or %+v, but shows what pointers point to, and of
// functions and channels the types; fmt has addresses there. And it ends: with the
// text's limit, at a value inside itself, and in time. It runs under guard.Call, in
// a goroutine that it ends where there is enough text.
type printer struct {
	plus bool // %+v: structs have their fields' names, and errors their stacks
	// path are the slices, maps and pointers around the value being printed.
	path      []container
	pointers  int  // of them
	internal  bool // it prints what another package keeps to itself
	panicking bool // it prints what a method panicked with

	mu      sync.Mutex // guards what follows, which finish reads
	buf     []byte
	closed  bool   // nobody waits for the text
	full    bool   // there is more than the limit
	total   int    // how much more, where one string is all of it
	calling string // the method that runs, such as "String of main.T"
	note    string // what is left out
}

// container is a slice, map or pointer that may hold itself.
type container struct {
	at  unsafe.Pointer
	len int
	typ reflect.Type
}

// write adds text, and ends the goroutine where that is too much.
func (p *printer) write(s string) {
	p.mu.Lock()
	if !p.closed && len(p.buf)+len(s) > maxText {
		if len(p.buf) == 0 {
			p.total = len(s)
		}
		end := maxText - len(p.buf)
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
		p.full, p.closed = true, true
		p.buf = append(p.buf, s...)
	}
	if p.closed {
		p.mu.Unlock()
		runtime.Goexit()
	}
	p.buf = append(p.buf, s...)
	p.mu.Unlock()
}

// close makes the goroutine end when it writes next.
func (p *printer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// leftOut notes what is not shown; what was noted first stays.
func (p *printer) leftOut(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.note == "" {
		p.note = fmt.Sprintf(format, args...)
	}
}

// value prints a value whose own methods are not to be called. Depth counts what
// is around it.
func (p *printer) value(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Invalid:
		if depth == 0 {
			p.write("<invalid reflect.Value>")
			return
		}
		p.write("<nil>")
	case reflect.Bool:
		p.write(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.write(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.write(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32:
		p.write(fmt.Sprint(float32(v.Float())))
	case reflect.Float64:
		p.write(fmt.Sprint(v.Float()))
	case reflect.Complex64:
		p.write(fmt.Sprint(complex64(v.Complex())))
	case reflect.Complex128:
		p.write(fmt.Sprint(v.Complex()))
	case reflect.String:
		p.write(v.String())
	case reflect.Interface:
		p.inner(v.Elem(), depth+1)
	case reflect.Struct:
		p.structure(v, depth)
	case reflect.Array:
		p.list(v, depth)
	case reflect.Slice:
		if quoted, ok := p.bytes(v); ok {
			p.write(quoted)
			return
		}
		p.within(container{v.UnsafePointer(), v.Len(), v.Type()}, func() { p.list(v, depth) })
	case reflect.Map:
		p.within(container{v.UnsafePointer(), v.Len(), v.Type()}, func() { p.keysAndValues(v, depth) })
	case reflect.Pointer:
		p.pointer(v, depth)
	case reflect.Func, reflect.Chan:
		if v.IsNil() {
			p.write("<nil>")
			return
		}
		p.write(v.Type().String())
	default: // an unsafe pointer
		p.address(v)
	}
}

// pointer prints what a pointer points to. One of another package's own is an address: it leads into
// what that package does not tell.
func (p *printer) pointer(v reflect.Value, depth int) {
	switch {
	case v.IsNil() || p.internal:
		p.address(v)
		return
	case p.pointers == maxPointers || p.pointers > 1 && p.length() > maxFollowed:
		p.write("&…")
		p.leftOut("&… stands for what is behind many pointers")
		return
	}
	p.write("&")
	p.pointers++
	p.within(container{v.UnsafePointer(), 1, v.Type()}, func() { p.inner(v.Elem(), depth+1) })
	p.pointers--
}

// bytes writes bytes that are text as Go does, and reports whether they are.
func (p *printer) bytes(v reflect.Value) (quoted string, ok bool) {
	if v.Len() == 0 || v.Type().Elem() != reflect.TypeFor[byte]() || p.internal {
		return "", false
	}
	b := v.Bytes()
	long := len(b) > maxText
	if long {
		b = b[:maxText]
		for i := 0; i < utf8.UTFMax && !utf8.RuneStart(v.Bytes()[len(b)]); i++ {
			b = b[:len(b)-1]
		}
	}
	for rest := b; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 || !unicode.IsPrint(r) && !strings.ContainsRune("\n\t\r", r) {
			return "", false
		}
		rest = rest[size:]
	}
	name := "[]byte"
	if t := v.Type(); t.Name() != "" {
		name = t.String()
	}
	quote := strconv.Quote(string(b))
	if long {
		p.write(name + "(")
		return quote[:len(quote)-1], true // more than there is room for
	}
	return name + "(" + quote + ")", true
}

// length is how much text there is.
func (p *printer) length() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.buf)
}

// inner prints a value that is part of another.
func (p *printer) inner(v reflect.Value, depth int) {
	if depth > maxDepth {
		p.write("…")
		p.leftOut("… stands for what is more than %d levels deep", maxDepth)
		return
	}
	if !p.methods(v) {
		p.value(v, depth)
	}
}

// within prints a slice, a map or what a pointer points to unless it is inside itself.
func (p *printer) within(c container, print func()) {
	if c.len > 0 {
		for _, around := range p.path {
			if around == c {
				p.write("<cycle>")
				return
			}
		}
		p.path = append(p.path, c)
		defer func() { p.path = p.path[:len(p.path)-1] }()
	}
	print()
}

func (p *printer) structure(v reflect.Value, depth int) {
	p.write("{")
	for i := range v.NumField() {
		if i > 0 {
			p.write(" ")
		}
		f := v.Type().Field(i)
		if p.plus && f.Name != "" {
			p.write(f.Name + ":")
		}
		field := v.Field(i)
		if field.Kind() == reflect.Interface && !field.IsNil() {
			field = field.Elem()
		}
		around := p.internal
		p.internal = around || f.PkgPath != "" && f.PkgPath != "main" // where the fields of cells' and programs' types are
		p.inner(field, depth+1)
		p.internal = around
	}
	p.write("}")
}

func (p *printer) list(v reflect.Value, depth int) {
	p.write("[")
	for i := range min(v.Len(), maxElements) {
		if i > 0 {
			p.write(" ")
		}
		p.inner(v.Index(i), depth+1)
	}
	p.close1000(v, depth, v.Len() > maxElements)
}

// close1000 ends a list or a map, of which some may be left out.
func (p *printer) close1000(v reflect.Value, depth int, more bool) {
	if !more {
		p.write("]")
		return
	}
	p.write(" …]")
	if depth == 0 {
		p.leftOut("the first %d of %d elements", maxElements, v.Len())
	} else {
		p.leftOut("… stands for what follows the first %d elements", maxElements)
	}
}

func (p *printer) keysAndValues(v reflect.Value, depth int) {
	p.write("map[")
	entries, all := firstEntries(v, maxElements, time.Now().Add(scanTime))
	for i, e := range entries {
		if i > 0 {
			p.write(" ")
		}
		p.inner(e.key, depth+1)
		p.write(":")
		p.inner(e.value, depth+1)
	}
	if !all {
		p.leftOut("%d of %d elements, not the first ones: there are too many to look at all", len(entries), v.Len())
	}
	p.close1000(v, depth, len(entries) < v.Len())
}

func (p *printer) address(v reflect.Value) {
	at := uintptr(v.UnsafePointer())
	if at == 0 {
		p.write("<nil>")
		return
	}
	p.write("0x" + strconv.FormatUint(uint64(at), 16))
}
