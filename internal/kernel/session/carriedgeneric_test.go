package session_test

import (
	"regexp"
	"strings"
	"testing"
)

const (
	genericBefore = "type recN[T any] struct { Gone bool; Name string; age T; Kind int; _ int32 }"
	genericAfter  = "type recN[T any] struct { Extra *T; age T; Kind string; _ string; Name string }"
)

// genericCases hold instances of the generic struct recN in ways that other structs are not held.
var genericCases = []carriedCase{
	{"two instances", "var vN, wN any = recN[int]{Name: `a`, age: 1}, &recN[string]{Name: `b`, age: `c`}", "vN.(recN[int]).age, vN.(recN[int]).Extra == nil, wN.(*recN[string]).age", "1 true c", ""},
	{"two instances in one list", "vN := []any{recN[int]{age: 1}, recN[[]string]{age: []string{`x`}}, recN[int8]{age: 3}}", "vN[0].(recN[int]).age, vN[1].(recN[[]string]).age[0], vN[2].(recN[int8]).age", "1 x 3", ""},
	{"an instance of an instance", "var vN any = recN[recN[int]]{Name: `a`, age: recN[int]{age: 1}}", "vN.(recN[recN[int]]).Name, vN.(recN[recN[int]]).age.age", "a 1", ""},
	{"an instance of a pointer to one", "var vN any = &recN[*recN[int]]{age: &recN[int]{age: 1}}", "vN.(*recN[*recN[int]]).age.age", "1", ""},
	{"an instance of a cell's type", "type dogN struct{ n int }\nvar vN any = recN[dogN]{age: dogN{3}}", "vN.(recN[dogN]).age.n", "3", ""},
	{"an instance of an unnamed struct", "var vN any = recN[struct{ a int; B []string }]{age: struct{ a int; B []string }{1, nil}}", "vN.(recN[struct{ a int; B []string }]).age.a", "1", ""},
	{"an instance of a package's type", "var vN any = recN[*list.List]{age: list.New()}", "vN.(recN[*list.List]).age.Len()", "0", ""},
	{"a package's generic type in it", "var vN any = recN[atomic.Pointer[recN[int]]]{Name: `a`}", "vN.(recN[atomic.Pointer[recN[int]]]).Name", "a", ""},
	{"a generic function's value", "func makeN[X any](x X) any { return &recN[[]X]{age: []X{x}} }\nvN := makeN(5)", "vN.(*recN[[]int]).age[0]", "5", ""},
	{"a generic caller's value", "func makeN[X any](x X) any { return recN[X]{age: x} }\nfunc topN[K comparable, V any](k K, v V) any { return makeN(map[K]V{k: v}) }\nvN := topN(`k`, 2)", "vN.(recN[map[string]int]).age[`k`]", "2", ""},
	{"embedded in a generic type", "type outN[X any] struct { recN[[]X]; k X }\nvar vN any = outN[int]{recN[[]int]{age: []int{1}}, 7}", "vN.(outN[int]).age[0], vN.(outN[int]).k", "1 7", ""},
	{"embedded in a struct", "type outN struct { *recN[int]; k int }\nvar vN any = outN{&recN[int]{age: 1}, 7}", "vN.(outN).age, vN.(outN).k", "1 7", ""},
	{"an alias", "type idN = recN[int]\nvar vN any = idN{age: 1}", "vN.(recN[int]).age", "1", ""},
	{"a generic alias", "type idN[X any] = recN[[]X]\nvar vN any = idN[int]{age: []int{1}}", "vN.(idN[int]).age[0]", "1", ""},
	{"methods", "func (r recN[T]) Age() T { return r.age }\nfunc (r *recN[T]) Set(x T) { r.age = x }\nvar vN interface { Age() int; Set(int) } = &recN[int]{age: 1}\nwN := vN", "func() int { vN.Set(vN.Age() + 1); return wN.Age() }(), vN == wN", "2 true", ""},
	{"methods of its own instances", "func (r *recN[T]) Same() *recN[T] { return r }\nvar vN interface { Same() *recN[int] } = &recN[int]{age: 1}", "vN.Same().age", "1", ""},
	{"methods in the cell of the change", "var vN any = recN[int]{Name: `a`, age: 1}", "vN.(fmt.Stringer).String()", "a", genericAfter + "\nfunc (r recN[T]) String() string { return r.Name }"},
	{"an iterator's closure", "func (r *recN[T]) Each(yield func(T) bool) { yield(r.age) }\nvar vN any = &recN[int]{age: 4}", "func() (n int) { for x := range vN.(*recN[int]).Each { n = x }; return }()", "4", ""},
	{"a generic list in an interface", "type nodeN[T any] struct { v T; next *nodeN[T] }\nvar vN any\nfor i := range 3 { var next *nodeN[int]; if vN != nil { next = vN.(*nodeN[int]) }; vN = &nodeN[int]{i, next} }", "vN.(*nodeN[int]).next.next.v, vN.(*nodeN[int]).size", "0 0", genericAfter + "\ntype nodeN[T any] struct { size int; next *nodeN[T]; v T }"},
	{"other names of type parameters", "var vN any = recN[int]{age: 1}", "vN.(recN[int]).age", "1", "type recN[Elem any] struct { Extra *Elem; age Elem }"},
	{"another constraint", "var vN any = recN[int]{age: 1}", "vN.(recN[int]).age", "1", "type recN[T ~int | ~string] struct { Gone bool; Name string; age T; Kind int; _ int32 }"},
	{"a type argument's fields", "type dogN struct{ Name string; n int }\ntype boxN[T any] struct { V T; k int }\nvar vN any = boxN[dogN]{dogN{`rex`, 3}, 5}\nvar wN any = &boxN[[]*dogN]{V: []*dogN{{`b`, 4}}}", "vN.(boxN[dogN]).V.n, vN.(boxN[dogN]).k, wN.(*boxN[[]*dogN]).V[0].Name", "3 5 b", "type dogN struct { n int; More []int; Name string }"},
	{"a type argument's fields, and its own", "type dogN struct{ Name string; n int }\nvar vN any = map[string]any{`x`: recN[dogN]{Name: `r`, age: dogN{`rex`, 3}}}", "vN.(map[string]any)[`x`].(recN[dogN]).age.n", "3", genericAfter + "\ntype dogN struct { n int; More []int; Name string }"},
	{"a struct's interface", "type boxN struct { v any }\nvN := &boxN{recN[int]{age: 1}}\nwN := vN", "wN.v.(recN[int]).age, vN == wN", "1 true", ""},
	{"a list in an interface", "var vN any = []recN[int]{{age: 1}}\nvar wN any = map[string]*recN[string]{`x`: {age: `a`}}", "vN.([]recN[int])[0].age, wN.(map[string]*recN[string])[`x`].age", "1 a", ""},
}

// TestFieldsOfGenericTypesAreCarriedOver changes the fields of a generic struct whose instances variables
// hold in all the ways in which they hold other structs, and in those that only it has.
func TestFieldsOfGenericTypesAreCarriedOver(t *testing.T) {
	cases := genericCases
	for _, c := range carriedCases {
		if c.change == "" {
			c.before, c.ask = instanceOf(c.before), instanceOf(c.ask)
			cases = append(cases, c)
		}
	}
	checkCarried(t, genericBefore, genericAfter, cases)
}

// instanceOf has a text use the instance recN[int] where it uses the type recN.
func instanceOf(text string) string {
	text = regexp.MustCompile(`(^|[^.])\brecN\b`).ReplaceAllString(text, "${1}recN[int]")
	return strings.ReplaceAll(text, "(r recN[int])", "(r recN[T])")
}
