package effects

import (
	"go/types"
	"maps"
	"slices"
)

// An object is a piece of memory: a variable, or something that one place in the
// text makes, however often. What the analysis did not see being made stands for
// all that can be reached from it.
type object struct {
	id int
	// outside says how people call memory that was there before the call, and
	// variable what it is where it is itself a variable. Both are empty for what
	// the call made.
	outside, variable string
	// opaque is what imported code returned: it can hold itself.
	opaque bool
	// typ is the type of a value in an interface, for the object that holds it.
	typ types.Type
	// fn is what a call of a function value does.
	fn *function
	// fields are the pointers that the object holds, by the name of the struct's
	// field; it is "" for elements and for variables that are no structs. The fields
	// of inner structs and arrays are its own.
	fields map[string]set
	// whole is set where fields are not told apart, since a pointer to one is used.
	whole bool
}

const (
	anyField = "*" // for pointers that can be in each field
	shared   = "&" // for what an opaque object can be part of
)

// A set holds the objects that a value can point to. For a struct or an array it
// holds the objects that it can be a copy of.
type set map[*object]bool

func setOf(objs ...*object) set {
	s := make(set)
	for _, o := range objs {
		s[o] = true
	}
	return s
}

// with adds all of others to s, which it returns; s can be nil.
func (s set) with(others ...set) set {
	for _, other := range others {
		for o := range other {
			if s == nil {
				s = make(set)
			}
			s[o] = true
		}
	}
	return s
}

// sorted returns the objects in the order in which they were met.
func (s set) sorted() []*object {
	return slices.SortedFunc(maps.Keys(s), func(a, b *object) int { return a.id - b.id })
}

// outside returns the first object that was there before the call, or nil.
func (s set) outside() *object {
	for _, o := range s.sorted() {
		if o.outside != "" {
			return o
		}
	}
	return nil
}

// A place is where a value lies: in a field of one of some objects.
type place struct {
	objs  set
	field string
	typ   types.Type
}

// object returns the object for a key, and makes it when it is first asked for.
func (a *analysis) object(key any) *object {
	o := a.objects[key]
	if o == nil {
		o = &object{id: len(a.objects), fields: make(map[string]set)}
		a.objects[key] = o
		a.grown = true
	}
	return o
}

// put adds pointers to a field.
func (a *analysis) put(o *object, field string, values set) {
	if o.outside != "" {
		return // the write to it was seen where it was made
	}
	if o.whole && field != shared {
		field = anyField
	}
	a.step(len(values))
	for v := range values {
		if !o.fields[field][v] {
			if o.fields[field] == nil {
				o.fields[field] = make(set)
			}
			o.fields[field][v] = true
			a.grown = true
		}
	}
}

// address returns what a pointer to a place points to. Of an object's fields that
// are pointers themselves, none can be told from the others afterwards.
func (a *analysis) address(p place) set {
	if _, pointer := a.kind(p.typ); pointer && p.field != "" {
		for o := range p.objs {
			if o.whole = true; len(o.fields) > 0 {
				a.put(o, anyField, contents(setOf(o)))
			}
		}
	}
	return p.objs
}

// store writes a value to a place.
func (a *analysis) store(p place, values set) {
	aggregate, pointer := a.kind(p.typ)
	for dst := range p.objs {
		if pointer {
			a.put(dst, p.field, values)
		}
		if !aggregate {
			continue
		}
		for src := range values {
			if src.outside != "" || src.opaque {
				a.put(dst, anyField, setOf(src))
			}
			if src == dst {
				continue
			}
			for field, held := range src.fields {
				a.put(dst, field, held)
			}
		}
	}
}

// load reads the value at a place.
func (a *analysis) load(p place) set {
	aggregate, pointer := a.kind(p.typ)
	var values set
	for o := range p.objs {
		if aggregate || pointer && (o.outside != "" || o.opaque) {
			values = values.with(setOf(o))
		}
		if pointer {
			a.step(len(o.fields[p.field]) + len(o.fields[anyField]))
			values = values.with(o.fields[p.field], o.fields[anyField])
		}
	}
	return values
}

// contents returns all pointers that objects hold.
func contents(objs set) set {
	var values set
	for o := range objs {
		for _, held := range o.fields {
			values = values.with(held)
		}
	}
	return values
}

// reach returns the objects, and all that can be reached from them.
func (a *analysis) reach(objs set) set {
	return closure(objs, func(o *object) []set {
		held := slices.Collect(maps.Values(o.fields))
		for _, h := range held {
			a.step(len(h))
		}
		return held
	})
}

// memory returns the objects whose memory a write to objs can change: what
// imported code returned can be part of what it was given, and a value in an
// interface stands for what it points to.
func (a *analysis) memory(objs set) set {
	return closure(objs, func(o *object) []set {
		if o.typ == nil {
			return []set{o.fields[shared]}
		}
		return []set{o.fields[shared], contents(setOf(o))}
	})
}

// closure returns the objects, those that next gives for each, and so on.
func closure(objs set, next func(*object) []set) set {
	seen := make(set)
	queue := slices.Collect(maps.Keys(objs))
	for len(queue) > 0 {
		o := queue[0]
		queue = queue[1:]
		if seen[o] {
			continue
		}
		seen[o] = true
		for _, more := range next(o) {
			queue = slices.AppendSeq(queue, maps.Keys(more))
		}
	}
	return seen
}
