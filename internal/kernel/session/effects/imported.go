package effects

import (
	"go/types"
	"slices"
	"strings"
)

// imported does what is known of a call of an imported function or method.
func (b *body) imported(c call, fn *types.Func, recv set, args []set) []set {
	a := b.a
	r := ruleFor(fn)
	if r.why != "" {
		b.note(c.pos, "calls %s, which %s", c.text, r.why)
	}
	sig := fn.Origin().Signature()
	args = args[:min(len(args), sig.Params().Len())]
	if r.receiver && sig.Recv() != nil {
		b.changed(c, r, sig.Recv().Type(), recv, args)
	}
	for i, arg := range args {
		t := sig.Params().At(i).Type()
		if r.changes(i) {
			others := slices.Concat([]set{recv}, args[:i], args[i+1:])
			b.changed(c, r, t, arg, others)
		}
		b.guess(c, r, t, arg)
	}
	given := make(set).with(recv).with(args...)
	all := a.reach(given)
	returned := b.callBack(c, r, all)
	var results []set
	for i := range sig.Results().Len() {
		t := sig.Results().At(i).Type()
		if !a.holds(t) {
			results = append(results, nil)
			continue
		}
		o := a.object(importedKey{c.pos, fn.Origin(), i})
		o.opaque = true
		switch {
		case r.chains:
			results = append(results, recv)
			continue
		case !r.copies:
			a.put(o, shared, all)
			a.put(o, shared, returned)
			a.put(o, anyField, all)
			a.put(o, anyField, returned)
		case a.deep(t):
			a.put(o, anyField, all)
			a.put(o, anyField, returned)
		}
		results = append(results, setOf(o))
	}
	return results
}

// changed notes that the call changes what it is given, which may then hold other
// things that it is given.
func (b *body) changed(c call, r rule, t types.Type, values set, others []set) {
	a := b.a
	if !a.holds(t) {
		return
	}
	if !r.top && a.deep(t) {
		values = a.reach(values)
	}
	if o := a.memory(values).outside(); o != nil {
		b.note(c.pos, "calls %s, which may change %s", c.text, o.outside)
	}
	if !r.copies {
		for o := range values {
			a.put(o, anyField, make(set).with(others...))
		}
	}
}

// guess notes that the call may call functions or methods that are not known.
func (b *body) guess(c call, r rule, t types.Type, arg set) {
	slice, ok := t.Underlying().(*types.Slice)
	if _, isFunc := coreOf(t).(*types.Signature); isFunc && arg.outside() != nil {
		b.note(c.pos, "calls %s with a function that is known only when it runs", c.text)
	} else if r.methods && isInterface(t) && !isError(t) && arg.outside() != nil ||
		r.methods && ok && isInterface(slice.Elem()) && make(set).with(arg, contents(arg)).outside() != nil {
		b.note(c.pos, "calls %s, which calls methods that are known only when it runs", c.text)
	}
}

type importedKey struct {
	pos any
	fn  *types.Func
	n   int
}

// callBack calls what imported code can call of what it is given: functions, and
// the methods of values in interfaces. It returns what they return.
func (b *body) callBack(c call, r rule, given set) (returned set) {
	for _, o := range given.sorted() {
		if !b.a.enter(o, nil) {
			continue
		}
		switch {
		case o.fn != nil:
			for _, values := range o.fn.invoke(b, c, o.fn.unknown(given)) {
				returned = returned.with(values)
			}
		case o.typ != nil:
			returned = returned.with(b.callMethods(c, r, o, given))
		}
		b.a.leave(o, nil)
	}
	return returned
}

// unknown are the arguments of a call that imported code makes: what it was given
// or has found in that.
func (f *function) unknown(given set) []set {
	n := len(f.params)
	if f.body == nil {
		n = 4 // more than the callbacks of the standard library have
	}
	args := make([]set, n)
	for i := range args {
		args[i] = given
	}
	return args
}

// callMethods calls the session's methods that imported code may call on a value
// in an interface, or on a part of it.
func (b *body) callMethods(c call, r rule, box *object, given set) (returned set) {
	a := b.a
	a.parts(box.typ, func(t types.Type) {
		if _, open := t.(*types.TypeParam); open && len(a.typeArgs[t.(*types.TypeParam)]) > 0 {
			return // its types are parts as well
		} else if r.methods && (open || isInterface(t) && !isError(t)) && a.reach(setOf(box)).outside() != nil {
			b.note(c.pos, "calls %s, which calls methods that are known only when it runs", c.text)
		}
		named, ok := t.(*types.Named)
		if !ok || named.Obj().Pkg() != a.Package || types.IsInterface(t) {
			return
		}
		whole := types.Identical(deref(t), deref(box.typ))
		if !whole && !r.methods {
			return
		}
		for sel := range types.NewMethodSet(types.NewPointer(named)).Methods() {
			fn := sel.Obj().(*types.Func)
			if fn.Pkg() != a.Package || !implicit(fn.Name()) && !(whole && r.calls()) && !(r.all && r.methods) {
				continue
			}
			recv := a.reach(setOf(box))
			if whole {
				recv = a.receiver(place{objs: setOf(box), typ: box.typ}, fn)
			}
			a.bindRecv(fn, named)
			args := make([]set, fn.Signature().Params().Len())
			for i := range args {
				args[i] = given
			}
			for _, values := range b.callFunc(c, fn, recv, args) {
				returned = returned.with(values)
			}
		}
	})
	return returned
}

// implicit reports whether packages that get any value call a method of this
// name.
func implicit(name string) bool {
	switch name {
	case "Error", "Format", "GoString", "Is", "As", "IsZero", "LogValue", "String", "Unwrap":
		return true
	}
	return strings.HasPrefix(name, "Marshal") || strings.HasPrefix(name, "Unmarshal") || strings.HasPrefix(name, "Gob")
}

// callOpaque calls a function that imported code returned.
func (b *body) callOpaque(c call, f *object, args []set, sig *types.Signature) []set {
	a := b.a
	given := a.reach(make(set).with(setOf(f)).with(args...))
	for _, arg := range args {
		if o := a.memory(a.reach(arg)).outside(); o != nil {
			b.note(c.pos, "calls %s, which may change %s", c.text, o.outside)
		}
	}
	returned := b.callBack(c, rule{}, given)
	var results []set
	for i := range sig.Results().Len() {
		if !a.holds(sig.Results().At(i).Type()) {
			results = append(results, nil)
			continue
		}
		o := a.object(importedKey{c.pos, nil, i})
		o.opaque = true
		for _, field := range []string{shared, anyField} {
			a.put(o, field, given)
			a.put(o, field, returned)
		}
		results = append(results, setOf(o))
	}
	return results
}
