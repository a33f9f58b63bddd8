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
		if scan := c.scanner(r.typ); scan != nil {
			for i := range r.n {
				scan(unsafe.Add(r.at, uintptr(i)*r.typ.Size()))
			}
		}
	}
}

// leads reports whether memory of a type is to be found where something points to it: it
// has to be converted, or leads to more.
func (c *carrier) leads(t reflect.Type) bool {
	return !c.isClosed(t) && (hasPointers(t) || c.newest(t) != t)
}

// enqueue puts memory in the queue that something points to, of a type that leads somewhere.
func (c *carrier) enqueue(p unsafe.Pointer, t reflect.Type, n int) {
	if p == nil || n == 0 {
		return
	}
	ref := reference{p, t}
	before := c.seen[ref]
	if before >= n {
		return
	}
	c.seen[ref] = n
	r := region{at: p, typ: t, n: n, root: c.root}
	if c.changes(t) {
		r.as = c.newest(t)
		c.regions = append(c.regions, r)
	} else {
		c.stays = append(c.stays, r)
	}
	r.at, r.n = unsafe.Add(p, uintptr(before)*t.Size()), n-before
	c.work = append(c.work, r)
}

// changes reports whether memory of a type has to be laid out anew.
func (c *carrier) changes(t reflect.Type) bool {
	n := c.newest(t)
	return n != nil && n != t && !c.same(t, n) && c.agree(t, n)
}

// A scan looks for what a value refers to.
type scan func(p unsafe.Pointer)

// scanner returns the scan of a type, nil where there is nothing to find. It is made
// once, since reflection is slow.
func (c *carrier) scanner(t reflect.Type) scan {
	s, ok := c.scans[t]
	if !ok {
		s = c.newScanner(t)
		c.scans[t] = s
	}
	return s
}

func (c *carrier) newScanner(t reflect.Type) scan {
	switch t.Kind() {
	case reflect.Pointer:
		if elem := t.Elem(); c.leads(elem) {
			return func(p unsafe.Pointer) { c.enqueue(*(*unsafe.Pointer)(p), elem, 1) }
		}
	case reflect.Slice:
		if elem := t.Elem(); c.leads(elem) {
			return func(p unsafe.Pointer) { c.enqueue((*slice)(p).data, elem, (*slice)(p).cap) }
		}
	case reflect.Array:
		if elem, n, size := c.scanner(t.Elem()), t.Len(), t.Elem().Size(); elem != nil {
			return func(p unsafe.Pointer) {
				for i := range n {
					elem(unsafe.Add(p, uintptr(i)*size))
				}
			}
		}
	case reflect.Struct:
		return c.structScanner(t)
	case reflect.Map:
		return func(p unsafe.Pointer) { c.scanMap(t, p) }
	case reflect.Interface:
		return func(p unsafe.Pointer) {
			v := at(t, p)
			if v.IsNil() {
				return
			}
			if scan := c.scanner(v.Elem().Type()); scan != nil {
				scan(held(v.Elem()))
			}
		}
	case reflect.Chan:
		if n := c.newest(t.Elem()); n != t.Elem() && (n == nil || !c.same(t.Elem(), n)) {
			return func(p unsafe.Pointer) {
				if at(t, p).Len() > 0 {
					c.note("a %s has values of the version before, which stay as they are", t)
				}
			}
		}
	}
	return nil
}

func (c *carrier) structScanner(t reflect.Type) scan {
	type field struct {
		scan
		offset uintptr
	}
	var fields []field
	if c.isClosed(t) {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if s := c.scanner(f.Type); s != nil {
			fields = append(fields, field{s, f.Offset})
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
	key, elem := c.scanner(t.Key()), c.scanner(t.Elem())
	if key == nil && elem == nil {
		return
	}
	k, e := reflect.New(t.Key()), reflect.New(t.Elem())
	for entries := v.MapRange(); entries.Next(); {
		if key != nil {
			k.Elem().SetIterKey(entries)
			key(k.UnsafePointer())
		}
		if elem != nil {
			e.Elem().SetIterValue(entries)
			elem(e.UnsafePointer())
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
