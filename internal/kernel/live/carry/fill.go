package carry

import (
	"bytes"
	"reflect"
	"slices"
	"unsafe"
)

// fill converts what was found.
func (c *carrier) fill() {
	for _, r := range slices.Concat(c.regions, c.apart) {
		c.root = r.root
		convert := c.converter(r.typ, r.as)
		for i := range r.n {
			convert(unsafe.Add(r.at, uintptr(i)*r.typ.Size()), unsafe.Add(r.to, uintptr(i)*r.as.Size()))
		}
	}
	for _, r := range c.stays {
		renew := c.renewer(r.typ)
		if renew == nil || c.around(r.at) != nil {
			continue // it was converted as a part of that
		}
		c.root = r.root
		for i := range r.n {
			renew(unsafe.Add(r.at, uintptr(i)*r.typ.Size()))
		}
	}
	for _, m := range c.order {
		c.root = m.root
		if m.to.IsValid() {
			c.convertMap(m)
		} else {
			c.renewMap(m)
		}
	}
}

// A conversion makes a value of the newest version of a type. Pointers in it are to where
// things are now; what they point to is converted by itself.
type conversion func(from, to unsafe.Pointer)

// converter returns the conversion from one type to another, which is made once.
func (c *carrier) converter(old, newest reflect.Type) conversion {
	pair := [2]reflect.Type{old, newest}
	do, ok := c.conversions[pair]
	if !ok {
		do = c.newConverter(old, newest)
		c.conversions[pair] = do
	}
	return do
}

func (c *carrier) newConverter(old, newest reflect.Type) conversion {
	if old == newest || c.same(old, newest) {
		return c.copier(old)
	}
	switch old.Kind() {
	case reflect.Struct:
		return c.structConverter(old, newest)
	case reflect.Array:
		elem, n, size, newSize := c.converter(old.Elem(), newest.Elem()), old.Len(), old.Elem().Size(), newest.Elem().Size()
		return func(from, to unsafe.Pointer) {
			for i := range n {
				elem(unsafe.Add(from, uintptr(i)*size), unsafe.Add(to, uintptr(i)*newSize))
			}
		}
	case reflect.Pointer:
		elem := old.Elem()
		if !c.changes(elem) {
			return c.copier(old)
		}
		return func(from, to unsafe.Pointer) {
			*(*unsafe.Pointer)(to) = c.target(*(*unsafe.Pointer)(from), elem, 1)
		}
	case reflect.Slice:
		elem := old.Elem()
		if !c.changes(elem) {
			return c.copier(old)
		}
		return func(from, to unsafe.Pointer) {
			s := *(*slice)(from)
			if s.data != nil && s.cap == 0 {
				at(newest, to).Set(reflect.MakeSlice(newest, 0, 0))
				return
			}
			if data := c.target(s.data, elem, s.cap); data != nil {
				*(*slice)(to) = slice{data, s.len, s.cap}
			}
		}
	case reflect.Map:
		return func(from, to unsafe.Pointer) {
			if m := c.maps[at(old, from).UnsafePointer()]; m != nil && m.to.IsValid() {
				at(newest, to).Set(m.to)
			}
		}
	case reflect.Interface:
		return func(from, to unsafe.Pointer) {
			v := at(old, from)
			if v.IsNil() {
				return
			}
			if v = c.renewed(v.Elem()); v.Type().Implements(newest) {
				at(newest, to).Set(v)
			} else {
				c.note("a %s was dropped, which is no %s now", v.Type(), newest)
			}
		}
	}
	return func(unsafe.Pointer, unsafe.Pointer) {} // there is nothing that agrees
}

// copier copies values of a type.
func (c *carrier) copier(t reflect.Type) conversion {
	renew := c.renewer(t)
	switch {
	case renew != nil:
		return func(from, to unsafe.Pointer) {
			at(t, to).Set(at(t, from))
			renew(to)
		}
	case t.Kind() == reflect.String:
		return func(from, to unsafe.Pointer) { *(*string)(to) = *(*string)(from) }
	case t.Kind() == reflect.Int:
		return func(from, to unsafe.Pointer) { *(*int)(to) = *(*int)(from) }
	}
	return func(from, to unsafe.Pointer) { at(t, to).Set(at(t, from)) }
}

func (c *carrier) structConverter(old, newest reflect.Type) conversion {
	type field struct {
		conversion
		from, to uintptr
	}
	var fields []field
	for i := range newest.NumField() {
		g := newest.Field(i)
		if f, ok := fieldOf(old, g.Name); ok && c.agree(f.Type, g.Type) {
			fields = append(fields, field{c.converter(f.Type, g.Type), f.Offset, g.Offset})
		}
	}
	c.tellDropped(old, newest)
	return func(from, to unsafe.Pointer) {
		for _, f := range fields {
			f.conversion(unsafe.Add(from, f.from), unsafe.Add(to, f.to))
		}
	}
}

// tellDropped tells which fields a type has lost, where nobody else has.
func (c *carrier) tellDropped(old, newest reflect.Type) {
	if told, ok := c.told[newest]; told || !ok {
		return
	}
	c.told[newest] = true
	for i := range old.NumField() {
		f := old.Field(i)
		if g, ok := fieldOf(newest, f.Name); f.Name != "_" && (!ok || !c.agree(f.Type, g.Type)) {
			c.note("%s's field %s of type %s was dropped", newest.Name(), f.Name, f.Type)
		}
	}
}

// renewed returns the value that takes the place of one in an interface: of the newest
// version of its type where there is one.
func (c *carrier) renewed(v reflect.Value) reflect.Value {
	old := v.Type()
	newest := c.newest(old)
	switch {
	case newest == nil:
		c.note("a %s in an interface stays what it was: no cell has this type of the new version", old)
		return v
	case c.other[old], newest != old && !c.agree(old, newest):
		c.note("a %s in an interface stays what it was: the new version is made of something else", old)
		return v
	}
	to := reflect.New(newest)
	c.converter(old, newest)(held(v), to.UnsafePointer())
	return to.Elem()
}

// renewer returns what converts values of a type in their places: their type and their
// memory stay, what pointers lead to and interfaces hold is renewed. It is nil where there
// is nothing to do.
func (c *carrier) renewer(t reflect.Type) scan {
	do, ok := c.renewals[t]
	if !ok {
		do = c.newRenewer(t)
		c.renewals[t] = do
	}
	return do
}

func (c *carrier) newRenewer(t reflect.Type) scan {
	switch t.Kind() {
	case reflect.Pointer:
		elem := t.Elem()
		if c.changes(elem) {
			return nil // the new places are of another type
		}
		return func(p unsafe.Pointer) {
			if q := *(*unsafe.Pointer)(p); q != nil {
				if to, _ := c.moved(q, elem); to != q {
					*(*unsafe.Pointer)(p) = to
				}
			}
		}
	case reflect.Slice:
		elem := t.Elem()
		if c.changes(elem) {
			return nil
		}
		return func(p unsafe.Pointer) {
			if s := (*slice)(p); s.cap > 0 {
				if to, _ := c.moved(s.data, elem); to != s.data {
					s.data = to
				}
			}
		}
	case reflect.Array:
		if elem, n, size := c.renewer(t.Elem()), t.Len(), t.Elem().Size(); elem != nil {
			return func(p unsafe.Pointer) {
				for i := range n {
					elem(unsafe.Add(p, uintptr(i)*size))
				}
			}
		}
	case reflect.Struct:
		type field struct {
			scan
			offset uintptr
		}
		var fields []field
		for i := range t.NumField() {
			f := t.Field(i)
			if do := c.renewer(f.Type); do != nil {
				fields = append(fields, field{do, f.Offset})
			}
		}
		if fields == nil {
			return nil
		}
		return func(p unsafe.Pointer) {
			for _, f := range fields {
				f.scan(unsafe.Add(p, f.offset))
			}
		}
	case reflect.Interface:
		return func(p unsafe.Pointer) { c.renewInterface(t, p) }
	}
	return nil
}

func (c *carrier) renewInterface(t reflect.Type, p unsafe.Pointer) {
	v := at(t, p)
	if v.IsNil() {
		return
	}
	old := v.Elem()
	if c.newest(old.Type()) == old.Type() && c.renewer(old.Type()) == nil && !c.other[old.Type()] {
		return
	}
	now := c.renewed(old)
	switch {
	case now.Type() == old.Type() && bytes.Equal(memory(old), memory(now)):
	case now.Type().Implements(t):
		v.Set(now)
	default:
		c.note("a %s in a %s stays what it was: its new version lacks a method", old.Type(), t)
	}
}

// memory is a copy of a value's memory.
func memory(v reflect.Value) []byte {
	return unsafe.Slice((*byte)(held(v)), v.Type().Size())
}

// convertMap fills the map that takes another's place.
func (c *carrier) convertMap(m *table) {
	old, now := m.old.Type(), m.to.Type()
	key, elem := c.converter(old.Key(), now.Key()), c.converter(old.Elem(), now.Elem())
	oldKey, oldElem := reflect.New(old.Key()), reflect.New(old.Elem())
	k, e := reflect.New(now.Key()), reflect.New(now.Elem())
	for entries := m.old.MapRange(); entries.Next(); {
		oldKey.Elem().SetIterKey(entries)
		oldElem.Elem().SetIterValue(entries)
		k.Elem().SetZero()
		e.Elem().SetZero()
		key(oldKey.UnsafePointer(), k.UnsafePointer())
		elem(oldElem.UnsafePointer(), e.UnsafePointer())
		m.to.SetMapIndex(k.Elem(), e.Elem())
	}
	if lost := m.old.Len() - m.to.Len(); lost > 0 {
		c.note("%d entries of a %s were dropped, whose keys are equal without the fields that are gone", lost, old)
	}
}

// renewMap renews the entries of a map in their places.
func (c *carrier) renewMap(m *table) {
	t := m.old.Type()
	key, elem := c.renewer(t.Key()), c.renewer(t.Elem())
	if key == nil && elem == nil {
		return
	}
	type entry struct{ old, key, elem reflect.Value }
	var changed []entry
	for entries := m.old.MapRange(); entries.Next(); {
		k, e := reflect.New(t.Key()), reflect.New(t.Elem())
		k.Elem().SetIterKey(entries)
		e.Elem().SetIterValue(entries)
		keyBefore, elemBefore := memory(k.Elem()), memory(e.Elem())
		if key != nil {
			key(k.UnsafePointer())
		}
		if elem != nil {
			elem(e.UnsafePointer())
		}
		if !bytes.Equal(keyBefore, memory(k.Elem())) {
			changed = append(changed, entry{entries.Key(), k.Elem(), e.Elem()})
		} else if !bytes.Equal(elemBefore, memory(e.Elem())) {
			changed = append(changed, entry{reflect.Value{}, k.Elem(), e.Elem()})
		}
	}
	for _, e := range changed {
		if e.old.IsValid() {
			m.old.SetMapIndex(e.old, reflect.Value{})
		}
	}
	for _, e := range changed {
		m.old.SetMapIndex(e.key, e.elem)
	}
}
