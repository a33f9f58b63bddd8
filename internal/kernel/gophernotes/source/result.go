package source

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
)

// maker makes the types that the interpreter has for those of the session.
type maker struct {
	named   Named
	known   map[*types.TypeName]reflect.Type
	derived map[string]reflect.Type
	within  []*types.TypeName // being made
}

func (m *maker) reflected(t types.Type) (reflect.Type, error) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return m.ofNamed(t)
	case *types.Basic:
		if r := basics[t.Kind()]; r != nil {
			return r, nil
		}
	case *types.Slice:
		elem, err := m.reflected(t.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.SliceOf(elem), nil
	case *types.Array:
		elem, err := m.reflected(t.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.ArrayOf(int(t.Len()), elem), nil
	case *types.Pointer:
		elem, err := m.reflected(t.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.PointerTo(elem), nil
	case *types.Map:
		key, err := m.reflected(t.Key())
		if err != nil {
			return nil, err
		}
		elem, err := m.reflected(t.Elem())
		if err != nil {
			return nil, err
		}
		return reflect.MapOf(key, elem), nil
	case *types.Struct:
		return m.ofStruct(t)
	}
	return nil, fmt.Errorf("values of type %s stay in their process", typeName(t))
}

func (m *maker) ofNamed(t *types.Named) (reflect.Type, error) {
	obj := t.Obj()
	if r := m.known[obj]; r != nil {
		return r, nil
	}
	if !ofCells(t) {
		if obj.Pkg() == nil {
			return reflect.TypeFor[error](), nil
		}
		if r := m.named(obj.Pkg().Path(), obj.Name()); r != nil && t.TypeArgs().Len() == 0 {
			return r, nil
		}
		return nil, fmt.Errorf("the interpreter does not know the type %s", typeName(t))
	}
	// The interpreter may have declared another type under the name since.
	if r := m.derived[obj.Name()]; r != nil {
		if same, _ := sameLayout(r, t, map[*types.TypeName]reflect.Type{}); same {
			return r, nil
		}
	}
	for _, outer := range m.within {
		if outer == obj {
			return nil, errors.New("a type that refers to itself")
		}
	}
	m.within = append(m.within, obj)
	r, err := m.reflected(t.Underlying())
	m.within = m.within[:len(m.within)-1]
	m.known[obj] = r
	return r, err
}

// ofStruct makes a struct type with the names that gomacro gives to fields.
func (m *maker) ofStruct(t *types.Struct) (reflect.Type, error) {
	var fields []reflect.StructField
	for i := range t.NumFields() {
		f := t.Field(i)
		r, err := m.reflected(f.Type())
		if err != nil {
			return nil, err
		}
		name := f.Name()
		if !f.Exported() && f.Embedded() {
			name = embeddedPrefix + name
		} else if !f.Exported() {
			name = unexportedPrefix + name
		}
		fields = append(fields, reflect.StructField{Name: name, Type: r, Tag: reflect.StructTag(t.Tag(i))})
	}
	return reflect.StructOf(fields), nil
}
