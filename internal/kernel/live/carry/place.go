package carry

import (
	"cmp"
	"reflect"
	"slices"
	"unsafe"
)

func (r *region) end() uintptr { return uintptr(r.at) + uintptr(r.n)*r.typ.Size() }

// place makes the new places. What lies inside of other memory that moves, as the
// element of a slice does to which something points, moves with it.
func (c *carrier) place() {
	slices.SortStableFunc(c.regions, func(a, b region) int {
		return cmp.Or(cmp.Compare(uintptr(a.at), uintptr(b.at)), cmp.Compare(b.end(), a.end()))
	})
	var list []region
	for _, r := range c.regions {
		if r.typ.Size() == 0 {
			ref := reference{r.at, r.typ}
			if c.exact[ref] == nil || r.to != nil {
				if r.to == nil {
					r.to = reflect.MakeSlice(reflect.SliceOf(r.as), c.seen[ref], c.seen[ref]).UnsafePointer()
				}
				c.exact[ref] = r.to
			}
			continue
		}
		if len(list) > 0 {
			last := &list[len(list)-1]
			inside := uintptr(r.at) - uintptr(last.at)
			_, goesAlong := c.offset(last.typ, last.as, inside%last.typ.Size(), r.typ)
			switch {
			case r.end() <= last.end() && !goesAlong: // in a field that is dropped
				r.to = reflect.MakeSlice(reflect.SliceOf(r.as), r.n, r.n).UnsafePointer()
				c.exact[reference{r.at, r.typ}] = r.to
				c.apart = append(c.apart, r)
				continue
			case r.end() <= last.end():
				if last.to == nil && r.to != nil && r.at == last.at && r.typ == last.typ && r.n == last.n {
					last.to = r.to
				}
				continue
			case uintptr(r.at) < last.end() && last.typ == r.typ && last.to == nil && r.to == nil && inside%r.typ.Size() == 0:
				last.n = int(inside/r.typ.Size()) + r.n
				continue
			}
		}
		list = append(list, r)
	}
	for i := range list {
		if r := &list[i]; r.to == nil {
			r.to = reflect.MakeSlice(reflect.SliceOf(r.as), r.n, r.n).UnsafePointer()
		}
	}
	c.regions = list
	for _, m := range c.order {
		if t := m.old.Type(); c.changes(t) {
			m.to = reflect.MakeMapWithSize(c.newest(t), m.old.Len())
		}
	}
}

// around finds the memory that moves and has a place in it.
func (c *carrier) around(p unsafe.Pointer) *region {
	i, found := slices.BinarySearchFunc(c.regions, uintptr(p), func(r region, at uintptr) int { return cmp.Compare(uintptr(r.at), at) })
	if !found {
		i--
	}
	if i < 0 || uintptr(p) >= c.regions[i].end() {
		return nil
	}
	return &c.regions[i]
}

// moved returns where a pointer to a type points now; false where nothing was found
// there. Where that is in a field that was dropped, it goes on pointing to the old memory.
func (c *carrier) moved(p unsafe.Pointer, t reflect.Type) (unsafe.Pointer, bool) {
	if p == nil {
		return nil, true
	}
	if to := c.exact[reference{p, t}]; to != nil {
		return to, true
	}
	r := c.around(p)
	if r == nil {
		return p, false
	}
	off := uintptr(p) - uintptr(r.at)
	i := off / r.typ.Size()
	if in, ok := c.offset(r.typ, r.as, off%r.typ.Size(), t); ok {
		return unsafe.Add(r.to, i*r.as.Size()+in), true
	}
	return p, false
}

// target returns where a pointer of a converted value points, to n values of a type that
// changes. A goroutine may have changed the pointer since all was found: then it is nil,
// because what is there has the old type.
func (c *carrier) target(p unsafe.Pointer, t reflect.Type, n int) unsafe.Pointer {
	to, ok := c.moved(p, t)
	if !ok || p != nil && c.seen[reference{p, t}] < n {
		c.note("a pointer to a %s was changed meanwhile, and is nil", t)
		return nil
	}
	return to
}

// offset is where in a type's newest version the part is that lies at an offset of the
// type and has type t.
func (c *carrier) offset(old, newest reflect.Type, off uintptr, t reflect.Type) (uintptr, bool) {
	switch {
	case off == 0 && old == t:
		return 0, true
	case old == newest || c.same(old, newest):
		return off, true
	case old.Kind() == reflect.Array && old.Elem().Size() > 0:
		i := off / old.Elem().Size()
		in, ok := c.offset(old.Elem(), newest.Elem(), off%old.Elem().Size(), t)
		return i*newest.Elem().Size() + in, ok
	case old.Kind() == reflect.Struct:
		for i := range old.NumField() {
			f := old.Field(i)
			if off < f.Offset || off >= f.Offset+f.Type.Size() {
				continue
			}
			if to, ok := fieldOf(newest, f.Name); ok && c.agree(f.Type, to.Type) {
				in, ok := c.offset(f.Type, to.Type, off-f.Offset, t)
				return to.Offset + in, ok
			}
		}
	}
	return 0, false
}
