package source

import (
	"fmt"
	"go/types"
	"reflect"
)

// sameLayout reports whether a type of the interpreter and one of the session are
// the same but for the names of types; where says which field of a struct differs.
// Types of the session are noted in known, with what the interpreter has for them.
func sameLayout(r reflect.Type, t types.Type, known map[*types.TypeName]reflect.Type) (same bool, where string) {
	t = types.Unalias(t)
	if named, ok := t.(*types.Named); ok {
		if !ofCells(named) {
			return r.Name() == named.Obj().Name() && (named.Obj().Pkg() == nil || r.PkgPath() == named.Obj().Pkg().Path()), ""
		}
		if seen := known[named.Obj()]; seen != nil {
			return seen == r, ""
		}
		known[named.Obj()] = r
		t = named.Underlying()
	} else if r.PkgPath() != "" {
		return false, ""
	}
	switch t := t.(type) {
	case *types.Basic:
		return basics[t.Kind()] != nil && r.Kind() == basics[t.Kind()].Kind(), ""
	case *types.Slice:
		if r.Kind() == reflect.Slice {
			return sameLayout(r.Elem(), t.Elem(), known)
		}
	case *types.Array:
		if r.Kind() == reflect.Array && int64(r.Len()) == t.Len() {
			return sameLayout(r.Elem(), t.Elem(), known)
		}
	case *types.Pointer:
		if r.Kind() == reflect.Pointer {
			return sameLayout(r.Elem(), t.Elem(), known)
		}
	case *types.Map:
		if r.Kind() == reflect.Map {
			if same, where := sameLayout(r.Key(), t.Key(), known); !same {
				return false, where
			}
			return sameLayout(r.Elem(), t.Elem(), known)
		}
	case *types.Struct:
		if r.Kind() != reflect.Struct {
			return false, ""
		}
		for i := range max(r.NumField(), t.NumFields()) {
			switch {
			case i == t.NumFields():
				return false, fmt.Sprintf("; there is no %s there", fieldName(r.Field(i)))
			case i == r.NumField():
				return false, fmt.Sprintf("; there is no %s here", t.Field(i).Name())
			}
			if name := fieldName(r.Field(i)); name != t.Field(i).Name() {
				return false, fmt.Sprintf("; field %d is %s there and %s here", i+1, t.Field(i).Name(), name)
			}
			if same, _ := sameLayout(r.Field(i).Type, t.Field(i).Type(), known); !same {
				return false, fmt.Sprintf("; field %s is of type %s there and %s here", t.Field(i).Name(), typeName(t.Field(i).Type()), show(r.Field(i).Type))
			}
		}
		return true, ""
	}
	return false, ""
}

// typeName writes a type of the session as the user would.
func typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Name() == "main" {
			return ""
		}
		return p.Name()
	})
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// ofCells reports whether a named type is one that cells declare.
func ofCells(t *types.Named) bool {
	p := t.Obj().Pkg()
	return p != nil && p.Name() == "main"
}

var basics = map[types.BasicKind]reflect.Type{
	types.Bool: reflect.TypeFor[bool](), types.String: reflect.TypeFor[string](),
	types.Int: reflect.TypeFor[int](), types.Int8: reflect.TypeFor[int8](), types.Int16: reflect.TypeFor[int16](),
	types.Int32: reflect.TypeFor[int32](), types.Int64: reflect.TypeFor[int64](),
	types.Uint: reflect.TypeFor[uint](), types.Uint8: reflect.TypeFor[uint8](), types.Uint16: reflect.TypeFor[uint16](),
	types.Uint32: reflect.TypeFor[uint32](), types.Uint64: reflect.TypeFor[uint64](), types.Uintptr: reflect.TypeFor[uintptr](),
	types.Float32: reflect.TypeFor[float32](), types.Float64: reflect.TypeFor[float64](),
	types.Complex64: reflect.TypeFor[complex64](), types.Complex128: reflect.TypeFor[complex128](),
}
