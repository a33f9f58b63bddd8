package session_test

import (
	"strconv"
	"strings"
	"testing"
)

// holders are ways to hold on to a function, or to code that calls it, over a
// redefinition: what is there before, and an expression that calls it afterwards. N
// stands for what makes one holder's names apart from another's.
var holders = []struct{ name, before, ask string }{
	{"a caller in another cell", "func callN() int { return rateN() }", "callN()"},
	{"a variable", "objN := rateN", "objN()"},
	{"a variable of a caller", "func callN() int { return rateN() }\n---\nobjN := callN", "objN()"},
	{"a map", "mN := map[string]func() int{`f`: rateN}", "mN[`f`]()"},
	{"a struct field", "type boxN struct{ f func() int }\nbN := &boxN{rateN}", "bN.f()"},
	{"a channel", "chN := make(chan func() int, 9)\nchN <- rateN", "func() int { f := <-chN; chN <- f; return f() }()"},
	{"an interface", "var anyN any = rateN", "anyN.(func() int)()"},
	{"a closure", "clN := func() int { return rateN() }", "clN()"},
	{"a closure with captures", "func makeN(k int) func() int { return func() int { k++; return rateN() + 0*k } }\nclN := makeN(1)", "clN()"},
	{"a closure in a closure", "clN := func() func() int { return func() int { return rateN() } }()", "clN()"},
	{"a closure that calls a caller", "func callN() int { return rateN() }\nclN := func() int { return callN() }", "clN()"},
	{"a method value", "type dogN struct{ k int }\nfunc (d dogN) legs() int { return rateN() + d.k }\nmvN := dogN{}.legs", "mvN()"},
	{"a method value through a pointer", "type dogN struct{ k int }\nfunc (d *dogN) Legs() int { return rateN() + d.k }\nmvN := (&dogN{}).Legs", "mvN()"},
	{"a method expression", "type dogN struct{ k int }\nfunc (d dogN) legs() int { return rateN() + d.k }\nmeN := dogN.legs", "meN(dogN{})"},
	{"a method value of an interface", "type dogN struct{}\nfunc (dogN) Legs() int { return rateN() }\nmvN := interface{ Legs() int }(dogN{}).Legs", "mvN()"},
	{"a value in an interface", "type dogN struct{}\nfunc (dogN) Legs() int { return rateN() }\nvar iN interface{ Legs() int } = dogN{}", "iN.Legs()"},
	{"an embedded type", "type dogN struct{}\nfunc (dogN) Legs() int { return rateN() }\ntype pupN struct{ dogN }\nvar iN interface{ Legs() int } = &pupN{}", "iN.Legs()"},
	{"reflection", "type dogN struct{}\nfunc (dogN) Legs() int { return rateN() }\nrvN := reflect.ValueOf(dogN{}).Method(0)", "int(rvN.Call(nil)[0].Int())"},
	{"reflection of a function", "rfN := reflect.ValueOf(rateN)", "int(rfN.Call(nil)[0].Int())"},
	{"an argument", "func applyN(f func() int) func() int { return f }\nargN := applyN(rateN)", "argN()"},
	{"a variadic list", "func listN(fs ...func() int) []func() int { return fs }\nvsN := listN(rateN, rateN)", "vsN[1]()"},
	{"an array", "arN := [2]func() int{0: rateN}", "arN[0]()"},
	{"a once value", "onN := sync.OnceValue(func() func() int { return rateN })\nonN()", "onN()()"},
	{"a generic function's argument", "func doN[T any](f func() T) func() T { return func() T { return f() } }\ngN := doN(rateN)", "gN()"},
	{"a generic caller", "func doN[T any](x T) int { return rateN() }\n---\nfunc callN() int { return doN(1) }\n---\ngN := callN", "gN()"},
	{"a pointer to a variable", "pvN := rateN\nptN := &pvN", "(*ptN)()"},
	{"a goroutine that waits", "inN, outN := make(chan int), make(chan int)\ngo func() { for range inN { outN <- rateN() } }()", "func() int { inN <- 1; return <-outN }()"},
	{"a goroutine of a function", "inN, outN := make(chan int), make(chan int)\nfunc loopN() { for range inN { outN <- rateN() } }\ngo loopN()", "func() int { inN <- 1; return <-outN }()"},
	{"a goroutine of a method", "type workerN struct{ in, out chan int }\nfunc (w *workerN) loop() { for range w.in { w.out <- w.next() } }\nfunc (w *workerN) next() int { return rateN() }\nwN := &workerN{make(chan int), make(chan int)}\ngo wN.loop()", "func() int { wN.in <- 1; return <-wN.out }()"},
	{"a goroutine that runs", "var seenN, stopN, turnN atomic.Int64\ngo func() { for stopN.Load() == 0 { seenN.Store(int64(rateN())); turnN.Add(1) } }()", "func() int { for n := turnN.Load() + 2; turnN.Load() < n; { time.Sleep(time.Millisecond) }; return int(seenN.Load()) }()"},
	{"a goroutine of a function that runs", "var seenN, stopN, turnN atomic.Int64\nfunc spinN() { for stopN.Load() == 0 { seenN.Store(int64(rateN())); turnN.Add(1) } }\ngo spinN()", "func() int { for n := turnN.Load() + 2; turnN.Load() < n; { time.Sleep(time.Millisecond) }; return int(seenN.Load()) }()"},
	{"a goroutine that waits in a callee", "inN, outN := make(chan int), make(chan int)\nfunc waitN() { <-inN }\nfunc onceN() { waitN(); outN <- rateN() }\ngo func() { for { onceN() } }()", "func() int { inN <- 1; return <-outN }()"},
	{"a deferred call", "inN, outN := make(chan int), make(chan int)\nfunc sendN() { outN <- rateN() }\nfunc lateN() { defer sendN(); <-inN }\ngo func() { for { lateN() } }()", "func() int { inN <- 1; return <-outN }()"},
	{"a timer", "tiN := make(chan int, 9)\nfunc tickN() { tiN <- rateN() }\ntmN := time.AfterFunc(time.Hour, tickN)", "func() int { tmN.Reset(1); return <-tiN }()"},
	{"an http handler", "func serveN(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, rateN()) }\nmuxN := http.NewServeMux()\nmuxN.HandleFunc(`/`, serveN)", "func() int { rec := httptest.NewRecorder(); muxN.ServeHTTP(rec, httptest.NewRequest(`GET`, `/`, nil)); n, _ := strconv.Atoi(rec.Body.String()); return n }()"},
	{"a running server", "type handlerN struct{}\nfunc (handlerN) ServeHTTP(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, rateN()) }\nsrvN := httptest.NewServer(handlerN{})", "func() int { r, err := http.Get(srvN.URL); if err != nil { panic(err) }; defer r.Body.Close(); b, _ := io.ReadAll(r.Body); n, _ := strconv.Atoi(string(b)); return n }()"},
	{"a search", "func enoughN(i int) bool { return i >= rateN() }\nofN := enoughN", "sort.Search(9, ofN)"},
	{"an iterator", "func seqN(yield func(int) bool) { for yield(rateN()) {} }\nvar itN iter.Seq[int] = seqN", "func() int { for v := range itN { return v }; return 0 }()"},
	{"a recursive function", "func recN(n int) int { if n == 0 { return rateN() }; return recN(n - 1) }\nobjN := recN", "objN(3)"},
	{"a function with several results", "func twoN(a ...int) (x int, err error) { return rateN() + len(a), nil }\nobjN := twoN", "func() int { x, _ := objN(); return x }()"},
}

// TestARedefinitionReachesAllThatHoldAFunction redefines a function that others hold
// on to, in each way twice: in the cell that declares it too, where the compiler would
// put its body in place of a call, and in another.
func TestARedefinitionReachesAllThatHoldAFunction(t *testing.T) {
	n := open(t)
	n.run("import (\n\"fmt\"\n\"io\"\n\"iter\"\n\"net/http\"\n\"net/http/httptest\"\n\"reflect\"\n\"sort\"\n\"strconv\"\n\"sync\"\n\"sync/atomic\"\n\"time\"\n)")
	var before, declared, asked strings.Builder
	var names []string
	var cells [3]strings.Builder
	for i, h := range holders {
		for _, together := range []bool{true, false} {
			id := strconv.Itoa(2*i) + "x"
			if together {
				id = strconv.Itoa(2*i+1) + "x"
			}
			fill := func(text string) string { return fillN(text, id) }
			declaration := fill("func rateN() int { return 1 }\n")
			first := &cells[0]
			if !together {
				before.WriteString(declaration)
			} else {
				first.WriteString(declaration)
			}
			for k, part := range strings.Split(h.before, "\n---\n") {
				cells[k].WriteString(fill(part) + "\n")
			}
			declared.WriteString(fill("func rateN() int { return 2 }\n"))
			asked.WriteString("fmt.Println(" + fill(h.ask) + ")\n")
			names = append(names, h.name+map[bool]string{true: ", one cell", false: ""}[together])
		}
	}
	check := func(when, want string) {
		t.Helper()
		got := strings.Split(strings.TrimSuffix(n.run(asked.String()), "\n"), "\n")
		if len(got) != len(names) {
			t.Fatalf("%s: %q", when, got)
		}
		for i, name := range names {
			if got[i] != want {
				t.Errorf("%s, %s: %s, want %s", name, when, got[i], want)
			}
		}
	}
	for _, code := range []string{before.String(), cells[0].String(), cells[1].String(), cells[2].String()} {
		if out := n.run(code); out != "" {
			t.Fatal(out)
		}
	}
	check("at first", "1")
	if out := n.run(declared.String()); out != "" {
		t.Fatal(out)
	}
	check("after a redefinition", "2")
	if out := n.run(strings.ReplaceAll(declared.String(), "return 2", "n := 1; n++; n++; return n")); out != "" {
		t.Fatal(out)
	}
	check("after another", "3")
	if out := n.run(strings.ReplaceAll(declared.String(), "return 2", "return 1")); out != "" {
		t.Fatal(out)
	}
	check("after that was undone", "1")
}

// fillN makes the names of a text that end in N those of one case.
func fillN(text, id string) string {
	var b strings.Builder
	for i := range len(text) {
		isLetter := func(at int) bool {
			return at >= 0 && at < len(text) && (text[at] >= 'a' && text[at] <= 'z' || text[at] >= 'A' && text[at] <= 'Z')
		}
		if text[i] == 'N' && isLetter(i-1) && !isLetter(i+1) {
			b.WriteString(id)
		} else {
			b.WriteByte(text[i])
		}
	}
	return b.String()
}
