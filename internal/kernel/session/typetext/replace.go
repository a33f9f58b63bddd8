package typetext

import (
	"go/token"
	"go/types"
	"strconv"

	"github.com/goparallel/goparallel/internal/kernel/session/syntax"
)

// Places gives type parameters names of their own, a mark and a number each, whatever they are called
// and whatever their names may mean elsewhere: it says what Replace is to put in their places.
func Places(params []*types.TypeParam) func(types.Type) types.Type {
	places := make(map[types.Type]types.Type)
	for i, param := range params {
		name := types.NewTypeName(token.NoPos, nil, Place(i), nil)
		places[param] = types.NewNamed(name, types.NewStruct(nil, nil), nil)
	}
	return func(t types.Type) types.Type {
		if place := places[t]; place != nil {
			return place
		}
		return t
	}
}

// Place is the name that [Places] gives to the i-th of type parameters.
func Place(i int) string { return syntax.Mark + "t" + strconv.Itoa(i) }

// Replace puts others in the place of type parameters and of types with a name, everywhere in a type:
// what by returns for them, of an instance for the generic type. It returns nil where by does, for
// one of them.
func Replace(t types.Type, by func(types.Type) types.Type) types.Type {
	return replacement{by: by}.replaceIn(t)
}

// Renew is Replace for types that are to be written: it returns nil also where a type parameter does not
// accept what becomes its argument.
func Renew(t types.Type, by func(types.Type) types.Type) types.Type {
	return replacement{by: by, validate: true}.replaceIn(t)
}

type replacement struct {
	by       func(types.Type) types.Type
	validate bool
	failed   bool
}

func (s replacement) replaceIn(t types.Type) types.Type {
	if out := s.in(t); !s.failed {
		return out
	}
	return nil
}

func (s *replacement) in(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.TypeParam:
		return s.leaf(t)
	case *types.Alias:
		return s.in(types.Unalias(t))
	case *types.Named:
		origin := s.leaf(t.Origin())
		if t.TypeArgs().Len() == 0 {
			return origin
		}
		var args []types.Type
		for arg := range t.TypeArgs().Types() {
			args = append(args, s.in(arg))
		}
		out, err := types.Instantiate(nil, origin, args, s.validate)
		if err != nil {
			s.failed = true
			return t
		}
		return out
	case *types.Pointer:
		return types.NewPointer(s.in(t.Elem()))
	case *types.Slice:
		return types.NewSlice(s.in(t.Elem()))
	case *types.Array:
		return types.NewArray(s.in(t.Elem()), t.Len())
	case *types.Chan:
		return types.NewChan(t.Dir(), s.in(t.Elem()))
	case *types.Map:
		return types.NewMap(s.in(t.Key()), s.in(t.Elem()))
	case *types.Tuple:
		return s.tuple(t)
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, s.tuple(t.Params()), s.tuple(t.Results()), t.Variadic())
	case *types.Struct:
		var fields []*types.Var
		var tags []string
		for i := range t.NumFields() {
			f := t.Field(i)
			fields = append(fields, types.NewField(f.Pos(), f.Pkg(), f.Name(), s.in(f.Type()), f.Embedded()))
			tags = append(tags, t.Tag(i))
		}
		return types.NewStruct(fields, tags)
	case *types.Interface:
		return s.iface(t)
	case *types.Union:
		var terms []*types.Term
		for term := range t.Terms() {
			terms = append(terms, types.NewTerm(term.Tilde(), s.in(term.Type())))
		}
		return types.NewUnion(terms)
	}
	return t
}

func (s *replacement) leaf(t types.Type) types.Type {
	if to := s.by(t); to != nil {
		return to
	}
	s.failed = true
	return t
}

func (s *replacement) tuple(list *types.Tuple) *types.Tuple {
	var out []*types.Var
	for v := range list.Variables() {
		out = append(out, types.NewParam(v.Pos(), v.Pkg(), v.Name(), s.in(v.Type())))
	}
	return types.NewTuple(out...)
}

func (s *replacement) iface(t *types.Interface) types.Type {
	var methods []*types.Func
	for m := range t.ExplicitMethods() {
		methods = append(methods, types.NewFunc(m.Pos(), m.Pkg(), m.Name(), s.in(m.Signature()).(*types.Signature)))
	}
	var embedded []types.Type
	for e := range t.EmbeddedTypes() {
		embedded = append(embedded, s.in(e))
	}
	return types.NewInterfaceType(methods, embedded).Complete()
}
