package repl_test

import (
	"strings"
	"testing"
)

// What an interface holds travels by itself in a session: types of this cell, of earlier and later ones
// than the function's, of packages, and what consists of them.
func TestInterfacesTravelInTheSession(t *testing.T) {
	n := open(t)
	n.ok("type before struct{ n int }\nfunc (b *before) Area() float64 { b.n++; return float64(b.n) }\nb := &before{4}", "")
	n.ok(openViews, "=> <nil>")
	n.ok("all := rc.All()\ntype shape interface{ Area() float64 }\nfunc area(s shape) float64 { return s.Area() }\nfunc describe(v any) string { return fmt.Sprintf(\"%T %v\", v, v) }\nfunc same(v any) any { return v }", "")
	n.ok("balanced.MapSync(describe, []any{1, \"a\", nil, 2.5, []int{1}, map[string]any{\"x\": 1}})", `=> [int 1 string a <nil> <nil> float64 2.5 []int [1] map[string]interface {} map[x:1]]`)
	// A function that engines know meets a type that was declared after it.
	n.ok("type circle struct{ R float64 }\nfunc (c circle) Area() float64 { return 3 * c.R }\ntype square float64\nfunc (s square) Area() float64 { return float64(s * s) }", "")
	n.ok("balanced.MapSync(area, []shape{circle{1}, square(2), b, &circle{2}})", "=> [3 4 5 6]")
	n.ok("all.Apply1Sync(func(m map[string]any) any { return m[\"c\"].([]shape)[1] }, map[string]any{\"c\": []shape{square(1), circle{7}}})", "=> [{R:7} {R:7}]")
	n.ok("type pair[T any] struct{ a, b T }\nback, err := balanced.MapSync(same, []any{pair[int]{1, 2}, pair[circle]{b: circle{3}}, &pair[string]{\"x\", \"y\"}, 3 * time.Second, time.March})\n"+
		"fmt.Println(back[0] == any(pair[int]{1, 2}), back[1] == any(pair[circle]{b: circle{3}}), back[2].(*pair[string]).b, back[3], back[4], err)", "true true y 3s March <nil>\n")
	// Types without name are those of the session's code.
	n.ok("{ c := any(map[string][2]circle{\"a\": {{1}, {2}}})\nxs, err := balanced.MapSync(func(v any) any { return v.(map[string][2]circle)[\"a\"][1] }, []any{c})\nfmt.Println(xs, err) }", "[{2}] <nil>\n")
	n.ok("vs, err := balanced.MapSync(func(v any) any { v.(*struct{ n int }).n++; return v }, []any{&struct{ n int }{6}})\nfmt.Println(vs[0].(*struct{ n int }).n, err)", "7 <nil>\n")
	// What is captured, what the session has, and what is pushed.
	n.ok("{ s := shape(circle{5}); ys, err := balanced.MapSync(func(x int) float64 { return s.Area() + float64(x) }, []int{1}); fmt.Println(ys, err) }", "[16] <nil>\n")
	n.ok("shapes := []shape{circle{1}, square(3)}\nbalanced.MapSync(func(i int) float64 { return shapes[i].Area() }, []int{0, 1})", "=> [3 9]")
	n.ok("type tri struct{ h float64 }\nfunc (t tri) Area() float64 { return t.h / 2 }\nerr = all.Push(\"shape\", shape(tri{8}))\nerr", "=> <nil>")
	n.ok("all.ApplySync(func() float64 { s, err := parallel.Get[shape](\"shape\"); if err != nil { panic(err) }; return s.Area() })", "=> [4 4]")
	n.ok("all.Pull[shape](\"shape\")", "=> [{h:8} {h:8}]")
	// A type that was declared again is the new one, on both sides.
	n.ok("type circle struct{ X, R float64 }\nfunc (c circle) Area() float64 { return c.R - c.X }\nbalanced.MapSync(area, []shape{circle{1, 5}})", "=> [4]")
	n.ok("x, err := balanced.MapSync(same, []any{circle{1, 5}})\nfmt.Println(x[0].(circle).R, err)", "5 <nil>\n")
	// A process that takes another's place knows them as well.
	n.ok("import (\"os\"; \"syscall\")\nsyscall.Kill(rc.Pid(0), syscall.SIGKILL)\nfor rc.Pid(0) == 0 || len(rc.IDs()) < 2 { time.Sleep(time.Millisecond) }\nall.MapSync(area, []shape{circle{1, 5}, square(2)})", "=> [4 4]")

	for code, want := range map[string]string{
		"balanced.MapSync(same, []any{make(chan int)})":                                   "an interface holds what cannot travel: chan int is a channel",
		"balanced.MapSync(same, []any{func() any { type inner int; return inner(1) }()})": "a value of type main.inner, which engines do not know by name",
		"balanced.MapSync(same, []any{os.Stdout})":                                        "os.File",
		"balanced.MapSync(same, []any{rc})":                                               "is a view or a client",
		"balanced.MapSync(func(fmt.State) int { return 1 }, []fmt.State{nil})":            "no type that engines know implements it",
	} {
		if got, reply := n.run(code); reply.Err != nil || !strings.Contains(got, want) {
			t.Errorf("%s\nshowed %q, want %q", code, got, want)
		}
	}
}
