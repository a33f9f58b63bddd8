package codec

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// A value in an interface is written with its type: [type, value], or null. The type is a name that
// both sides know, or, where it has none, an array of its kind and what it consists of. The
// value is encoded by itself: what it shares with others becomes apart.

// maxTypes limits how deep a type without name is nested.
const maxTypes = 32

// known are the types that have a name everywhere.
var known = func() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, t := range []reflect.Type{
		reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
		reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[uintptr](),
		reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex64](), reflect.TypeFor[complex128](), reflect.TypeFor[any](), reflect.TypeFor[error](), timeType,
	} {
		types[t.String()] = t
	}
	return types
}()

// dynamic makes the node of an interface.
func (n *node) dynamic() {
	n.encode = func(e *encoder, p unsafe.Pointer) error {
		v := reflect.NewAt(n.t, p).Elem()
		if v.IsNil() {
			e.buf = append(e.buf, simpleNull)
			return nil
		}
		if e.errors++; e.errors > maxErrors {
			return fmt.Errorf("values refer to each other through interfaces more than %d times", maxErrors)
		}
		defer func() { e.errors-- }()
		v = v.Elem()
		c, err := For(v.Type())
		if err != nil {
			return fmt.Errorf("an interface holds what cannot travel: %w", err)
		}
		e.head(majorArray, 2)
		if err := e.typ(v.Type(), 0); err != nil {
			return err
		}
		value := reflect.New(c.Type)
		value.Elem().Set(v)
		inner := &encoder{inline: true, errors: e.errors}
		if err := c.encode(inner, value.UnsafePointer(), 1); err != nil {
			return err
		}
		e.bytes(inner.buf)
		return nil
	}
	n.decode = func(d *decoder, p unsafe.Pointer) error {
		if d.null() {
			return nil
		}
		if d.errors++; d.errors > maxErrors {
			return errShape
		}
		defer func() { d.errors-- }()
		if parts, err := d.head(majorArray); err != nil || parts != 2 {
			return errShape
		}
		t, err := d.typ(0)
		if err != nil {
			return err
		}
		if !t.AssignableTo(n.t) {
			return errShape
		}
		data, err := d.bytes()
		if err != nil {
			return err
		}
		c, err := For(t)
		if err != nil {
			return err
		}
		value := reflect.New(t)
		if err := c.decode(&decoder{data: data, errors: d.errors}, value.UnsafePointer(), 1); err != nil {
			return err
		}
		reflect.NewAt(n.t, p).Elem().Set(value.Elem())
		return nil
	}
}

// typ writes a type.
func (e *encoder) typ(t reflect.Type, depth int) error {
	if name := registry.TypeName(t); name != "" {
		e.bytes([]byte(name))
		return nil
	}
	if name := t.String(); known[name] == t {
		e.bytes([]byte(name))
		return nil
	}
	if t.Name() != "" || depth > maxTypes {
		return fmt.Errorf("an interface holds a value of type %v, which engines do not know by name: name it with parallel.RegisterType in an init function; in a notebook, types are known that a cell declares at its top level, and exported ones of packages", t)
	}
	var parts []reflect.Type
	length := 0
	switch t.Kind() {
	case reflect.Slice, reflect.Pointer:
		parts = []reflect.Type{t.Elem()}
	case reflect.Array:
		parts, length = []reflect.Type{t.Elem()}, t.Len()
	case reflect.Map:
		parts = []reflect.Type{t.Key(), t.Elem()}
	default:
		return fmt.Errorf("an interface holds a value of type %v, which has no name: declare a type; in a program, name it with parallel.RegisterType in an init function", t)
	}
	e.head(majorArray, uint64(2+len(parts)))
	e.head(majorUint, uint64(t.Kind()))
	e.head(majorUint, uint64(length))
	for _, part := range parts {
		if err := e.typ(part, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// typ reads a type.
func (d *decoder) typ(depth int) (reflect.Type, error) {
	if len(d.data) > 0 && d.data[0]&0xe0 == majorBytes {
		name, err := d.bytes()
		if err != nil {
			return nil, err
		}
		t := registry.TypeNamed(string(name))
		if t == nil {
			t = known[string(name)]
		}
		if t == nil {
			return nil, fmt.Errorf("the type %s is not known here: name it with parallel.RegisterType in an init function of the program, which all its processes run", name)
		}
		return t, nil
	}
	parts, err := d.head(majorArray)
	if err != nil || parts < 3 || parts > 4 || depth > maxTypes {
		return nil, errShape
	}
	kind, err := d.head(majorUint)
	if err != nil {
		return nil, err
	}
	length, err := d.head(majorUint)
	if err != nil {
		return nil, err
	}
	elem, err := d.typ(depth + 1)
	if err != nil {
		return nil, err
	}
	switch kind := reflect.Kind(kind); {
	case kind == reflect.Slice && parts == 3:
		return reflect.SliceOf(elem), nil
	case kind == reflect.Pointer && parts == 3:
		return reflect.PointerTo(elem), nil
	case kind == reflect.Array && parts == 3 && length <= 1<<20 && (elem.Size() == 0 || length*uint64(elem.Size()) <= 1<<30):
		return reflect.ArrayOf(int(length), elem), nil
	case kind == reflect.Map && parts == 4 && elem.Comparable():
		value, err := d.typ(depth + 1)
		if err != nil {
			return nil, err
		}
		return reflect.MapOf(elem, value), nil
	}
	return nil, errShape
}
