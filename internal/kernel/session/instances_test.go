package session_test

import (
	"strconv"
	"strings"
	"testing"
)

// genericHolders hold on to instances of a generic function getN, or to code that calls them. An
// own getN is declared again.
var genericHolders = []struct{ name, before, ask string }{
	{"a variable", "objN := getN[int]", "objN(0)"},
	{"a variable with a type", "var objN func(string) int = getN", "objN(``)"},
	{"a map", "mN := map[string]func(int) int{`f`: getN[int]}", "mN[`f`](0)"},
	{"a struct field", "type boxN struct{ f func(bool) int }\nbN := &boxN{getN}", "bN.f(true)"},
	{"a channel", "chN := make(chan func(rune) int, 9)\nchN <- getN[rune]", "func() int { f := <-chN; chN <- f; return f(0) }()"},
	{"an interface", "var anyN any = getN[[]int]", "anyN.(func([]int) int)(nil)"},
	{"an instance of a cell's type", "type dogN struct{ n int }\nobjN := getN[dogN]", "objN(dogN{})"},
	{"an instance of a pointer to one", "type dogN struct{ n int }\nobjN := getN[map[string]*dogN]", "objN(nil)"},
	{"an instance of an instance", "type listN[T any] struct{ v []T }\nobjN := getN[listN[float64]]", "objN(listN[float64]{})"},
	{"an instance of a package's type", "objN := getN[*strings.Builder]", "objN(nil)"},
	{"a closure", "clN := func() int { return getN(1) }", "clN()"},
	{"a closure in a closure", "clN := func() func() int { return func() int { return getN(`x`) } }()", "clN()"},
	{"an argument", "func applyN(f func(int) int) func() int { return func() int { return f(1) } }\nargN := applyN(getN)", "argN()"},
	{"a generic function's argument", "func doN[T any](f func(T) int) func(T) int { return f }\ngN := doN(getN[uint8])", "gN(1)"},
	{"a generic caller", "func midN[T any](x T) int { return getN(x) }\nobjN := midN[int]", "objN(1)"},
	{"a generic caller of a generic caller", "func midN[T any](x T) int { return getN([]T{x}) }\nfunc topN[K comparable, V any](k K, v V) int { return midN(map[K]V{k: v}) }\nobjN := topN[string, int]", "objN(``, 1)"},
	{"what a generic function returns", "func makeN[T any]() func(T) int { return getN[T] }\nobjN := makeN[int]()", "objN(1)"},
	{"what one returns that another calls", "func makeN[T any]() func([]T) int { return getN[[]T] }\nfunc topN[T any](x T) func() int { f := makeN[T](); return func() int { return f([]T{x}) } }\nobjN := topN(1.5)", "objN()"},
	{"a closure of a generic function", "func makeN[T any](x T) func() int { return func() int { return getN(x) } }\nobjN := makeN(`x`)", "objN()"},
	{"a closure of a generic type's method", "type listN[T any] struct{ v T }\nfunc (l listN[E]) Get() func() int { return func() int { return getN(struct { a E; b []E }{}) } }\nobjN := listN[int]{}.Get()", "objN()"},
	{"a field of a generic type", "type listN[T any] struct{ f func(T) int }\nfunc makeN[T any]() *listN[T] { return &listN[T]{getN[T]} }\nobjN := makeN[int]()", "objN.f(1)"},
	{"a goroutine that waits", "inN, outN := make(chan int), make(chan int)\ngo func() { for range inN { outN <- getN(1) } }()", "func() int { inN <- 1; return <-outN }()"},
	{"a goroutine of a function", "inN, outN := make(chan int), make(chan int)\nfunc loopN() { for range inN { outN <- getN(1) } }\ngo loopN()", "func() int { inN <- 1; return <-outN }()"},
	{"a goroutine of a generic function", "inN, outN := make(chan int), make(chan int)\nfunc loopN[T any](x T) { for range inN { outN <- getN(x) } }\ngo loopN(`x`)", "func() int { inN <- 1; return <-outN }()"},
	{"a goroutine that waits in a callee", "inN, outN := make(chan int), make(chan int)\nfunc waitN() { <-inN }\nfunc onceN[T any](x T) { waitN(); outN <- getN(x) }\ngo func() { for { onceN(1) } }()", "func() int { inN <- 1; return <-outN }()"},
	{"a handler", "muxN := http.NewServeMux()\nmuxN.HandleFunc(`/`, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, getN(r)) })", "func() int { rec := httptest.NewRecorder(); muxN.ServeHTTP(rec, httptest.NewRequest(`GET`, `/`, nil)); n, _ := strconv.Atoi(rec.Body.String()); return n }()"},
	{"reflection", "rfN := reflect.ValueOf(getN[int])", "int(rfN.Call([]reflect.Value{reflect.ValueOf(1)})[0].Int())"},
	{"a pointer to a variable", "pvN := getN[int]\nptN := &pvN", "(*ptN)(1)"},
	{"an alias", "type idN = int\nobjN := getN[idN]", "objN(1)"},
	{"an unnamed struct", "objN := getN[struct { a int; b []string }]", "objN(struct { a int; b []string }{})"},
	{"an interface type", "type legsN interface{ Legs() int }\nobjN := getN[legsN]", "objN(nil)"},
}

// TestInstancesOfGenericFunctionsAreTheNewest redefines generic functions whose instances are held.
func TestInstancesOfGenericFunctionsAreTheNewest(t *testing.T) {
	n := open(t)
	n.run("import (\n\"fmt\"\n\"net/http\"\n\"net/http/httptest\"\n\"reflect\"\n\"strconv\"\n\"strings\"\n)\nvar _ strings.Builder")
	var functions, again, holders, together, asked strings.Builder
	var names []string
	for i, h := range genericHolders {
		for _, where := range []string{"", ", one cell"} {
			fill := func(text string) string { return fillN(text, strconv.Itoa(i)+strings.TrimLeft(where, ", one")+"x") }
			declaration := fill("func getN[T any](x T) int { return 1 }\n")
			again.WriteString(declaration)
			if where == "" {
				functions.WriteString(declaration)
				holders.WriteString(fill(h.before) + "\n")
			} else {
				together.WriteString(declaration + fill(h.before) + "\n")
			}
			asked.WriteString(fill("fmt.Println(" + h.ask + ")\n"))
			names = append(names, h.name+where)
		}
	}
	for _, code := range []string{functions.String(), holders.String(), together.String()} {
		if out := n.run(code); out != "" {
			t.Fatal(out)
		}
	}
	check := func(want string) {
		t.Helper()
		got := strings.Split(strings.TrimSuffix(n.run(asked.String()), "\n"), "\n")
		if len(got) != len(names) {
			t.Fatal(got)
		}
		for i, name := range names {
			if got[i] != want {
				t.Errorf("%s: %s, want %s", name, got[i], want)
			}
		}
	}
	check("1")
	for _, body := range []string{"return 2", "n := 1; n++; n++; return n", "return len(fmt.Sprintf(`%T`, x)) * 0 + 4", "return 1"} {
		if out := n.run(strings.ReplaceAll(again.String(), "return 1", body)); out != "" {
			t.Fatal(out)
		}
		want := map[string]string{"return 2": "2", "return 1": "1"}[body]
		if want == "" {
			want = map[bool]string{true: "4", false: "3"}[strings.Contains(body, "Sprintf")]
		}
		check(want)
	}
}
