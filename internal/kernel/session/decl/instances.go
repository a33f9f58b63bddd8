package decl

import (
	"go/types"
	"maps"
	"slices"

	"github.com/goparallel/goparallel/internal/kernel/session/typetext"
)

// A value of a generic function is one of an instance, and instances are code of the unit that has
// them, as the methods of a generic type's instances are. So that a value reaches the newest version of its
// function or methods, a unit which makes a new one has
// the same instances of it: all that something may hold are known here. Those that text without type
// parameters has are found there; those of generic text follow from its own instances.

// An Instance is one that the text of a generic declaration has of another: its type arguments may
// have the declaration's own type parameters in them, which are Params. Those of a method begin with
// its type's.
type Instance struct {
	Of     *Decl
	Args   []types.Type
	Params []*types.TypeParam
	Held   bool // what has it may outlive the version
}

// Hold notes that something may hold an instance, if held says so, and what instances it has itself.
func (st *State) Hold(d *Decl, args []types.Type, held bool) {
	st.hold(Instance{Of: d, Args: args, Held: held}, make(map[string]bool))
}

func (st *State) hold(i Instance, seen map[string]bool) {
	p := st.Shapes()
	text := ""
	for _, arg := range i.Args {
		text += p.Text(arg) + ", "
	}
	if line := i.Of.Line(); i.Held && p.Err == nil && st.Held[line][text].Of == nil {
		list := maps.Clone(st.Held[line])
		if list == nil {
			list = make(map[string]Instance)
		}
		list[text] = i
		st.Held[line] = list
	}
	key := i.Of.Symbol + " " + text
	if i.Of.Recv != nil {
		key = i.Of.Recv.Symbol + "." + key
	}
	if seen[key] {
		return
	}
	seen[key] = true
	for _, inner := range i.Of.Instances {
		by := func(t types.Type) types.Type {
			param, ok := t.(*types.TypeParam)
			if !ok {
				return t
			}
			if n := slices.Index(inner.Params, param); n >= 0 && n < len(i.Args) {
				return i.Args[n]
			}
			return nil
		}
		next := Instance{Of: inner.Of, Held: inner.Held}
		for _, arg := range inner.Args {
			if arg = typetext.Replace(arg, by); arg == nil {
				break
			}
			next.Args = append(next.Args, arg)
		}
		if len(next.Args) == len(inner.Args) {
			st.hold(next, seen)
		}
	}
}
