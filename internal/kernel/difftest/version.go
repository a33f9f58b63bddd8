package difftest

import (
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Some versions of a declaration are one and the same, and have one number in the
// program: functions of one name and signature; types that are made of the same and
// have the same methods, but for what these do; variables of one type. Such functions
// and methods call the newest of their bodies there, through a variable.
//
// In a notebook types are the same whatever methods they have. A program cannot change
// the methods of a type, so there it is another one, whose values are carried over to it
// (carry.go). Such types are one kind; functions and methods whose signatures differ only
// in types of one kind call the same newest body. For methods of generic types that is a number there, not a
// variable; their instances are types of their own (instances.go).

// versions are those that names have after a cell.
type versions struct {
	versions  map[string]int
	kinds     map[string]int
	counts    map[string]int
	shapes    map[string]string
	functions map[string]int
}

// next finds the versions of what a cell makes anew. After are all declarations.
func (m *model) next(pkg *types.Package, after []*decl, fresh map[string]bool) versions {
	v := versions{maps.Clone(m.versions), maps.Clone(m.kinds), maps.Clone(m.counts), maps.Clone(m.shapes), maps.Clone(m.functions)}
	give := func(name string) {
		v.counts[name]++
		v.versions[name] = v.counts[name]
	}
	var same []string // what may be what it was
	for _, name := range slices.Sorted(maps.Keys(fresh)) {
		obj := pkg.Scope().Lookup(name)
		switch {
		case obj == nil:
		case isFunction(obj):
		case mayBeSame(obj) && strings.HasPrefix(m.shapes[name], kindOf(obj)):
			same = append(same, name)
		default:
			give(name)
		}
	}
	for again := true; again; {
		again = false
		for _, name := range slices.Sorted(maps.Keys(fresh)) {
			obj := pkg.Scope().Lookup(name)
			if obj == nil || !isFunction(obj) {
				continue
			}
			key := name + m.numbered(pkg, v, typeText(obj.Type()))
			if v.functions[key] == 0 {
				v.counts[name]++
				v.functions[key] = v.counts[name]
			}
			v.versions[name] = v.functions[key]
		}
		same = slices.DeleteFunc(same, func(name string) bool {
			if m.shapes[name] == m.shape(pkg, v, name, after) {
				return false
			}
			give(name)
			again = true
			return true
		})
	}
	m.nextKinds(pkg, v, fresh)
	for name := range fresh {
		if obj := pkg.Scope().Lookup(name); obj != nil {
			v.shapes[name] = m.shape(pkg, v, name, after)
		}
	}
	return v
}

// nextKinds finds the types that are of the kind that they were.
func (m *model) nextKinds(pkg *types.Package, v versions, fresh map[string]bool) {
	made := func(name string) string {
		return m.withNumbers(pkg, v.kinds, typeText(pkg.Scope().Lookup(name).Type().Underlying()))
	}
	var same []string
	for _, name := range slices.Sorted(maps.Keys(fresh)) {
		switch obj := pkg.Scope().Lookup(name); {
		case obj == nil:
		case hasValues(obj) && v.shapes[name+" kind"] != "":
			same = append(same, name)
		case mayBeSame(obj) && v.versions[name] == m.versions[name] && m.kinds[name] != 0:
		default:
			v.counts["kind "+name]++
			v.kinds[name] = v.counts["kind "+name]
		}
	}
	for again := true; again; {
		again = false
		same = slices.DeleteFunc(same, func(name string) bool {
			if v.shapes[name+" kind"] == made(name) {
				return false
			}
			v.counts["kind "+name]++
			v.kinds[name] = v.counts["kind "+name]
			again = true
			return true
		})
	}
	for name := range fresh {
		delete(v.shapes, name+" kind")
		if obj := pkg.Scope().Lookup(name); obj != nil && hasValues(obj) {
			v.shapes[name+" kind"] = made(name)
		}
	}
}

func (m *model) adopt(v versions) {
	m.versions, m.kinds, m.counts, m.shapes, m.functions = v.versions, v.kinds, v.counts, v.shapes, v.functions
}

func isFunction(obj types.Object) bool {
	f, ok := obj.(*types.Func)
	return ok && f.Signature().TypeParams() == nil
}

func mayBeSame(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Var, *types.Func:
		return true
	case *types.TypeName:
		return !obj.IsAlias()
	}
	return false
}

func kindOf(obj types.Object) string { return fmt.Sprintf("%T %t: ", obj, isGeneric(obj.Type())) }

func isGeneric(t types.Type) bool {
	switch t := t.(type) {
	case *types.Named:
		return t.TypeParams() != nil
	case *types.Signature:
		return t.TypeParams() != nil
	}
	return false
}

// shape describes what a name means: two versions with one shape are the same.
func (m *model) shape(pkg *types.Package, v versions, name string, all []*decl) string {
	obj := pkg.Scope().Lookup(name)
	text := kindOf(obj)
	switch {
	case isGeneric(obj.Type()):
		// A function's code is where it is used, and stays as it is.
		var parts []string
		for _, d := range all {
			if d.recv != "" || !slices.Contains(d.names, name) {
				continue
			}
			part := d.text
			for _, used := range slices.Sorted(maps.Keys(d.uses)) {
				if used != name {
					part += fmt.Sprintf(" %s=%d", used, v.versions[used])
				}
			}
			parts = append(parts, part)
		}
		slices.Sort(parts)
		return text + strings.Join(parts, "\n") + m.methods(pkg, v, obj)
	case strings.HasPrefix(text, "*types.Var"):
		return text + m.numbered(pkg, v, typeText(obj.Type()))
	}
	text += m.numbered(pkg, v, typeText(obj.Type().Underlying()))
	return text + m.methods(pkg, v, obj)
}

// methods describes the methods that a type has.
func (m *model) methods(pkg *types.Package, v versions, obj types.Object) string {
	var list []string
	if named, ok := obj.Type().(*types.Named); ok {
		for f := range named.Methods() {
			_, isPointer := f.Signature().Recv().Type().(*types.Pointer)
			list = append(list, fmt.Sprintf("\n%t %s %s", isPointer, f.Name(), m.numbered(pkg, v, typeText(f.Signature()))))
		}
	}
	slices.Sort(list)
	return strings.Join(list, "")
}

// numbered gives the session's types in a type's text their versions.
func (m *model) numbered(pkg *types.Package, v versions, text string) string {
	return m.withNumbers(pkg, v.versions, text)
}

func (m *model) withNumbers(pkg *types.Package, numbers map[string]int, text string) string {
	var b strings.Builder
	at := 0
	for _, w := range word.FindAllStringSubmatchIndex(text, -1) {
		name := text[w[4]:w[5]]
		if _, ok := pkg.Scope().Lookup(name).(*types.TypeName); ok && w[2] == w[3] {
			fmt.Fprintf(&b, "%sᐧ%d", text[at:w[5]], numbers[name])
			at = w[5]
		}
	}
	return b.String() + text[at:]
}

// hasBodies reports whether a declaration is a function or a method that calls its
// newest body.
func (m *model) hasBodies(pkg *types.Package, d *decl) bool {
	if d.kind != token.FUNC {
		return false
	}
	if d.recv != "" {
		return true
	}
	return isFunction(pkg.Scope().Lookup(d.names[0]))
}

// family names the functions or methods that call the same newest body.
func (m *model) family(pkg *types.Package, d *decl) string {
	if d.recv == "" {
		return d.names[0] + m.withNumbers(pkg, m.kinds, typeText(pkg.Scope().Lookup(d.names[0]).Type()))
	}
	recv := pkg.Scope().Lookup(d.recv)
	for f := range recv.Type().(*types.Named).Methods() {
		if f.Name() == d.names[0] {
			_, isPointer := f.Signature().Recv().Type().(*types.Pointer)
			return m.withNumbers(pkg, m.kinds, fmt.Sprintf("%s %t %s %s", d.recv, isPointer, f.Name(), typeText(f.Signature())))
		}
	}
	return ""
}
