package carry

import (
	"reflect"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/live"
)

// learnAll learns which types are newer versions of which.
func (c *carrier) learnAll(types []Type, variables []Variable) {
	for _, t := range types {
		if t.New == nil {
			c.anew[t.Name] = true
			continue
		}
		c.know(reflect.TypeOf(t.New))
		newest := reflect.TypeOf(t.New).Elem()
		if c.isInstance(newest) {
			c.named[newest.String()] = newest
		}
		for _, old := range live.TypesNamed(t.Name) {
			old := reflect.TypeOf(old).Elem()
			if c.learn(old, newest); old != newest && c.news[old] == nil {
				c.other[old] = true
			}
		}
		for _, d := range t.Derived {
			c.know(reflect.TypeOf(d))
		}
		c.told[newest] = t.Told
	}
	for _, v := range variables {
		c.know(reflect.TypeOf(v.New))
		if old := live.VariableAt(v.Old); old != nil {
			c.learn(reflect.TypeOf(old).Elem(), reflect.TypeOf(v.New).Elem())
		}
	}
	for _, p := range live.Variables() {
		c.know(reflect.TypeOf(p))
	}
}

// learn takes down that a type has another in its place, and so on for those that
// both are made of.
func (c *carrier) learn(old, newest reflect.Type) {
	if old == newest || c.news[old] != nil || old.Kind() != newest.Kind() || nameOf(old) != nameOf(newest) || old.PkgPath() != newest.PkgPath() {
		return
	}
	c.know(newest)
	c.news[old] = newest
	switch old.Kind() {
	case reflect.Struct:
		for i := range newest.NumField() {
			to := newest.Field(i)
			if from, ok := fieldOf(old, to.Name); ok {
				c.learn(from.Type, to.Type)
			}
		}
	case reflect.Map:
		c.learn(old.Key(), newest.Key())
		c.learn(old.Elem(), newest.Elem())
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		c.learn(old.Elem(), newest.Elem())
	}
}

// met returns what an instance of a generic type is now, nil where there is no such type. It is asked when
// the first value of one is found: nobody announces those before.
func (c *carrier) met(old reflect.Type) reflect.Type {
	if !c.isInstance(old) {
		return old
	}
	newest := c.named[old.String()]
	switch {
	case newest == nil && c.anew[nameOf(old)]:
		return nil
	case newest == nil || newest == old:
		return old
	}
	if c.learn(old, newest); c.news[old] == newest {
		return newest
	}
	c.other[old] = true
	return old
}

// isInstance reports whether a type is an instance of a generic type of cells.
func (c *carrier) isInstance(t reflect.Type) bool {
	return t.PkgPath() == c.cells && strings.HasSuffix(t.Name(), "]")
}

// know takes down a type that compiled code has, and those that it is made of.
func (c *carrier) know(t reflect.Type) {
	if c.known[t] {
		return
	}
	c.known[t] = true
	for part := range parts(t) {
		c.know(part)
	}
}

// nameOf is a type's name without arguments.
func nameOf(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	return name
}

// fieldOf finds a struct's own field.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	if name == "_" {
		return reflect.StructField{}, false
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Name == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// parts calls each for the types that a type's memory is made of or points to.
func parts(t reflect.Type) func(each func(reflect.Type) bool) {
	return func(each func(reflect.Type) bool) {
		switch t.Kind() {
		case reflect.Struct:
			for i := range t.NumField() {
				if !each(t.Field(i).Type) {
					return
				}
			}
		case reflect.Map:
			_ = each(t.Key()) && each(t.Elem())
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
			each(t.Elem())
		}
	}
}

// newest is the type that values of a type are to have: the type itself where it is
// made of nothing that was declared again, and nil where compiled code has no such type.
func (c *carrier) newest(t reflect.Type) reflect.Type {
	n, ok := c.news[t]
	if !ok {
		if n = c.met(t); n == t {
			n = c.derived(t)
		}
		c.news[t] = n
	}
	return n
}

func (c *carrier) derived(t reflect.Type) reflect.Type {
	if t.Name() != "" {
		return t
	}
	made := t
	switch t.Kind() {
	case reflect.Pointer:
		if e := c.newest(t.Elem()); e == nil {
			return nil
		} else if e != t.Elem() {
			made = c.compiled(func(k reflect.Type) bool { return k.Kind() == reflect.Pointer && k.Elem() == e })
		}
	case reflect.Slice:
		if e := c.newest(t.Elem()); e == nil {
			return nil
		} else if e != t.Elem() {
			made = c.compiled(func(k reflect.Type) bool { return k.Kind() == reflect.Slice && k.Elem() == e })
		}
	case reflect.Array:
		if e := c.newest(t.Elem()); e == nil {
			return nil
		} else if e != t.Elem() {
			made = c.compiled(func(k reflect.Type) bool { return k.Kind() == reflect.Array && k.Elem() == e && k.Len() == t.Len() })
		}
	case reflect.Map:
		key, e := c.newest(t.Key()), c.newest(t.Elem())
		if key == nil || e == nil {
			return nil
		}
		if key != t.Key() || e != t.Elem() {
			made = c.compiled(func(k reflect.Type) bool { return k.Kind() == reflect.Map && k.Key() == key && k.Elem() == e })
		}
	case reflect.Struct, reflect.Func, reflect.Chan:
		if c.mentions(t, make(map[reflect.Type]bool)) {
			return nil
		}
	}
	return made
}

// compiled finds an unnamed type among those that compiled code has.
func (c *carrier) compiled(is func(reflect.Type) bool) reflect.Type {
	for t := range c.known {
		if t.Name() == "" && is(t) {
			return t
		}
	}
	return nil
}

// isOld reports whether a type itself was declared again.
func (c *carrier) isOld(t reflect.Type) bool {
	return c.other[t] || c.isInstance(t) && c.newest(t) != t || c.news[t] != nil && c.news[t] != t
}

// mentions reports whether a type is made of one that was declared again.
func (c *carrier) mentions(t reflect.Type, seen map[reflect.Type]bool) bool {
	if c.isOld(t) {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	if t.Kind() == reflect.Func {
		for i := range t.NumIn() {
			if c.mentions(t.In(i), seen) {
				return true
			}
		}
		for i := range t.NumOut() {
			if c.mentions(t.Out(i), seen) {
				return true
			}
		}
	}
	for part := range parts(t) {
		if c.mentions(part, seen) {
			return true
		}
	}
	return false
}

// isClosed reports whether what a struct holds is its package's business: it is not of
// a cell, and has locks, channels, functions or untyped memory, so that others may work
// on it at the same time, or have it elsewhere as well.
func (c *carrier) isClosed(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.PkgPath() == "" || t.PkgPath() == c.cells {
		return false
	}
	if strings.HasPrefix(t.PkgPath(), "sync") || strings.HasPrefix(t.PkgPath(), "internal/") {
		return true
	}
	for i := range t.NumField() {
		f := t.Field(i).Type
		for f.Kind() == reflect.Array {
			f = f.Elem()
		}
		switch f.Kind() {
		case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Uintptr:
			return true
		case reflect.Struct:
			if f.PkgPath() != c.cells && c.isClosed(f) {
				return true
			}
		}
	}
	return false
}

// same reports whether two types have the same memory, and what they point to, too; so
// values of the one are values of the other.
func (c *carrier) same(a, b reflect.Type) bool {
	pair := [2]reflect.Type{a, b}
	if s, ok := c.sames[pair]; ok {
		return s
	}
	seen := make(map[[2]reflect.Type]bool)
	var is func(a, b reflect.Type) bool
	is = func(a, b reflect.Type) bool {
		if a == b || seen[[2]reflect.Type{a, b}] {
			return true
		}
		seen[[2]reflect.Type{a, b}] = true
		if a.Kind() != b.Kind() || a.Size() != b.Size() {
			return false
		}
		switch a.Kind() {
		case reflect.Struct:
			if a.NumField() != b.NumField() {
				return false
			}
			for i := range a.NumField() {
				if f, g := a.Field(i), b.Field(i); f.Name != g.Name || !is(f.Type, g.Type) {
					return false
				}
			}
			return true
		case reflect.Map:
			return is(a.Key(), b.Key()) && is(a.Elem(), b.Elem())
		case reflect.Chan:
			return a.ChanDir() == b.ChanDir() && is(a.Elem(), b.Elem())
		case reflect.Array:
			return a.Len() == b.Len() && is(a.Elem(), b.Elem())
		case reflect.Pointer, reflect.Slice:
			return is(a.Elem(), b.Elem())
		case reflect.Func:
			if a.IsVariadic() != b.IsVariadic() || a.NumIn() != b.NumIn() || a.NumOut() != b.NumOut() {
				return false
			}
			for i := range a.NumIn() {
				if !is(a.In(i), b.In(i)) {
					return false
				}
			}
			for i := range a.NumOut() {
				if !is(a.Out(i), b.Out(i)) {
					return false
				}
			}
			return true
		case reflect.Interface:
			return false // its values have their old type with them
		}
		return true
	}
	c.sames[pair] = is(a, b)
	return c.sames[pair]
}

// agree reports whether values of a type can become values of another: the rule of
// carriable in package decl.
func (c *carrier) agree(a, b reflect.Type) bool {
	pair := [2]reflect.Type{a, b}
	if f, ok := c.fits[pair]; ok {
		return f
	}
	seen := make(map[[2]reflect.Type]bool)
	var can func(a, b reflect.Type) bool
	can = func(a, b reflect.Type) bool {
		if a == b || seen[[2]reflect.Type{a, b}] {
			return true
		}
		if a.Kind() != b.Kind() || nameOf(a) != nameOf(b) || a.PkgPath() != b.PkgPath() {
			return false
		}
		seen[[2]reflect.Type{a, b}] = true
		switch a.Kind() {
		case reflect.Struct:
			if a.PkgPath() == "" || a.PkgPath() == c.cells {
				return true
			}
			if c.same(a, b) {
				return true
			}
			if c.isClosed(a) || a.NumField() != b.NumField() {
				return false
			}
			for i := range a.NumField() {
				if !can(a.Field(i).Type, b.Field(i).Type) {
					return false
				}
			}
			return true
		case reflect.Map:
			return can(a.Key(), b.Key()) && can(a.Elem(), b.Elem())
		case reflect.Array:
			return a.Len() == b.Len() && can(a.Elem(), b.Elem())
		case reflect.Pointer, reflect.Slice:
			return can(a.Elem(), b.Elem())
		case reflect.Chan, reflect.Func, reflect.UnsafePointer:
			return c.same(a, b)
		}
		return true
	}
	c.fits[pair] = can(a, b)
	return c.fits[pair]
}
