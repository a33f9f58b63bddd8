package codec

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strings"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// node encodes and decodes the values of one type.
type node struct {
	t      reflect.Type
	slices reflect.Type // []t
	raw    bool         // fixed size, no pointers
	bools  []uintptr    // of a raw type: where its bools are
	min    int          // least number of bytes of an encoded value
	index  int          // among the types of the codec, from 1
	fields []field      // of a struct that is written by its fields
	item   *node        // of an array, with its length
	length int
	to     []*node // what a pointer, a slice or a map refers to
	height int     // how deep structs are nested in it
	// walk surveys what a value refers to. It is nil where it can refer to nothing.
	walk   func(s *survey, p unsafe.Pointer) error
	encode func(e *encoder, p unsafe.Pointer) error
	decode func(d *decoder, p unsafe.Pointer) error // *p is zero before
}

// field is a field of a struct.
type field struct {
	*node
	offset uintptr
}

// builder makes the nodes of a type and of all that it consists of.
type builder struct {
	nodes map[reflect.Type]*node // also those being built: types may be recursive
	order []*node                // as they were begun
	early bool                   // types may still be named that an interface holds
}

var (
	errorType = reflect.TypeFor[error]()
)

// build returns the node for t, which stands at path.
func (b *builder) build(t reflect.Type, path string) (*node, error) {
	if n, ok := b.nodes[t]; ok {
		return n, nil
	}
	if t == encodedType {
		return encodedNode, nil
	}
	if why := meaningless(t); why != "" && !(b.early && t.Kind() == reflect.Interface) {
		return nil, &Refusal{path, why}
	}
	n := &node{t: t, slices: reflect.SliceOf(t), min: 1}
	b.nodes[t] = n
	b.order = append(b.order, n)
	n.index = len(b.order)
	switch {
	case t == timeType:
		return n, n.clock(b, path)
	case t == locationType:
		return n, n.location(b, path)
	case marshals(t):
		n.viaMethods()
		return n, nil
	}
	var err error
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		n.scalar()
	case reflect.String:
		n.text()
	case reflect.Interface:
		if t == errorType {
			n.failures()
		} else {
			n.dynamic()
		}
	case reflect.Struct:
		err = n.structure(b, path)
	case reflect.Array:
		err = n.array(b, path)
	case reflect.Slice:
		err = n.slice(b, path)
	case reflect.Map:
		err = n.mapping(b, path)
	case reflect.Pointer:
		err = n.pointer(b, path)
	}
	return n, err
}

// meaningless says why values of a type mean nothing in another process, or "".
func meaningless(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Chan:
		return "is a channel"
	case reflect.Func:
		return "is a function"
	case reflect.UnsafePointer:
		return "is an unsafe.Pointer"
	case reflect.Interface:
		if t != errorType && !registry.Implemented(t) {
			return fmt.Sprintf("is an interface (%v), and no type that engines know implements it; use a concrete type, or, in a program, name those it may hold with parallel.RegisterType", t)
		}
	case reflect.Struct:
		path := t.PkgPath()
		switch {
		case path == "sync" || path == "sync/atomic":
			return fmt.Sprintf("is a %v, which must not be copied", t)
		case strings.HasSuffix(path, "goparallel/parallel") && (t.Name() == "View" || t.Name() == "Client"):
			return "is a view or a client, and those belong to the process that started the engines: a function that runs on an engine cannot use engines, " +
				"because it would hold one while it waits for another; return what the caller needs for the next call"
		case path == "strings" && t.Name() == "Builder":
			return "is a strings.Builder, which must not be copied; use its String()"
		case strings.HasPrefix(path, "internal/") || path == "runtime" || path == "reflect" || path == "unique" || path == "hash/maphash":
			return fmt.Sprintf("is a %v, which belongs to its process", t)
		}
	}
	return ""
}

// scalar is a number or a bool. Wherever it stands alone it is written as its
// memory in a byte string: shorter code than a form for each kind, and as fast.
func (n *node) scalar() {
	n.raw = true
	if n.t.Kind() == reflect.Bool {
		n.bools = []uintptr{0}
	}
	n.asMemory()
	switch n.t.Kind() {
	case reflect.Int:
		n.encode = func(e *encoder, p unsafe.Pointer) error {
			e.int(int64(*(*int)(p)))
			return nil
		}
		n.decode = func(d *decoder, p unsafe.Pointer) error {
			v, err := d.int()
			*(*int)(p) = int(v)
			return err
		}
	case reflect.Float64:
		n.encode = func(e *encoder, p unsafe.Pointer) error {
			e.buf = binary.BigEndian.AppendUint64(append(e.buf, 0xfb), math.Float64bits(*(*float64)(p)))
			return nil
		}
		n.decode = func(d *decoder, p unsafe.Pointer) error {
			b, err := d.fixed(0xfb, 8)
			if err == nil {
				*(*float64)(p) = math.Float64frombits(binary.BigEndian.Uint64(b))
			}
			return err
		}
	}
}

// asMemory writes values as byte strings of their memory.
func (n *node) asMemory() {
	size := int(n.t.Size())
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		e.bytes(unsafe.Slice((*byte)(p), size))
		return nil
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		b, err := d.bytes()
		if err != nil || len(b) != size {
			return errShape
		}
		copy(unsafe.Slice((*byte)(p), size), b)
		return n.checkBools(b)
	}
}

// checkBools refuses memory that holds a bool other than 0 and 1, of which the
// compiler assumes that it does not exist.
func (n *node) checkBools(memory []byte) error {
	if len(n.bools) == 0 {
		return nil
	}
	for start := uintptr(0); start < uintptr(len(memory)); start += n.t.Size() {
		for _, at := range n.bools {
			if memory[start+at] > 1 {
				return fmt.Errorf("a bool of a %v is neither true nor false", n.t)
			}
		}
	}
	return nil
}

func (n *node) text() {
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		s := *(*string)(p)
		e.head(majorBytes, uint64(len(s))) // not as text: a Go string need not be UTF-8
		e.buf = append(e.buf, s...)
		return nil
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		b, err := d.bytes()
		*(*string)(p) = string(b)
		return err
	}
}

// viaMethods lets the type's own methods write and read its values.
func (n *node) viaMethods() {
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		data, err := reflect.NewAt(n.t, p).Interface().(encoding.BinaryMarshaler).MarshalBinary()
		e.bytes(data)
		return err
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		data, err := d.bytes()
		if err != nil {
			return err
		}
		return reflect.NewAt(n.t, p).Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(data)
	}
}

func (n *node) structure(b *builder, path string) error {
	n.raw = true
	for i := range n.t.NumField() {
		f := n.t.Field(i)
		child, err := b.build(f.Type, path+"."+f.Name)
		if err != nil {
			return err
		}
		n.raw = n.raw && child.raw
		for _, at := range child.bools {
			n.bools = append(n.bools, f.Offset+at)
		}
		n.min += child.min
		n.fields = append(n.fields, field{child, f.Offset})
		inner, _ := run(child, 1)
		n.height = max(n.height, inner.height+1)
	}
	if n.raw {
		n.min = 1
		n.asMemory()
		return nil
	}
	fields := n.fields
	var walked []field
	for _, f := range fields {
		if f.walk != nil {
			walked = append(walked, f)
		}
	}
	if walked != nil {
		n.walk = func(s *survey, p unsafe.Pointer) error {
			for _, f := range walked {
				if err := f.walk(s, unsafe.Add(p, f.offset)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		e.head(majorArray, uint64(len(fields)))
		for _, f := range fields {
			if err := f.encode(e, unsafe.Add(p, f.offset)); err != nil {
				return err
			}
		}
		return nil
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		if got, err := d.head(majorArray); err != nil || got != uint64(len(fields)) {
			return errShape
		}
		for _, f := range fields {
			if err := f.decode(d, unsafe.Add(p, f.offset)); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}

func (n *node) array(b *builder, path string) error {
	elem, err := b.build(n.t.Elem(), path+"[]")
	if err != nil {
		return err
	}
	length, size := n.t.Len(), n.t.Elem().Size()
	n.item, n.length = elem, length
	if elem.walk != nil {
		n.walk = func(s *survey, p unsafe.Pointer) error { return elem.walkAll(s, p, length) }
	}
	if n.raw = elem.raw; n.raw {
		if len(elem.bools) > 0 {
			for i := range length {
				for _, at := range elem.bools {
					n.bools = append(n.bools, uintptr(i)*size+at)
				}
			}
		}
		n.asMemory()
		return nil
	}
	n.min += length * elem.min
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		e.head(majorArray, uint64(length))
		return elem.encodeAll(e, p, length)
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		if got, err := d.head(majorArray); err != nil || got != uint64(length) {
			return errShape
		}
		return elem.decodeAll(d, p, length)
	}
	return nil
}
