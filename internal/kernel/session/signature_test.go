package session_test

import (
	"strconv"
	"strings"
	"testing"
)

// signatures are pairs of one and the same signature in two ways of writing.
var signatures = []struct{ name, declare, first, second, call string }{
	{"names of parameters", "", "(a, b int) (c int) { return a }", "(x int, _ int) int { return x + 1 }", "(1, 2)"},
	{"any", "", "(a any) any { return 1 }", "(a interface{}) interface{} { return 2 }", "(3)"},
	{"any in a list", "", "(a map[string]any, f func(any) error) int { return 1 }", "(a map[string]interface{}, f func(interface{}) error) int { return 2 }", "(nil, nil)"},
	{"byte", "", "(a []byte, b rune) byte { return 1 }", "(a []uint8, b int32) uint8 { return 2 }", "(nil, 'a')"},
	{"an alias", "type aN = []int", "(a aN) int { return 1 }", "(a []int) int { return 2 }", "(nil)"},
	{"a package's alias", "", "(a fs.FileMode) int { return 1 }", "(a os.FileMode) int { return 2 }", "(0)"},
	{"methods of an interface", "", "(a interface { io.Writer; Close() error }) int { return 1 }", "(a interface { Close() error; Write(b []uint8) (int, error) }) int { return 2 }", "(nil)"},
	{"an alias that is declared again", "type aN = string", "(a aN) int { return 1 }", "(b aN) int { return 2 }\ntype aN = string", "(``)"},
	{"an unnamed struct", "", "(a struct{ x any }) int { return 1 }", "(a struct{ x interface{} }) int { return 2 }", "(struct{ x any }{})"},
}

// TestOneSignatureInTwoWaysOfWriting redefines functions with what is the same signature
// to Go: values of the function reach the newest version.
func TestOneSignatureInTwoWaysOfWriting(t *testing.T) {
	n := open(t)
	n.run("import (\n\"fmt\"\n\"io\"\n\"io/fs\"\n\"os\"\n)")
	var before, after, asked, want strings.Builder
	for i, s := range signatures {
		fill := func(text string) string { return fillN(text, strconv.Itoa(i)+"x") }
		before.WriteString(fill(s.declare+"\nfunc fN"+s.first+"\ntype tN struct { n int }\nfunc (tN) Do"+s.first+"\nobjN, valueN := fN, tN{}.Do\nvar anyN any = tN{}") + "\n")
		after.WriteString(fill("func fN"+s.second+"\nfunc (tN) Do"+strings.ReplaceAll(s.second, "\ntype aN = string", "")) + "\n")
		asked.WriteString(fill("fmt.Println(objN"+s.call+", valueN"+s.call+", anyN == any(tN{}))") + "\n")
		want.WriteString("2 2 true\n")
	}
	for _, code := range []string{before.String(), after.String()} {
		if out := n.run(code); out != "" {
			t.Fatal(out)
		}
	}
	got, wanted := strings.Split(n.run(asked.String()), "\n"), strings.Split(want.String(), "\n")
	for i, s := range signatures {
		if i >= len(got) || got[i] != wanted[i] {
			t.Errorf("%s: %q", s.name, got[min(i, len(got)-1)])
		}
	}
}

// genericCallers call a generic function getN, which is declared again.
var genericCallers = []struct{ name, before, ask string }{
	{"a function", "func callN() int { return getN(1) }", "callN()"},
	{"a function's value", "func callN() int { return getN(1) }\nobjN := callN", "objN()"},
	{"a closure that calls a caller", "func callN() int { return getN(1) }\nclN := func() int { return callN() }", "clN()"},
	{"a method", "type dogN struct{}\nfunc (dogN) Legs() int { return getN(`x`) }\nvar dN interface{ Legs() int } = dogN{}", "dN.Legs()"},
	{"a method's value", "type dogN struct{}\nfunc (dogN) Legs() int { return getN(`x`) }\nmvN := dogN{}.Legs", "mvN()"},
	{"a generic function", "func midN[T any](x T) int { return getN(x) }\nfunc callN() int { return midN(2) }\nobjN := callN", "objN()"},
	{"a goroutine", "inN, outN := make(chan int), make(chan int)\nfunc callN() int { return getN(1) }\ngo func() { for range inN { outN <- callN() } }()", "func() int { inN <- 1; return <-outN }()"},
	{"an instance that is passed on", "func applyN(f func(int) int) int { return f(1) }\nfunc callN() int { return applyN(getN[int]) }\nobjN := callN", "objN()"},
	{"a handler", "muxN := http.NewServeMux()\nfunc serveN(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, getN(1)) }\nmuxN.HandleFunc(`/`, serveN)", "func() int { rec := httptest.NewRecorder(); muxN.ServeHTTP(rec, httptest.NewRequest(`GET`, `/`, nil)); n, _ := strconv.Atoi(rec.Body.String()); return n }()"},
}

// TestAGenericFunctionReachesItsCallers redefines a generic function whose callers are
// held in several ways and do not change.
func TestAGenericFunctionReachesItsCallers(t *testing.T) {
	n := open(t)
	n.run("import (\n\"fmt\"\n\"net/http\"\n\"net/http/httptest\"\n\"strconv\"\n)")
	var functions, callers, asked strings.Builder
	for i, c := range genericCallers {
		fill := func(text string) string { return fillN(text, strconv.Itoa(i)+"x") }
		functions.WriteString(fill("func getN[T any](x T) int { return 1 }\n"))
		callers.WriteString(fill(c.before) + "\n")
		asked.WriteString(fill("fmt.Println(" + c.ask + ")\n"))
	}
	for _, code := range []string{functions.String(), callers.String()} {
		if out := n.run(code); out != "" {
			t.Fatal(out)
		}
	}
	for _, want := range []string{"1", "2", "1"} {
		if out := n.run(strings.ReplaceAll(functions.String(), "return 1", "return "+want)); out != "" {
			t.Fatal(out)
		}
		for i, got := range strings.Split(strings.TrimSuffix(n.run(asked.String()), "\n"), "\n") {
			if got != want {
				t.Errorf("%s: %s, want %s", genericCallers[i].name, got, want)
			}
		}
	}
}

// TestWhatKeepsAGenericFunctionIsNamed redefines generic functions: an instance that a
// variable holds follows, unless the signature is another; then it stays what it was, and the cell
// says so.
func TestWhatKeepsAGenericFunctionIsNamed(t *testing.T) {
	n := open(t)
	n.expect(`func get[T any](x T) int { return 1 }
func pair[K comparable, V any](k K, v V) int { return 1 }
type box[T any] struct{ v T }
func (b box[T]) Get() int { return 1 }
var one = get[int]
all := map[string]func(string, int) int{"pair": pair[string, int]}
method := box[int]{1}.Get
result, other := get[int](2), (pair[int, string])(1, "")
func call() int { return get(1) }
through := call`, "")
	for _, f := range []struct{ code, note string }{
		{"func get[U comparable](y U) (n int) { return 2 }", ""},
		{"func pair[K comparable, V any](k K, v V) int { return 2 }", ""},
		{"one(1), all[`pair`](``, 1)", "2 2\n"},
		{"func get[T any](x T, more ...int) int { return 3 }", "note: get has another signature now; what was made of it before is still in one, until that is made again\n"},
		{"func pair(k string, v int) int { return 3 }", "note: pair has another signature now; what was made of it before is still in all, until that is made again\n"},
		{"one(1), all[`pair`](``, 1)", "2 2\n"},
		{"func get[T any](x T) int { return 4 }", ""},
		{"all = nil", ""},
		{"func pair[K, V any](k K, v V) int { return 4 }", ""},
	} {
		n.expect(f.code, f.note)
	}
	n.expect("one(1), method(), result, other, through()", "4 1 1 1 4\n")
}
