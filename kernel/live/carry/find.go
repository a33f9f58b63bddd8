package carry

import (
	"reflect"
	"unsafe"
)

// slice is the memory of a slice.
type slice struct {
	data     unsafe.Pointer
	len, cap int
}

// at returns the value of a type that lies at a place.
func at(t reflect.Type, p unsafe.Pointer) reflect.Value { return reflect.NewAt(t, p).Elem() }

// find finds all that was declared again in the memory that is queued, and in what that
// leads to.
func (c *carrier) find() {
	for len(c.work) > 0 {
		r := c.work[len(c.work)-1]
		c.work = c.work[:len(c.work)-1]
		c.root = r.root
		for i := range r.n {
			c.scan(r.typ, unsafe.Add(r.at, uintptr(i)*r.typ.Size()))
		}
	}
}

// follow queues memory that something points to.
func (c *carrier) follow(p unsafe.Pointer, t reflect.Type, n int) {
	if p == nil || n == 0 || isClosed(t) {
		return
	}
	ref := reference{p, t}
	before, known := c.seen[ref]
	if known && before >= n {
		return
	}
	if !known && !hasPointers(t) && c.newest(t) == t {
		return
	}
	c.seen[ref] = n
	if c.changes(t) {
		c.regions = append(c.regions, region{at: p, typ: t, n: n, as: c.newest(t), root: c.root})
	} else {
		c.stays = append(c.stays, region{at: p, typ: t, n: n, root: c.root})
	}
	if c.reaches(t) {
		c.work = append(c.work, region{at: unsafe.Add(p, uintptr(before)*t.Size()), typ: t, n: n - before, root: c.root})
	}
}

// changes reports whether memory of a type has to be laid out anew.
func (c *carrier) changes(t reflect.Type) bool {
	n := c.newest(t)
	return n != nil && n != t && !c.same(t, n) && c.agree(t, n)
}

// scan looks for what a value refers to.
func (c *carrier) scan(t reflect.Type, p unsafe.Pointer) {
	if !c.reaches(t) && t.Kind() != reflect.Pointer && t.Kind() != reflect.Slice {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		c.follow(*(*unsafe.Pointer)(p), t.Elem(), 1)
	case reflect.Slice:
		s := (*slice)(p)
		c.follow(s.data, t.Elem(), s.cap)
	case reflect.Array:
		for i := range t.Len() {
			c.scan(t.Elem(), unsafe.Add(p, uintptr(i)*t.Elem().Size()))
		}
	case reflect.Struct:
		if isClosed(t) {
			return
		}
		for i := range t.NumField() {
			f := t.Field(i)
			c.scan(f.Type, unsafe.Add(p, f.Offset))
		}
	case reflect.Map:
		c.scanMap(t, p)
	case reflect.Interface:
		v := at(t, p)
		if v.IsNil() {
			return
		}
		if v = v.Elem(); c.reaches(v.Type()) || v.Kind() == reflect.Pointer {
			c.scan(v.Type(), held(v))
		}
	case reflect.Chan:
		if n := c.newest(t.Elem()); n != t.Elem() && (n == nil || !c.same(t.Elem(), n)) && at(t, p).Len() > 0 {
			c.note("a %s has values of the version before, which stay as they are", t)
		}
	}
}

// held returns the memory of a copy of a value.
func held(v reflect.Value) unsafe.Pointer {
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.UnsafePointer()
}

func (c *carrier) scanMap(t reflect.Type, p unsafe.Pointer) {
	v := at(t, p)
	if v.IsNil() || c.maps[v.UnsafePointer()] != nil {
		return
	}
	m := &table{old: v, root: c.root}
	c.maps[v.UnsafePointer()] = m
	c.order = append(c.order, m)
	key, elem := c.reaches(t.Key()), c.reaches(t.Elem()) || t.Elem().Kind() == reflect.Pointer || t.Elem().Kind() == reflect.Slice
	if !key && !elem {
		return
	}
	for entries := v.MapRange(); entries.Next(); {
		if key {
			c.scan(t.Key(), held(entries.Key()))
		}
		if elem {
			c.scan(t.Elem(), held(entries.Value()))
		}
	}
}

// hasPointers reports whether there may be pointers to other values in the memory of a
// type.
func hasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if hasPointers(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
