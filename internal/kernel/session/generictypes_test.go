package session_test

import (
	"strconv"
	"strings"
	"testing"
)

// typeHolders hold on to values of a generic type boxN, whose methods Get and set are declared again, or to
// code that calls them.
var typeHolders = []struct{ name, before, ask string }{
	{"a variable", "objN := boxN[int]{}", "objN.Get()"},
	{"a pointer", "objN := &boxN[string]{}", "objN.Get() + 0*objN.set()"},
	{"a method value", "objN := boxN[int]{}.Get", "objN()"},
	{"a method value through a pointer", "objN := (&boxN[int]{}).set", "objN()"},
	{"a method expression", "objN := boxN[bool].Get", "objN(boxN[bool]{})"},
	{"a method expression of a pointer", "objN := (*boxN[bool]).set", "objN(nil)"},
	{"an interface", "var objN interface{ Get() int } = boxN[int]{}", "objN.Get()"},
	{"an interface of a pointer", "var objN interface{ set() int } = &boxN[int]{}", "objN.set()"},
	{"an interface's method value", "objN := interface{ Get() int }(boxN[rune]{}).Get", "objN()"},
	{"an empty interface", "var objN any = boxN[int]{}", "objN.(boxN[int]).Get() + 0*objN.(interface{ Get() int }).Get()"},
	{"what compares types", "var objN any = boxN[int]{}", "func() int { if objN != any(boxN[int]{}) { return -1 }; switch v := objN.(type) { case boxN[int]: return v.Get() }; return -2 }()"},
	{"a map", "objN := map[boxN[int]]*boxN[string]{{}: {}}", "objN[boxN[int]{}].Get()"},
	{"a map of interfaces", "objN := map[any]int{boxN[int]{}: 5}", "boxN[int]{}.Get() + objN[boxN[int]{}] - 5"},
	{"a map of method values", "objN := map[string]func() int{`f`: boxN[[]int]{}.Get}", "objN[`f`]()"},
	{"a channel", "objN := make(chan boxN[int], 1)\nobjN <- boxN[int]{}", "func() int { v := <-objN; objN <- v; return v.Get() }()"},
	{"a channel of method values", "objN := make(chan func() int, 1)\nobjN <- boxN[int]{}.Get", "func() int { v := <-objN; objN <- v; return v() }()"},
	{"a struct field", "type wrapN struct{ b *boxN[int]; f func() int }\nobjN := wrapN{&boxN[int]{}, boxN[int]{}.Get}", "objN.b.set() + 0*objN.f()"},
	{"an embedded type", "type pupN struct{ boxN[int] }\nvar objN interface{ Get() int } = pupN{}", "objN.Get()"},
	{"an embedded pointer", "type pupN struct{ *boxN[int] }\nobjN := pupN{&boxN[int]{}}.set", "objN()"},
	{"an unnamed struct", "var objN interface{ Get() int } = struct{ boxN[int] }{}", "objN.Get()"},
	{"embedded in a generic type", "type outN[T any] struct{ boxN[[]T] }\nvar objN interface{ Get() int } = outN[int]{}", "objN.Get()"},
	{"a method of a generic type", "type outN[T any] struct{ b boxN[T] }\nfunc (o outN[X]) sum() int { return o.b.Get() }\nobjN := outN[string]{}.sum", "objN()"},
	{"another method of the type", "func (b boxN[X]) Twice() int { return b.Get() + b.Get() }\nobjN := boxN[float64]{}.Twice", "objN() / 2"},
	{"an instance of a cell's type", "type dogN struct{ n int }\nobjN := boxN[dogN]{}.Get", "objN()"},
	{"an instance of a pointer to one", "type dogN struct{ n int }\nvar objN any = &boxN[map[string]*dogN]{}", "objN.(*boxN[map[string]*dogN]).set()"},
	{"an instance of an instance", "objN := boxN[boxN[int]]{}\nvar anyN any = objN.v", "objN.v.Get() + 0*anyN.(boxN[int]).Get()"},
	{"an instance of a package's type", "objN := boxN[*strings.Builder]{}.Get", "objN()"},
	{"an instance within a package's type", "var objN atomic.Pointer[boxN[int]]\nobjN.Store(&boxN[int]{})", "objN.Load().Get()"},
	{"an instance of an unnamed struct", "var objN any = boxN[struct{ a int; b []string }]{}", "objN.(interface{ Get() int }).Get()"},
	{"an alias", "type idN = boxN[int]\nvar objN any = idN{}", "objN.(boxN[int]).Get()"},
	{"a generic alias", "type idN[X any] = boxN[[]X]\nvar objN any = idN[int]{}", "objN.(interface{ Get() int }).Get()"},
	{"a generic function", "func makeN[X any](x X) interface{ Get() int } { return boxN[X]{x} }\nobjN := makeN([]string{})", "objN.Get()"},
	{"a generic function's closure", "func makeN[X any](x X) func() int { b := boxN[X]{x}; return func() int { return b.Get() } }\nobjN := makeN(map[int]bool{})", "objN()"},
	{"a generic function's method value", "func makeN[X any](x X) func() int { return (&boxN[X]{x}).set }\nobjN := makeN(int8(1))", "objN()"},
	{"a generic caller", "func callN[X any](x X) int { return boxN[X]{x}.Get() }\nobjN := callN[uint8]", "objN(1)"},
	{"a constraint", "func callN[X interface{ Get() int }](x X) int { return x.Get() }\nobjN := callN[boxN[int]]", "objN(boxN[int]{})"},
	{"a constraint of a pointer", "func callN[V any, P interface{ *V; set() int }]() int { return P(new(V)).set() }\nobjN := callN[boxN[int]]", "objN()"},
	{"a closure", "objN := func() int { return boxN[int]{}.Get() }", "objN()"},
	{"a function", "func callN(b boxN[int]) int { return b.Get() }\nobjN := callN", "objN(boxN[int]{})"},
	{"a goroutine that waits", "inN, outN := make(chan int), make(chan int)\ngo func() { var b boxN[int]; for range inN { outN <- b.Get() } }()", "func() int { inN <- 1; return <-outN }()"},
	{"a goroutine of a method", "inN, outN := make(chan int), make(chan int)\nfunc (b boxN[X]) loop(in, out chan int) { for range in { out <- b.Get() } }\ngo boxN[string]{}.loop(inN, outN)", "func() int { inN <- 1; return <-outN }()"},
	{"a goroutine of a generic function", "inN, outN := make(chan int), make(chan int)\nfunc loopN[X any](b *boxN[X]) { for range inN { outN <- b.set() } }\ngo loopN(&boxN[int]{})", "func() int { inN <- 1; return <-outN }()"},
	{"a deferred call", "inN, outN := make(chan int), make(chan int)\nfunc lateN(b boxN[int]) { f := func() { outN <- b.Get() }; defer f(); <-inN }\ngo func() { for { lateN(boxN[int]{}) } }()", "func() int { inN <- 1; return <-outN }()"},
	{"a timer", "outN := make(chan int, 1)\nfunc (b *boxN[X]) Tick() { outN <- b.Get() }\ntmN := time.AfterFunc(time.Hour, (&boxN[int]{}).Tick)", "func() int { tmN.Reset(1); return <-outN }()"},
	{"reflection", "objN := reflect.ValueOf(boxN[int]{}).Method(0)", "int(objN.Call(nil)[0].Int())"},
	{"reflection by name", "objN := reflect.ValueOf(&boxN[int]{})", "int(objN.MethodByName(`Get`).Call(nil)[0].Int())"},
	{"a sort", "objN := sort.IntSlice{1}\nvar byN any = boxN[int]{}", "sort.Search(9, func(i int) bool { return i >= byN.(interface{ Get() int }).Get() }) + 0*objN[0]"},
	{"a list with other names", "var objN any = func() any { type local = boxN[int]; return local{} }()", "objN.(boxN[int]).Get()"},
}

// TestGenericTypesHaveTheNewestMethods redefines methods of generic types of which values are held: in
// each way twice, in the cell that declares the type, and in another.
func TestGenericTypesHaveTheNewestMethods(t *testing.T) {
	n := open(t)
	n.run("import (\n\"fmt\"\n\"reflect\"\n\"sort\"\n\"strings\"\n\"sync/atomic\"\n\"time\"\n)\nvar _ strings.Builder\nvar _ atomic.Int32\nvar _ sort.IntSlice")
	const typ = "type boxN[T any] struct{ v T }\nfunc (b boxN[T]) Get() int { return 1 }\nfunc (b *boxN[E]) set() int { return 1 }\n"
	var types, again, holders, together, asked strings.Builder
	var names []string
	for i, h := range typeHolders {
		for k, where := range []string{"", ", one cell"} {
			fill := func(text string) string { return fillN(text, strconv.Itoa(2*i+k)+"x") }
			again.WriteString(fill(typ))
			if where == "" {
				types.WriteString(fill(typ))
				holders.WriteString(fill(h.before) + "\n")
			} else {
				together.WriteString(fill(typ+h.before) + "\n")
			}
			asked.WriteString(fill("fmt.Println(" + h.ask + ")\n"))
			names = append(names, h.name+where)
		}
	}
	for _, code := range []string{types.String(), holders.String(), together.String()} {
		if out := n.run(code); out != "" {
			t.Fatal(out)
		}
	}
	check := func(when, want string) {
		t.Helper()
		out := n.run(asked.String())
		got := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if len(got) != len(names) {
			t.Fatal(out)
		}
		for i, name := range names {
			if got[i] != want {
				t.Errorf("%s, %s: %s, want %s", name, when, got[i], want)
			}
		}
	}
	check("at first", "1")
	for _, c := range []struct{ body, want string }{
		{"return 2", "2"}, {"n := 1; n++; n++; return n", "3"}, {"return len(fmt.Sprintf(`%T`, b))*0 + 4", "4"}, {"return 1", "1"},
	} {
		text := strings.ReplaceAll(again.String(), "return 1", c.body)
		if c.want == "3" { // methods alone
			lines := strings.Split(text, "\n")
			text = ""
			for _, line := range lines {
				if !strings.HasPrefix(line, "type") {
					text += line + "\n"
				}
			}
		}
		if out := n.run(text); out != "" {
			t.Fatal(out)
		}
		check("after "+c.body, c.want)
	}
}
