package session_test

import (
	"fmt"
	"strings"
	"testing"
)

// reflected are types made of T, and how reflection makes them of t.
var reflected = []struct{ typ, made string }{
	{"[]T", "reflect.SliceOf(t)"},
	{"[3]T", "reflect.ArrayOf(3, t)"},
	{"[40]*T", "reflect.ArrayOf(40, reflect.PointerTo(t))"},
	{"map[string]T", "reflect.MapOf(reflect.TypeFor[string](), t)"},
	{"map[T][]T", "reflect.MapOf(t, reflect.SliceOf(t))"},
	{"chan T", "reflect.ChanOf(reflect.BothDir, t)"},
	{"<-chan T", "reflect.ChanOf(reflect.RecvDir, t)"},
	{"chan<- T", "reflect.ChanOf(reflect.SendDir, t)"},
	{"*T", "reflect.PointerTo(t)"},
	{"***T", "reflect.PointerTo(reflect.PointerTo(reflect.PointerTo(t)))"},
	{"*[]T", "reflect.PointerTo(reflect.SliceOf(t))"},
	{"[][]T", "reflect.SliceOf(reflect.SliceOf(t))"},
	{"func(T) T", "reflect.FuncOf([]reflect.Type{t}, []reflect.Type{t}, false)"},
	{"func(...T)", "reflect.FuncOf([]reflect.Type{reflect.SliceOf(t)}, nil, true)"},
	{"func([]T) [2]T", "reflect.FuncOf([]reflect.Type{reflect.SliceOf(t)}, []reflect.Type{reflect.ArrayOf(2, t)}, false)"},
	{"func(func([]T))", "reflect.FuncOf([]reflect.Type{reflect.FuncOf([]reflect.Type{reflect.SliceOf(t)}, nil, false)}, nil, false)"},
	{"struct{ A T; B int `json:\"b\"` }", "reflect.StructOf([]reflect.StructField{{Name: `A`, Type: t}, {Name: `B`, Type: reflect.TypeFor[int](), Tag: `json:\"b\"`}})"},
	{"struct{ A []T; F func(T) map[string]T }", "reflect.StructOf([]reflect.StructField{{Name: `A`, Type: reflect.SliceOf(t)}, " +
		"{Name: `F`, Type: reflect.FuncOf([]reflect.Type{t}, []reflect.Type{reflect.MapOf(reflect.TypeFor[string](), t)}, false)}})"},
	{"[]struct{ A [2]T }", "reflect.SliceOf(reflect.StructOf([]reflect.StructField{{Name: `A`, Type: reflect.ArrayOf(2, t)}}))"},
	{"struct{ T }", "reflect.StructOf([]reflect.StructField{{Name: `T`, Type: t, Anonymous: true}})"},
}

// reflectedChecks are what must hold of a value v of the type X that reflection
// made as made.
var reflectedChecks = []string{
	"func() bool { _, ok := v.(X); return ok }()",
	"func() bool { switch v.(type) { case int, string: return false; case X: return true }; return false }()",
	"func() bool { switch v.(type) { case []int, [9]int, map[int]uint, chan uint8, func(uint8), struct{ Q int8 }: return false; case X: return true; case *uint8, **int8: return false }; return false }()",
	"reflect.TypeOf(v) == reflect.TypeFor[X]()",
	"made == reflect.TypeFor[X]()",
	"reflect.SliceOf(made) == reflect.TypeFor[[]X]()",
	"reflect.PointerTo(made) == reflect.TypeFor[*X]()",
	"reflect.FuncOf([]reflect.Type{made}, nil, false) == reflect.TypeFor[func(X)]()",
	"reflect.StructOf([]reflect.StructField{{Name: `F`, Type: made}}) == reflect.TypeFor[struct{ F X }]()",
	"is[X](v)",
	"map[any]int{reflect.TypeOf(v): 1}[reflect.TypeFor[X]()] == 1",
	"!reflect.TypeFor[X]().Comparable() || equal(v, *new(X))",
	"func() bool { var i any = *new(X); return reflect.TypeOf(i) == reflect.TypeOf(v) }()",
	"reflect.TypeOf(v).AssignableTo(reflect.TypeFor[X]())",
	"reflect.ValueOf(func(X) bool { return true }).Call([]reflect.Value{reflect.ValueOf(v)})[0].Bool()",
	"func() bool { p, ok := reflect.New(made).Interface().(*X); return ok && p != nil }()",
	"fmt.Sprintf(`%T`, v) == fmt.Sprintf(`%T`, *new(X))",
}

// TestIdentityOfReflectedTypes tests that a type is one, whether reflection made it
// or the compiler, in each order of loading. A round has types of its own: in a
// cell M reflection makes them, in a cell S the compiler has them, and in a cell H
// every other one.
func TestIdentityOfReflectedTypes(t *testing.T) {
	n := open(t)
	n.expect("import (\"fmt\"; \"reflect\")\nvar _ = fmt.Sprint\n"+
		"func is[X any](v any) bool { _, ok := v.(X); return ok }\nfunc equal(a, b any) bool { return a == b && map[any]int{a: 1}[b] == 1 }", "")
	bases := []string{"int", "= box%d[string]", "struct{ p *int; s []string }"}
	for round, order := range []string{"MS", "SMH", "MHSM", "HMS"} {
		var declare strings.Builder
		fmt.Fprintf(&declare, "type box%d[X any] struct{ F X }\n", round)
		for b, base := range bases {
			if strings.HasPrefix(base, "=") { // an instance of a generic type
				base = fmt.Sprintf(base, round)
			}
			fmt.Fprintf(&declare, "type T%d_%d %s\nvar v%d_%d = map[int]any{}\n", round, b, base, round, b)
			if b%2 == 0 {
				fmt.Fprintf(&declare, "func (T%d_%d) Name() string { return `` }\n", round, b)
			}
		}
		n.expect(declare.String(), "")
		for step, what := range order {
			var cell strings.Builder
			for b := range bases {
				for i, r := range reflected {
					if b == len(bases)-1 && strings.HasPrefix(r.typ, "map[T]") || what == 'H' && i%2 == 0 {
						continue // not comparable
					}
					fmt.Fprintf(&cell, "{\ntype T = T%d_%d\nt := reflect.TypeFor[T]()\nmade := %s\n", round, b, r.made)
					if what == 'M' {
						fmt.Fprintf(&cell, "v%d_%d[%d] = reflect.Zero(made).Interface()\n"+
							"_ = reflect.FuncOf([]reflect.Type{made}, nil, false)\n_ = reflect.StructOf([]reflect.StructField{{Name: `F`, Type: made}})\n}\n", round, b, i)
						continue
					}
					fmt.Fprintf(&cell, "type X = %s\nif v := v%d_%d[%d]; v != nil {\n", r.typ, round, b, i)
					for c, check := range reflectedChecks {
						if (c+i+b+step)%4 == 0 {
							fmt.Fprintf(&cell, "if !(%s) { fmt.Println(%q) }\n", check, fmt.Sprintf("%s of %s in order %s, step %d: %s", r.typ, bases[b], order, step, check))
						}
					}
					cell.WriteString("}\nvar _ = made\nvar _ any = *new(X)\n}\n")
				}
			}
			if got := n.run(cell.String()); got != "" {
				t.Errorf("order %s, step %d:\n%s", order, step, got)
			}
		}
	}
}

// TestReflectedTypesAtWork tests values of types that reflection made, or a library
// by it, in the hands of later cells that name the types.
func TestReflectedTypesAtWork(t *testing.T) {
	n := open(t)
	n.expect("import (\"fmt\"; \"reflect\")\ntype P struct{ A int }\nfunc (p P) Add(q P) P { return P{p.A + q.A} }\ntype Adder interface{ Add(P) P }", "")
	n.expect(`method := reflect.TypeFor[P]().Method(0).Func.Interface()
m := reflect.MakeMap(reflect.MapOf(reflect.TypeFor[P](), reflect.TypeFor[*P]())).Interface()
c := reflect.MakeChan(reflect.ChanOf(reflect.BothDir, reflect.TypeFor[P]()), 1).Interface()
called := reflect.MakeFunc(reflect.FuncOf([]reflect.Type{reflect.TypeFor[[]*P]()}, []reflect.Type{reflect.TypeFor[int]()}, false),
	func(a []reflect.Value) []reflect.Value { return []reflect.Value{reflect.ValueOf(a[0].Len())} }).Interface()
promoted := reflect.Zero(reflect.StructOf([]reflect.StructField{{Name: "P", Type: reflect.TypeFor[P](), Anonymous: true}})).Interface()
adder := promoted.(Adder)`, "")
	n.expect("method.(func(P, P) P)(P{1}, P{2})", "{A:3}\n")
	n.expect("mm := m.(map[P]*P)\nmm[P{1}] = &P{2}\nmm[P{3}] = &P{4}\ndelete(mm, P{1})\nlen(mm), mm[P{3}].A, mm[P{1}]", "1 4 <nil>\n")
	n.expect("cc := c.(chan P)\ncc <- P{5}\nselect { case p := <-cc: fmt.Println(p); default: fmt.Println(`none`) }", "{5}\n")
	n.expect("called.(func([]*P) int)(make([]*P, 7))", "7\n")
	n.expect(`switch promoted.(type) {
case P, *struct{ P }:
	fmt.Println("another")
case struct{ P }:
	fmt.Println("it")
}
var same Adder = struct{ P }{}
adder == same, map[Adder]int{adder: 1}[same], same.Add(P{6}), reflect.TypeOf(adder) == reflect.TypeOf(same)`, "it\ntrue 1 {A:6} true\n")
	// Reflection makes no methods for a pointer to a struct that has promoted ones. What it makes
	// after a cell has brought the type is of the cell's.
	n.expect(`type Q struct{ P }
st := reflect.StructOf([]reflect.StructField{{Name: "Q", Type: reflect.TypeFor[Q](), Anonymous: true}})
before := reflect.New(st)
before.IsNil()`, "false\n")
	n.expect(`var pointer Adder = &struct{ Q }{Q{P{1}}}
q, ok := reflect.New(st).Interface().(*struct{ Q })
a, does := reflect.New(st).Interface().(Adder)
ok && q != nil, does, a.Add(P{7}), reflect.PointerTo(st) == reflect.TypeOf(pointer), reflect.SliceOf(reflect.PointerTo(st)) == reflect.TypeFor[[]*struct{ Q }]()`, "true true {A:7} true true\n")
}

// TestTypesAreMadeWhileCellsBringThem has goroutines make types by reflection while
// cells bring the same ones.
func TestTypesAreMadeWhileCellsBringThem(t *testing.T) {
	n := open(t)
	const types, cells = 60, 6
	var cell, all strings.Builder
	for i := range types {
		fmt.Fprintf(&cell, "type T%d struct{ a%[1]d int }\n", i)
		fmt.Fprintf(&all, "reflect.TypeFor[T%d](), ", i)
	}
	n.expect("import (\"fmt\"; \"reflect\"; \"sync\"; \"math/rand/v2\"; \"time\")\nvar _ = fmt.Sprint\n"+cell.String()+`
var mu sync.Mutex
var made = map[int][]any{}
var all = []reflect.Type{`+all.String()+`}
func mk(i int) []any {
	t := all[i]
	s := reflect.SliceOf(t)
	return []any{reflect.Zero(s).Interface(),
		reflect.Zero(reflect.FuncOf([]reflect.Type{s}, []reflect.Type{reflect.MapOf(t, s)}, false)).Interface(),
		reflect.Zero(reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.PointerTo(s)}})).Interface()}
}
stop := make(chan bool)
for range 2 {
	go func() {
		for {
			i := rand.IntN(len(all))
			v := mk(i)
			mu.Lock()
			if len(made[i]) < 12 {
				made[i] = append(made[i], v...)
			}
			mu.Unlock()
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
			}
		}
	}()
}`, "")
	for c := range cells {
		cell.Reset()
		for i := c; i < types; i += cells {
			fmt.Fprintf(&cell, `mu.Lock()
for k, v := range append(made[%d], mk(%[1]d)...) {
	switch v.(type) {
	case []T%[1]d, func([]T%[1]d) map[T%[1]d][]T%[1]d, struct{ A *[]T%[1]d }:
	default:
		fmt.Printf("%%T is another, number %%d\n", v, k)
	}
}
mu.Unlock()
`, i)
		}
		if got := n.run(cell.String()); got != "" {
			t.Errorf("cell %d: %s", c, got)
		}
	}
	n.expect("close(stop)", "")
}

// TestATypeIsBeingMadeWhileACellBringsItsParts has reflection make large structs, one after
// the other, while cells bring types that their first fields have: it has worked out by then
// by which hash it will look for the struct, which is made of the hashes of its fields' types.
func TestATypeIsBeingMadeWhileACellBringsItsParts(t *testing.T) {
	n := open(t)
	n.expect(`import ("fmt"; "reflect"; "sync")
var _ = fmt.Sprint
type P struct{ a int }
var fields []reflect.StructField
for i := range 8000 {
	fields = append(fields, reflect.StructField{Name: fmt.Sprint("F", i), Type: reflect.TypeFor[int]()})
}
func part(i int) reflect.Type { return reflect.ArrayOf(100+i, reflect.TypeFor[P]()) }
func large(i int, tag string) reflect.Type {
	all := append([]reflect.StructField{{Name: "A", Type: part(i), Tag: reflect.StructTag(tag)}}, fields...)
	return reflect.StructOf(all)
}
func check(i int, tags []string, made []reflect.Type) {
	for k, tag := range tags {
		if large(i, tag) != made[k] {
			fmt.Printf("cell %d: number %d of %d is another type now\n", i, k, len(tags))
		}
	}
}`, "")
	for i := range 3 {
		n.expect(strings.ReplaceAll(`var tagsN []string
var madeN []reflect.Type
var endN sync.WaitGroup
stopN := make(chan bool)
part(N)
endN.Go(func() {
	for k := 0; ; k++ {
		select {
		case <-stopN:
			return
		default:
			tag := fmt.Sprint(k)
			madeN = append(madeN, large(N, tag))
			tagsN = append(tagsN, tag)
		}
	}
})`, "N", fmt.Sprint(i)), "")
		n.expect(fmt.Sprintf("var array%d any = [100+%[1]d]P{}\nclose(stop%[1]d)\nend%[1]d.Wait()\ncheck(%[1]d, tags%[1]d, made%[1]d)\nlen(made%[1]d) > 0 && reflect.TypeOf(array%[1]d) == part(%[1]d)", i), "true\n")
	}
}

// TestMethodsOfOlderTypesHaveTypesThatReflectionMade gives a type methods in a cell that
// lies elsewhere in memory than the type, because a cell between them was large: the types of
// the methods are those that reflection made before.
func TestMethodsOfOlderTypesHaveTypesThatReflectionMade(t *testing.T) {
	n := open(t)
	n.expect("import \"reflect\"\ntype T struct{ a int8 }\nvar x any = T{1}\nmade := reflect.FuncOf([]reflect.Type{reflect.TypeFor[int8]()}, []reflect.Type{reflect.TypeFor[T]()}, false)", "")
	n.expect("var large [1<<20]int", "")
	n.expect("func (t T) Add(by int8) T { return T{t.a + by} }\ntype Adder interface{ Add(int8) T }\nadder, ok := x.(Adder)\nok", "true\n")
	n.expect("adder.Add(2), reflect.TypeFor[func(int8) T]() == made, reflect.TypeFor[Adder]().Method(0).Type == made", "{a:3} true true\n")
}
