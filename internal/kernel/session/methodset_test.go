package session_test

import (
	"strconv"
	"strings"
	"testing"
)

// methodCases change the methods of a type dogN while values of it are held in some way:
// what there is before, what a later cell declares, and an expression with its value
// before and after that.
var methodCases = []struct{ name, before, change, ask, was, want string }{
	{"a method more, a value", "type dogN struct{ n int }\nvar vN any = dogN{1}", "func (dogN) String() string { return `s` }",
		"isStringer(vN), vN == any(dogN{1}), fmt.Sprint(vN)", "false true {1}", "true true s"},
	{"a method more, a pointer", "type dogN struct{ n int }\nvar vN any = &dogN{1}", "func (dogN) String() string { return `s` }",
		"isStringer(vN), isStringer(*vN.(*dogN))", "false false", "true true"},
	{"a pointer's method more", "type dogN struct{ n int }\nvar vN any = &dogN{1}", "func (*dogN) String() string { return `s` }",
		"isStringer(vN), isStringer(*vN.(*dogN))", "false false", "true false"},
	{"a first method and a second", "type dogN struct{ n int }\nfunc (dogN) Len() int { return 3 }\nvar vN any = dogN{1}", "func (dogN) String() string { return `s` }",
		"isStringer(vN), vN.(interface{ Len() int }).Len()", "false 3", "true 3"},
	{"an unexported method more", "type dogN struct{ n int }\ntype legsN interface{ legs() int }\nvar vN any = &dogN{1}", "func (d *dogN) legs() int { return d.n }",
		"func() int { if l, ok := vN.(legsN); ok { return l.legs() }; return 0 }()", "0", "1"},
	{"a method that returns its type", "type dogN struct{ n int }\ntype growsN interface{ grow() dogN }\nvar vN any = dogN{1}", "func (d dogN) grow() dogN { d.n++; return d }",
		"func() any { if l, ok := vN.(growsN); ok { return l.grow() == any(dogN{2}) }; return 0 }()", "0", "true"},
	{"another signature", "type dogN struct{ n int }\nfunc (dogN) Bark() int { return 1 }\nvar vN any = dogN{1}", "func (dogN) Bark() string { return `w` }",
		"func() any { switch v := vN.(type) { case interface{ Bark() int }: return v.Bark(); case interface{ Bark() string }: return v.Bark() }; return nil }()", "1", "w"},
	{"another signature and its callers", "type dogN struct{ n int }\nfunc (dogN) Bark(a int) int { return a }\nfunc callN(d dogN) any { return d.Bark(7) }\nvar vN = dogN{1}", "func (dogN) Bark(a ...int) string { return fmt.Sprint(a) }",
		"callN(vN)", "7", "[7]"},
	{"from values to pointers", "type dogN struct{ n int }\nfunc (d dogN) String() string { d.n++; return fmt.Sprint(d.n) }\nvar vaN, vbN any = dogN{1}, &dogN{1}", "func (d *dogN) String() string { d.n += 10; return fmt.Sprint(d.n) }",
		"isStringer(vaN), isStringer(vbN), vbN.(fmt.Stringer).String()", "true true 2", "false true 11"},
	{"from pointers to values", "type dogN struct{ n int }\nfunc (d *dogN) String() string { d.n++; return fmt.Sprint(d.n) }\nvar vaN, vbN any = dogN{1}, &dogN{1}", "func (d dogN) String() string { d.n += 10; return fmt.Sprint(d.n) }",
		"isStringer(vaN), isStringer(vbN), vbN.(fmt.Stringer).String()", "false true 2", "true true 12"},
	{"a type of a basic kind", "type dogN int\nvar vN any = dogN(4)\nconst cN dogN = 5", "func (d dogN) String() string { return fmt.Sprint(`d`, int(d)) }",
		"fmt.Sprint(vN), fmt.Sprint(cN), vN == any(dogN(4))", "4 5 true", "d4 d5 true"},
	{"types of all kinds", "type aN []int\ntype bN map[string]int\ntype cN func() int\ntype dN [2]int\ntype eN chan int\ntype fN string\nvar vsN = []any{aN{1}, bN{}, cN(nil), dN{}, eN(nil), fN(`x`)}",
		"func (aN) String() string { return `a` }\nfunc (bN) String() string { return `b` }\nfunc (cN) String() string { return `c` }\nfunc (dN) String() string { return `d` }\nfunc (eN) String() string { return `e` }\nfunc (fN) String() string { return `f` }",
		"func() (n int) { for _, v := range vsN { if isStringer(v) { n++ } }; return }()", "0", "6"},
	{"an embedded type", "type dogN struct{ n int }\ntype pupN struct { dogN; k int }\nvar vaN, vbN any = pupN{}, &pupN{}", "func (dogN) String() string { return `s` }",
		"isStringer(vaN), isStringer(vbN)", "false false", "true true"},
	{"an embedded pointer", "type dogN struct{ n int }\ntype pupN struct { *dogN; k int }\nvar vaN, vbN any = pupN{}, &pupN{}", "func (*dogN) String() string { return `s` }",
		"isStringer(vaN), isStringer(vbN)", "false false", "true true"},
	{"embedded twice", "type dogN struct{ n int }\ntype pupN struct { dogN }\ntype babyN struct{ *pupN }\nvar vN any = babyN{&pupN{dogN{3}}}", "func (d dogN) String() string { return fmt.Sprint(d.n) }",
		"isStringer(vN), fmt.Sprintf(`%.1s`, fmt.Sprint(vN))", "false {", "true 3"},
	{"embedded in an unnamed struct", "type dogN struct{ n int }\nvar vN any = struct { dogN; k int }{dogN{3}, 4}", "func (d dogN) String() string { return fmt.Sprint(d.n) }\nvar _ = struct { dogN; k int }{}",
		"fmt.Sprint(vN.(struct { dogN; k int }).dogN)", "{3}", "3"},
	{"channels and maps", "type dogN struct{ n int }\nchN := make(chan any, 9)\nchN <- dogN{1}\nmN := map[any]string{dogN{1}: `x`}", "func (dogN) String() string { return `s` }",
		"func() any { v := <-chN; chN <- v; return fmt.Sprint(v, mN[v], mN[dogN{1}]) }()", "{1}xx", "sxx"},
	{"a goroutine that holds one", "type dogN struct{ n int }\ninN, outN := make(chan int), make(chan any)\ngo func(d any) { for range inN { outN <- fmt.Sprint(d) } }(dogN{1})", "func (dogN) String() string { return `s` }",
		"func() any { inN <- 1; return <-outN }()", "{1}", "s"},
	{"a library's hold", "type dogN struct{ n int }\nvar vN sync.Map\nvN.Store(dogN{1}, dogN{2})\nctxN := context.WithValue(context.Background(), `k`, &dogN{3})", "func (dogN) String() string { return `s` }",
		"func() any { v, ok := vN.Load(dogN{1}); return fmt.Sprint(v, ok, isStringer(ctxN.Value(`k`))) }()", "{2} true false", "s true true"},
	{"an error", "type dogN struct{ n int }\nvar vN any = &dogN{1}", "func (d *dogN) Error() string { return `e` }\nfunc (d *dogN) Is(e error) bool { return e == io.EOF }",
		"func() any { e, ok := vN.(error); return ok && errors.Is(fmt.Errorf(`w: %w`, e), io.EOF) }()", "false", "true"},
	{"a switch over interfaces", "type dogN struct{ n int }\nvar vN any = dogN{1}\nfunc kindN(v any) string { switch v := v.(type) { case error: return `error`; case fmt.Stringer: return `stringer`; case dogN: return fmt.Sprint(`dog`, v.n) }; return `?` }\nfor range 20000 { kindN(vN) }", "func (dogN) String() string { return `s` }",
		"kindN(vN)", "dog1", "stringer"},
	{"assertions in packages", "type dogN struct{ n int }\nvar vN any = dogN{1}\nfor range 20000 { fmt.Sprint(vN); json.Marshal(vN); errors.Is(io.EOF, io.EOF) }", "func (dogN) MarshalText() ([]byte, error) { return []byte(`7`), nil }\nfunc (dogN) Format(f fmt.State, c rune) { io.WriteString(f, `F`) }",
		"func() any { b, _ := json.Marshal([]any{vN}); return fmt.Sprint(string(b), vN) }()", "[{}]{1}", `["7"]F`},
	{"reflection", "type dogN struct{ n int }\nfunc (dogN) Z() {}\nvar vN any = dogN{1}\ntN := reflect.TypeOf(vN)", "func (d dogN) Bark(s string) string { return s + fmt.Sprint(d.n) }",
		"func() any { m := reflect.ValueOf(vN).MethodByName(`Bark`); if !m.IsValid() { return tN.NumMethod() }; return fmt.Sprint(tN.NumMethod(), m.Call([]reflect.Value{reflect.ValueOf(`x`)})[0], tN == reflect.TypeOf(dogN{}), tN.Method(0).Name, tN.Implements(reflect.TypeFor[interface{ Z() }]())) }()", "1", "2 x1 trueBarktrue"},
	{"an interface that is there", "type dogN struct{ n int }\nfunc (dogN) Bark() int { return 1 }\nvar vN interface{ Bark() int } = dogN{1}", "func (dogN) Bark() int { return 2 }\nfunc (dogN) String() string { return `s` }",
		"vN.Bark(), vN == interface{ Bark() int }(dogN{1}), isStringer(vN)", "1 true false", "2 true true"},
	{"sorting", "type dogN []int\nvar vN any = dogN{3, 1, 2}", "func (d dogN) Len() int { return len(d) }\nfunc (d dogN) Less(i, j int) bool { return d[i] < d[j] }\nfunc (d dogN) Swap(i, j int) { d[i], d[j] = d[j], d[i] }",
		"func() any { if s, ok := vN.(sort.Interface); ok { sort.Sort(s) }; return fmt.Sprint(vN) }()", "[3 1 2]", "[1 2 3]"},
	{"in a generic type", "type dogN struct{ n int }\ntype boxN[T any] struct{ v T }\nfunc (b boxN[T]) Show() string { return fmt.Sprint(b.v) }\nvar vN = boxN[dogN]{dogN{1}}\nvar wN any = vN", "func (dogN) String() string { return `s` }",
		"vN.Show(), wN.(interface{ Show() string }).Show(), wN == any(vN)", "{1} {1} true", "s s true"},
	{"methods and fields", "type dogN struct{ n, gone int }\nvar vN any = dogN{n: 1}\nwN := &dogN{n: 2}", "type dogN struct{ n int }\nfunc (d dogN) String() string { return fmt.Sprint(`s`, d.n) }",
		"fmt.Sprint(vN, wN)", "{1 0} &{2 0}", "s1 s2"},
}

// TestMethodsAreCurrent changes the methods that types have, whose values are held in
// all kinds of ways.
func TestMethodsAreCurrent(t *testing.T) {
	n := open(t)
	n.run("import (\n\"context\"\n\"encoding/json\"\n\"errors\"\n\"fmt\"\n\"io\"\n\"reflect\"\n\"sort\"\n\"sync\"\n)\nfunc isStringer(v any) bool { _, ok := v.(fmt.Stringer); return ok }\nfor range 20000 { isStringer(1) }")
	var before, change, asked strings.Builder
	for i, c := range methodCases {
		fill := func(text string) string { return fillN(text, strconv.Itoa(i)+"x") }
		before.WriteString(fill(c.before) + "\n")
		change.WriteString(fill(c.change) + "\n")
		asked.WriteString("fmt.Println(" + fill(c.ask) + ")\n")
	}
	check := func(when string, want func(i int) string) {
		t.Helper()
		answers := strings.Split(strings.TrimSuffix(n.run(asked.String()), "\n"), "\n")
		if len(answers) != len(methodCases) {
			t.Fatalf("%s: %d answers of %d: %q", when, len(answers), len(methodCases), answers)
		}
		for i, c := range methodCases {
			if answers[i] != want(i) {
				t.Errorf("%s, %s: %q, want %q", c.name, when, answers[i], want(i))
			}
		}
	}
	if out := n.run(before.String()); out != "" {
		t.Fatal(out)
	}
	check("before", func(i int) string { return methodCases[i].was })
	if out := n.run(change.String()); strings.Contains(out, "compile") || strings.Contains(out, "held") {
		t.Error(out)
	}
	check("after", func(i int) string { return methodCases[i].want })
	n.run("import \"runtime\"\nfor range 3 { runtime.GC() }")
	check("after a collection of garbage", func(i int) string {
		if strings.HasPrefix(methodCases[i].name, "from pointers") {
			return methodCases[i].want
		}
		return strings.Replace(methodCases[i].want, "false true 11", "false true 21", 1)
	})
}
