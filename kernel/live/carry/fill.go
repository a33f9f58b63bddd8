package carry

import (
	"bytes"
	"reflect"
	"unsafe"
)

// fill converts what was found.
func (c *carrier) fill() {
	for _, r := range c.regions {
		c.root = r.root
		for i := range r.n {
			c.convert(r.typ, r.as, unsafe.Add(r.at, uintptr(i)*r.typ.Size()), unsafe.Add(r.to, uintptr(i)*r.as.Size()))
		}
	}
	for _, r := range c.stays {
		if c.around(r.at) != nil {
			continue // it was converted as a part of that
		}
		c.root = r.root
		for i := range r.n {
			c.renew(r.typ, unsafe.Add(r.at, uintptr(i)*r.typ.Size()))
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

// convert makes a value of the newest version of a type. Pointers in it are to where
// things are now; what they point to is converted by itself.
func (c *carrier) convert(old, newest reflect.Type, from, to unsafe.Pointer) {
	if old == newest || c.same(old, newest) {
		at(old, to).Set(at(old, from))
		c.renew(old, to)
		return
	}
	switch old.Kind() {
	case reflect.Struct:
		for i := range newest.NumField() {
			g := newest.Field(i)
			if f, ok := fieldOf(old, g.Name); ok && c.agree(f.Type, g.Type) {
				c.convert(f.Type, g.Type, unsafe.Add(from, f.Offset), unsafe.Add(to, g.Offset))
			}
		}
		c.tellDropped(old, newest)
	case reflect.Array:
		for i := range old.Len() {
			c.convert(old.Elem(), newest.Elem(), unsafe.Add(from, uintptr(i)*old.Elem().Size()), unsafe.Add(to, uintptr(i)*newest.Elem().Size()))
		}
	case reflect.Pointer:
		*(*unsafe.Pointer)(to) = c.moved(*(*unsafe.Pointer)(from), old.Elem())
	case reflect.Slice:
		s := *(*slice)(from)
		if s.data != nil && s.cap == 0 {
			at(newest, to).Set(reflect.MakeSlice(newest, 0, 0))
			return
		}
		*(*slice)(to) = slice{c.moved(s.data, old.Elem()), s.len, s.cap}
	case reflect.Map:
		if m := c.maps[at(old, from).UnsafePointer()]; m != nil && m.to.IsValid() {
			at(newest, to).Set(m.to)
		}
	case reflect.Interface:
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
	case newest == old && !hasPointers(old):
		return v
	}
	to := reflect.New(newest)
	c.convert(old, newest, held(v), to.UnsafePointer())
	return to.Elem()
}

// renew converts a value in its place: its type and its memory stay, what pointers lead
// to and interfaces hold is renewed.
func (c *carrier) renew(t reflect.Type, p unsafe.Pointer) {
	if !hasPointers(t) {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		if q := *(*unsafe.Pointer)(p); q != nil {
			if to := c.moved(q, t.Elem()); to != q {
				*(*unsafe.Pointer)(p) = to
			}
		}
	case reflect.Slice:
		if s := (*slice)(p); s.cap > 0 {
			if to := c.moved(s.data, t.Elem()); to != s.data {
				s.data = to
			}
		}
	case reflect.Array:
		for i := range t.Len() {
			c.renew(t.Elem(), unsafe.Add(p, uintptr(i)*t.Elem().Size()))
		}
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			c.renew(f.Type, unsafe.Add(p, f.Offset))
		}
	case reflect.Interface:
		c.renewInterface(t, p)
	}
}

func (c *carrier) renewInterface(t reflect.Type, p unsafe.Pointer) {
	v := at(t, p)
	if v.IsNil() {
		return
	}
	old := v.Elem()
	if !c.reaches(old.Type()) && !hasPointers(old.Type()) {
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
	key, elem := m.to.Type().Key(), m.to.Type().Elem()
	for entries := m.old.MapRange(); entries.Next(); {
		k, e := reflect.New(key), reflect.New(elem)
		c.convert(m.old.Type().Key(), key, held(entries.Key()), k.UnsafePointer())
		c.convert(m.old.Type().Elem(), elem, held(entries.Value()), e.UnsafePointer())
		m.to.SetMapIndex(k.Elem(), e.Elem())
	}
	if lost := m.old.Len() - m.to.Len(); lost > 0 {
		c.note("%d entries of a %s were dropped, whose keys are equal without the fields that are gone", lost, m.old.Type())
	}
}

// renewMap renews the entries of a map in their places.
func (c *carrier) renewMap(m *table) {
	t := m.old.Type()
	if !hasPointers(t.Key()) && !hasPointers(t.Elem()) {
		return
	}
	type entry struct{ old, key, elem reflect.Value }
	var changed []entry
	for entries := m.old.MapRange(); entries.Next(); {
		k, e := reflect.New(t.Key()), reflect.New(t.Elem())
		k.Elem().Set(entries.Key())
		e.Elem().Set(entries.Value())
		before := [2][]byte{bytes.Clone(memory(k.Elem())), memory(e.Elem())}
		c.renew(t.Key(), k.UnsafePointer())
		c.renew(t.Elem(), e.UnsafePointer())
		if newKey := !bytes.Equal(before[0], memory(k.Elem())); newKey {
			changed = append(changed, entry{entries.Key(), k.Elem(), e.Elem()})
		} else if !bytes.Equal(before[1], memory(e.Elem())) {
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
