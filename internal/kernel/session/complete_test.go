package session_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// declarations is what the session has declared when code is completed.
const declarations = `import ("strings"; "fmt"; "net/http")
type base struct { id int; Label string }
func (b *base) rename(s string) { b.Label = s }
type point struct { base; x, y int }
func (p point) area() int { return p.x * p.y }
type pair[A, B any] struct { first A; second B }
func (p pair[A, B]) swap() pair[B, A] { return pair[B, A]{p.second, p.first} }
type shape interface { area() int; Perimeter() float64 }
type node struct { next *node; value *point }
func makePoint(x, y int) (*point, error) { return &point{x: x, y: y}, nil }
const maxPoints = 10
p, pp := point{x: 1, y: 2}, &point{}
pairs := []pair[string, point]{}
var sh shape
n := node{}
values := map[string][]point{}
anon := struct{ alpha, beta int }{}
count, été := 1, 2
_ = fmt.Sprint(strings.ToUpper(""), http.MethodGet)`

func TestComplete(t *testing.T) {
	n := open(t)
	if out := n.run(declarations); out != "" {
		t.Fatal(out)
	}
	// Each line: the cell with | for the cursor, what must be offered, what must
	// not, by spaces. A name in <> must be the first.
	for _, test := range []struct{ code, want, not string }{
		// Members of packages.
		{"strings.ToU|", "<ToUpper> ToUpperSpecial", "ToLower"},
		{"strings.|", "Split Builder", "Println"},
		{"fmt.prin|", "Print Println", "Sprint"},
		{"x := strings.|\ny := 2", "Split", ""},
		{"for i := range 3 { fmt.Prin|", "Println", "Sprint"},
		{"fmt.Println(strings.|", "Split", ""},
		{"fmt.Println(strings.|)\nfmt.Println(1)", "Split", ""},
		{"fmt.Println(strings.Spl|\ny := 2\nfmt.Println(y)", "Split", ""},
		{"var b strings.|", "Builder Reader", "Split"},
		{"var b *strings.Bu|", "Builder", ""},
		{"func f(r *http.Req|", "Request", "NewRequest"},
		{"http.StatusO|", "StatusOK", ""},
		// Fields and methods.
		{"p.|", "<base> x y area id Label rename", "Println"},
		{"pp.|", "x area rename", ""},
		{"p.base.|", "id Label rename", "x"},
		{"n.next.next.value.|", "x area", "value"},
		{"values[\"a\"][0].|", "x area", ""},
		{"pairs[0].second.|", "x area", ""},
		{"pairs[0].swap().|", "first swap", ""},
		{"pairs[0].swap().first.|", "x", ""},
		{"sh.|", "area Perimeter", "x"},
		{"anon.|", "alpha beta", ""},
		{"point.|", "area", "x"},
		{"(*point).|", "rename area", "x"},
		{"q, _ := makePoint(1, 2)\nq.|", "x area", ""},
		{"q := point{}\nq.ar|", "<area>", "x"},
		{"strings.NewReader(\"a\").|", "ReadByte Len", "s i"},
		{"strings.NewReplacer().\n\tRep|", "Replace", ""},
		{"sh.(*point).|", "x", ""},
		{"(&http.Request{}).Header.|", "Get Set", ""},
		{"func (p point) twice() int { return p.|", "x area", ""},
		{"func (p *pair[X, Y]) keep(x X) { p.|", "first second swap", ""},
		{"func (p point) area() int { return 2 }\nfunc (p point) |", "", ""},
		{"func g[T shape](v T) { v.|", "area Perimeter", ""},
		{"err := fmt.Errorf(\"x\")\nerr.|", "Error", ""},
		{"p.x.|", "", "x"},
		{"f(xs...|", "", "p"},
		// Statements that are half there.
		{"if p.|", "x", ""},
		{"if p.x > 0 && p.|", "x", ""},
		{"for _, v := range values {\n\tv[0].|\n}", "x", ""},
		{"for _, v := range pairs {\n\tv.sec|", "second", ""},
		{"for i := 0; i < p.|", "x", ""},
		{"switch p.|", "x", ""},
		{"switch {\ncase p.|", "x", ""},
		{"switch v := any(p).(type) {\ncase point:\n\tv.|\n}", "x area", ""},
		{"return p.|", "x", ""},
		{"go p.|", "area", ""},
		{"defer pp.ren|", "rename", ""},
		{"p.|++", "x", ""},
		{"p.| = 3", "x", ""},
		{"ch := make(chan point)\nch <- p.|", "base", ""},
		{"v := <-make(chan point)\nv.|", "x", ""},
		{"f := func(q point) int { return q.|", "x area", ""},
		{"f := func(q point) int { return q.| }\nf(p)", "x area", ""},
		{"[]int{p.|", "x", ""},
		{"m := map[string]int{\"a\": p.|", "x", ""},
		{"a[p.|", "x", ""},
		// Mistakes elsewhere.
		{"z := := 3\np.|", "x", ""},
		{"p.|\nz := := 3", "x", ""},
		{"func f() {\n\tz := := 3\n\tp.|\n}", "x", ""},
		{"undefined(1)\np.|", "x", ""},
		{"var s string = 5\np.|\n}", "x", ""},
		{"func f( {\n}\np.|", "x", ""},
		{"import \"no/such/package\"\np.|", "x", ""},
		{"if p.x > {\n}\np.|", "x", ""},
		// Names in scope.
		{"po|", "<point>", "p"},
		{"maxP|", "<maxPoints>", ""},
		{"func f() {\n\tcounter := 1\n\tcou|\n}", "<counter> count", ""},
		{"func f() {\n\tcou|\n\tcounter := 1\n}", "count", "counter"},
		{"{\n\tinner := 1\n\t_ = inner\n}\ninn|", "", "inner"},
		{"func f(argument int) {\n\targ|", "<argument>", ""},
		{"func f() (result int) {\n\tres|", "<result>", ""},
		{"func g[Element any](e Element) {\n\tvar x Ele|", "<Element>", ""},
		{"func later() {}\nlat|", "<later>", ""},
		{"lat|\nfunc later() {}", "<later>", ""},
		{"x := 1\nfunc f() int { return x + cou|", "<count>", ""},
		{"total := point{}\nfunc f() int { return total.|\n}", "x area", ""},
		{"count := \"shadow\"\ncount.|", "", "x"},
		{"p := \"shadow\"\nfor {\n\tp.|\n}", "", "x"},
		{"POIN|", "point", ""},
		{"éL, ét|", "été", ""},
		{"\"漢😀\" + fmt.Sprintl|", "Sprintln", ""},
		{"fm|", "<fmt>", ""},
		{"base6|", "base64", ""},
		{"appe|", "append", ""},
		{"x := newP|", "", "package"},
		// Keywords.
		{"retu|", "return", ""},
		{"x := fu|", "func", "for"},
		{"x := retu|", "", "return"},
		{"for _, x := ra|", "range", ""},
		{"for {\n\tbre|\n}", "break", ""},
		{"bre|", "", "break"},
		{"switch p.x {\nca|", "case", ""},
		{"switch p.x {\ncase 1:\n\tfall|\n}", "fallthrough", ""},
		{"impo|", "import", ""},
		{"if true {\n\timpo|", "", "import"},
		{"if true {\n} el|", "else", ""},
		// Types.
		{"var x po|", "point", "p pp count"},
		{"var x []po|", "point", ""},
		{"var x map[string]po|", "point", ""},
		{"type line struct { from po|", "point", "pp"},
		{"func f(a int, b *po|", "point", "pp"},
		{"func f() (po|", "point", ""},
		{"sh.(po|", "point", "pp"},
		{"x := any(1).(st|", "string struct", "strconv.Itoa"},
		{"var x ma|", "map", "maxPoints makePoint"},
		// Names that are new.
		{"func po|", "", "point"},
		{"type po|", "", "point"},
		{"var po|", "", "point"},
		// Keys of literals.
		{"point{|", "base:  x:  y: ", ""},
		{"q := point{x|", "x: ", "y: "},
		{"q := point{x: 1, |", "y:  base: ", "x:  p count"},
		{"q := &point{x: 1, |}", "y: ", "x: "},
		{"q := []point{{x: 1}, {|", "x:  y: ", ""},
		{"q := []*point{{|}}", "x:  y: ", ""},
		{"q := map[string]point{\"a\": {x: 1, |", "y: ", "x: "},
		{"q := node{value: &point{|", "x:  y: ", "next: "},
		{"q := node{value: &point{x: 1}, |", "next: ", "value: "},
		{"pair[int, string]{fi|", "first: ", ""},
		{"point{x|: 1}", "x", "x: "},
		{"point{1, |", "count", "x:  y: "},
		{"http.Server{Add|", "Addr: ", ""},
		{"http.Server{|", "Handler: ", "mu:  inShutdown: "},
		{"q := point{x: cou|", "count", "y: "},
		{"makePointWith(point{x: 1,\n\t|\n})", "y: ", "x: "},
		// Not code.
		{"// str|", "", "string strings"},
		{"/* str| */", "", "string"},
		{"x := \"str|", "", "string"},
		{"x := `str|`", "", "string"},
		{"x := 'p|'", "", "point"},
		{"x := 1p|", "", "point"},
		{"type t struct { a int `js|` }", "", "json"},
		{"x := \"a\" + str|", "string", ""},
		// Paths of imports.
		{"import \"enc|", "encoding encoding/json encoding/csv", "strings"},
		{"import \"json|", "encoding/json", ""},
		{"import (\n\t\"fmt\"\n\t\"net/ht|\"\n)", "<net/http> net/http/httptest", "net/http/internal"},
		{"import m \"math/ra|", "math/rand math/rand/v2", ""},
		{"import \"gonum.org/v1/gonum/ma|", "gonum.org/v1/gonum/mat", ""},
		{"import \"fmt\"\nx := \"enc|", "", "encoding/json"},
	} {
		before, after, _ := strings.Cut(test.code, "|")
		got := n.session.Complete(context.Background(), before+after, len([]rune(before)))
		names := texts(got)
		for want := range strings.SplitSeq(strings.ReplaceAll(test.want, ":  ", ":_ "), " ") {
			want, first := strings.TrimPrefix(want, "<"), strings.HasPrefix(want, "<")
			want = strings.ReplaceAll(strings.TrimSuffix(want, ">"), "_", " ")
			if strings.HasSuffix(want, ":") {
				want += " "
			}
			if want != "" && !slices.Contains(names, want) || first && names[0] != want {
				t.Errorf("%q: got %q, want %q", test.code, gist(names), want)
			}
		}
		for not := range strings.SplitSeq(strings.ReplaceAll(test.not, ":  ", ":_ "), " ") {
			not = strings.ReplaceAll(not, "_", " ")
			if strings.HasSuffix(not, ":") {
				not += " "
			}
			if not != "" && slices.Contains(names, not) {
				t.Errorf("%q: got %q, with %q", test.code, gist(names), not)
			}
		}
		if got.End != len([]rune(before)) || got.Start > got.End {
			t.Errorf("%q: replaces %d to %d", test.code, got.Start, got.End)
		}
		for _, item := range got.Items {
			if item.Kind == "" || item.Signature == "" && item.Kind != "keyword" {
				t.Errorf("%q: %+v is not described", test.code, item)
			}
		}
	}
}

func texts(c cell.Completions) (names []string) {
	for _, item := range c.Items {
		names = append(names, item.Text)
	}
	return names
}

func gist(names []string) []string {
	if len(names) > 12 {
		return append(names[:12:12], "…")
	}
	return names
}

// TestCompleteAddsImport accepts a member of a package that is not imported, as
// front ends do, and runs what that makes of the cell.
func TestCompleteAddsImport(t *testing.T) {
	n := open(t)
	n.session.AutoImport(false)
	for _, test := range []struct{ code, name, text, insert string }{
		{"bytes.|", "NewBufferString", "bytes.NewBufferString", "import \"bytes\"\nbytes.NewBufferString"},
		{"x := 1\nfor {\n\tbytes.|", "NewBufferString", "x := 1\nfor {\n\tbytes.NewBufferString", "x := 1\nimport \"bytes\"\nfor {\n\tbytes.NewBufferString"},
		{"bytes.Title|(nil)", "ToTitle", "", ""},
		{"bytes.NewBufferS|", "NewBufferString", "bytes.NewBufferString", "import \"bytes\"\nbytes.NewBufferString"},
		{"x := 1\ny := bytes.NewBufferS|(\"é\")\nx", "NewBufferString", "x := 1\ny := bytes.NewBufferString(\"é\")\nx", "x := 1\nimport \"bytes\"\ny := bytes.NewBufferString(\"é\")\nx"},
		{"// Why.\ny := \"é漢😀\" + base64.StdEnc|", "StdEncoding", "// Why.\ny := \"é漢😀\" + base64.StdEncoding", "// Why.\nimport \"encoding/base64\"\ny := \"é漢😀\" + base64.StdEncoding"},
		{"func f() {\n\tsort.In|(nil)\n}", "Ints", "func f() {\n\tsort.Ints(nil)\n}", "import \"sort\"\nfunc f() {\n\tsort.Ints(nil)\n}"},
		// Too far from where an import can stand: the name alone.
		{"func f() {\n\tprintln(\"a line that is long enough to be more than any front end could show\")\n\tsort.In|(nil)\n}", "Ints",
			"func f() {\n\tprintln(\"a line that is long enough to be more than any front end could show\")\n\tsort.Ints(nil)\n}", ""},
	} {
		before, after, _ := strings.Cut(test.code, "|")
		got := n.session.Complete(context.Background(), before+after, len([]rune(before)))
		found := slices.IndexFunc(got.Items, func(i cell.Completion) bool { return strings.HasSuffix(i.Text, test.name) })
		if test.text == "" {
			if found >= 0 {
				t.Errorf("%q: got %v", test.code, got.Items[found])
			}
			continue
		}
		if found < 0 {
			t.Errorf("%q: got %q, want %s", test.code, texts(got), test.name)
			continue
		}
		item, runes := got.Items[found], []rune(before+after)
		if !strings.Contains(item.Signature, "needs import") {
			t.Errorf("%q: the signature %q does not mention the import", test.code, item.Signature)
		}
		text := item.Text + string(runes[got.End:])
		if plain := string(runes[:got.Start]) + text; plain != test.text {
			t.Errorf("%q: becomes %q, want %q", test.code, plain, test.text)
		}
		insert := ""
		if got.Import != "" {
			insert = string(runes[:got.ImportAt]) + got.Import + "\n" + string(runes[got.ImportAt:got.Start]) + text
		}
		if insert != test.insert {
			t.Errorf("%q: with the import %q, want %q", test.code, insert, test.insert)
		}
	}
	if out := n.run("x := 1\nimport \"bytes\"\ny := bytes.NewBufferString(\"é\")\nx"); out != "1\n" {
		t.Error(out)
	}
}

// TestCompleteAnywhere puts the cursor everywhere in code that is right: there
// must be an answer, and where a name ends that is in scope, it must be in it.
func TestCompleteAnywhere(t *testing.T) {
	n := open(t)
	if out := n.run(declarations); out != "" {
		t.Fatal(out)
	}
	const code = "func walk(start *node, visit func(point) bool) (steps int) {\n\tfor at := start; at != nil; at = at.next {\n\t\tif visit(*at.value) {\n\t\t\tsteps++\n\t\t}\n\t}\n\treturn steps\n}\n" +
		"walk(&n, func(q point) bool { return q.area() > maxPoints })\nfmt.Println(strings.Repeat(\"漢\", count), p.Label)"
	for i := range []rune(code) {
		got := n.session.Complete(context.Background(), code, i)
		if got.Start > got.End || got.End != i {
			t.Fatalf("at %d: %d to %d", i, got.Start, got.End)
		}
	}
	for _, name := range []string{"visit(*", "steps++", "start;", "next {", "value)", "area()", "maxPoints }", "Repeat(", "count)", "Label)"} {
		at := len([]rune(code[:strings.Index(code, name)]))
		name = strings.TrimRight(name, "(*+;{)} ")
		for cut := 1; cut <= len(name); cut++ {
			// Typed so far, with the rest of the cell behind the cursor or gone.
			runes := []rune(code)
			typed := string(runes[:at+cut])
			for _, text := range []string{typed + string(runes[at+len(name):]), typed} {
				if got := texts(n.session.Complete(context.Background(), text, at+cut)); !slices.Contains(got, name) {
					t.Errorf("%s is not offered for %q behind %q: %q", name, name[:cut], typed[max(0, len(typed)-30):], gist(got))
				}
			}
		}
	}
}

// TestCompleteWhileCompiling asks while the compiler is at work.
func TestCompleteWhileCompiling(t *testing.T) {
	n := open(t)
	n.run("import \"strings\"\nx := 1")
	compiled := make(chan error, 1)
	go func() {
		fresh := fmt.Sprintf("const at = %d\n", time.Now().UnixNano()) // else it comes from an earlier session, at once
		_, err := n.session.Compile(context.Background(), fresh+"import \"net/http\"\nserver := http.Server{}\nserver", 2)
		compiled <- err
	}()
	answers := 0
	for done := false; !done; {
		select {
		case err := <-compiled:
			if err != nil {
				t.Fatal(err)
			}
			done = true
		case <-time.After(10 * time.Millisecond):
		}
		if got := texts(n.session.Complete(context.Background(), "strings.ToU", 11)); !slices.Contains(got, "ToUpper") {
			t.Fatal(got)
		}
		answers++
	}
	if answers < 3 {
		t.Errorf("%d answers while a cell was compiled", answers)
	}
	if got := texts(n.session.Complete(context.Background(), "server.Lis", 10)); !slices.Contains(got, "ListenAndServe") {
		t.Error(got)
	}
}

// TestQuestionsWhileCompiling asks all that can be asked of a session while cells are compiled,
// redefined and deleted: each answer is of one state.
func TestQuestionsWhileCompiling(t *testing.T) {
	n := open(t)
	if out := n.run(declarations); out != "" {
		t.Fatal(out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	questions := []func(){
		func() {
			if items := n.session.Complete(ctx, "p.ar", 4).Items; len(items) != 1 && ctx.Err() == nil {
				t.Error("p.ar became", items)
			}
		},
		func() { n.session.Complete(ctx, "func() { local := 1; lo }", 22) },
		func() { n.session.Inspect(ctx, "makePoint", 3, 1) },
		func() { n.session.Names() },
		func() { n.session.Lost("gone"); n.session.Function("makePoint") },
	}
	for _, ask := range questions {
		asking.Go(func() {
			for ctx.Err() == nil {
				ask()
			}
		})
	}
	for i := range 6 {
		n.run(fmt.Sprintf("type extra struct { n%d int }\nvar gone extra\nfunc helper() extra { return gone }", i))
		n.run("func (p point) area() int { return p.x * p.y + " + strconv.Itoa(i) + " }\ngone.n0 = 1")
		n.run("%del gone")
	}
	cancel()
	asking.Wait()
}

func TestIsComplete(t *testing.T) {
	n := open(t)
	for code, want := range map[string]string{
		"x := 1": "complete", "for {": "incomplete", "x := `raw": "incomplete", "x := ": "incomplete", "): oops": "invalid", "": "complete",
	} {
		if got := n.session.IsComplete(code); got.Status != want {
			t.Errorf("%q: got %s, want %s", code, got.Status, want)
		}
	}
}
