package session_test

import (
	"strconv"
	"strings"
	"testing"
)

// A carriedCase holds values of the struct recN in some way. Its fields are changed
// afterwards: Gone is dropped, Extra is new, Kind has another type, the others have
// other places.
type carriedCase struct {
	name, before, ask, want string
	change                  string // what is declared again instead, if it is something else
}

const (
	recBefore = "type recN struct { Gone bool; Name string; age int; Kind int; _ int32 }"
	recAfter  = "type recN struct { Extra *int; age int; Kind string; _ string; Name string }"
)

var carriedCases = []carriedCase{
	{"a variable", "vN := recN{Name: `a`, age: 1, Kind: 5}", "vN.Name, vN.age, vN.Kind, vN.Extra == nil", "a 1  true", ""},
	{"a pointer", "vN := &recN{Name: `a`, age: 1}", "vN.Name, vN.age", "a 1", ""},
	{"a nil pointer", "var vN *recN", "vN == nil", "true", ""},
	{"a pointer to a pointer", "wN := &recN{Name: `a`}\nvN := &wN", "(*vN).Name, *vN == wN, vN == &wN", "a true true", ""},
	{"a pointer to a variable", "wN := recN{Name: `a`}\nvN := &wN", "vN.Name, vN == &wN", "a true", ""},
	{"a slice", "vN := []recN{{Name: `a`}, {Name: `b`}}", "len(vN), vN[0].Name, vN[1].Name", "2 a b", ""},
	{"an empty slice", "vN := []recN{}\nvar wN []recN", "vN == nil, len(vN), wN == nil", "false 0 true", ""},
	{"slices of one array", "vN := []recN{{Name: `a`}, {Name: `b`}, {Name: `c`}}\nwN := vN[1:2]", "&vN[1] == &wN[0], len(wN), cap(wN), wN[0].Name", "true 1 2 b", ""},
	{"slices that overlap", "bN := make([]recN, 5)\nbN[2].Name = `m`\nvN, wN := bN[0:3:3], bN[2:5]\nbN = nil", "&vN[2] == &wN[0], wN[0].Name, cap(vN), cap(wN)", "true m 3 3", ""},
	{"an array and its slice", "vN := [2]recN{{Name: `a`}, {Name: `b`}}\nwN := vN[1:]", "vN[0].Name, wN[0].Name, &vN[1] == &wN[0]", "a b true", ""},
	{"an element's address", "vN := []recN{{Name: `a`}, {Name: `b`}}\nwN := &vN[1]", "wN == &vN[1], wN.Name", "true b", ""},
	{"a field's address", "vN := &recN{Name: `a`}\nwN := &vN.Name\nxN := &vN.age", "wN == &vN.Name, *wN, xN == &vN.age", "true a true", ""},
	{"a dropped field's address", "vN := &recN{Gone: true}\nwN := &vN.Gone", "*wN", "true", ""},
	{"a map", "vN := map[string]recN{`x`: {Name: `a`}}", "len(vN), vN[`x`].Name", "1 a", ""},
	{"a map twice", "vN := map[string]*recN{`x`: {Name: `a`}}\nwN := vN\nxN := vN[`x`]", "vN[`x`] == xN, func() bool { vN[`y`] = xN; return wN[`y`] == xN }(), vN[`x`].Name", "true true a", ""},
	{"a map's key", "vN := map[recN]int{{Name: `a`, age: 1}: 1, {Name: `b`}: 2}", "len(vN), 0", "2 0", ""},
	{"a map's pointers", "wN := &recN{Name: `a`}\nvN := map[*recN]string{wN: `x`}", "vN[wN]", "x", ""},
	{"a map of slices", "vN := map[int][]recN{1: {{Name: `a`}}}", "vN[1][0].Name", "a", ""},
	{"a nested struct", "type boxN struct { in recN; list []recN; k int }\nvN := boxN{recN{Name: `a`}, []recN{{Name: `b`}}, 7}", "vN.in.Name, vN.list[0].Name, vN.k", "a b 7", ""},
	{"an embedded struct", "type boxN struct { recN; k int }\nvN := boxN{recN{Name: `a`, age: 3}, 7}", "vN.Name, vN.recN.age, vN.k", "a 3 7", ""},
	{"an embedded pointer", "type boxN struct { *recN; k int }\nvN := boxN{&recN{Name: `a`}, 7}\nwN := vN.recN", "vN.Name, vN.recN == wN, vN.k", "a true 7", ""},
	{"an unnamed struct", "vN := struct { in recN; k int }{recN{Name: `a`}, 7}", "vN.in.Name, vN.k", "a 7", ""},
	{"named composites", "type listN []recN\ntype tableN map[string]*recN\ntype pairN [2]recN\ntype refN *recN\nv1N, v2N, v3N, v4N := listN{{Name: `a`}}, tableN{`x`: {Name: `b`}}, pairN{1: {Name: `c`}}, refN(&recN{Name: `d`})", "v1N[0].Name, v2N[`x`].Name, v3N[1].Name, v4N.Name", "a b c d", ""},
	{"a list in a circle", "type nodeN struct { r recN; next *nodeN }\nvN := &nodeN{r: recN{Name: `a`}}\nvN.next = &nodeN{recN{Name: `b`}, vN}", "vN.next.r.Name, vN.next.next == vN, vN.r.Name", "b true a", ""},
	{"a long list", "type nodeN struct { r recN; next *nodeN }\nvar vN *nodeN\nfor i := range 100000 { vN = &nodeN{recN{age: i}, vN} }", "func() (n int) { for p := vN; p != nil; p = p.next { n += p.r.age }; return }()", "4999950000", ""},
	{"a map that holds itself", "type treeN map[string]treeN\ntype holdN struct { t treeN; r recN }\nvN := holdN{treeN{}, recN{Name: `a`}}\nvN.t[`me`] = vN.t", "len(vN.t[`me`][`me`]), vN.r.Name", "1 a", ""},
	{"a generic instance", "type boxN[T any] struct { v T; n int }\nvN := boxN[recN]{recN{Name: `a`}, 3}\nwN := []*boxN[*recN]{{&recN{Name: `b`}, 4}}", "vN.v.Name, vN.n, wN[0].v.Name, wN[0].n", "a 3 b 4", ""},
	{"a generic instance with a map", "type setN[K comparable, V any] struct { m map[K]V }\nvN := setN[string, recN]{map[string]recN{`x`: {Name: `a`}}}", "vN.m[`x`].Name", "a", ""},
	{"an interface", "var vN any = recN{Name: `a`}", "vN.(recN).Name", "a", ""},
	{"a pointer in an interface", "wN := &recN{Name: `a`}\nvar vN any = wN", "vN.(*recN) == wN, vN.(*recN).Name", "true a", ""},
	{"a list in an interface", "var vN any = []recN{{Name: `a`}}", "vN.([]recN)[0].Name", "a", ""},
	{"a map in an interface", "var vN any = map[string]*recN{`x`: {Name: `a`}}", "vN.(map[string]*recN)[`x`].Name", "a", ""},
	{"a list of interfaces", "vN := []any{1, recN{Name: `a`}, &recN{Name: `b`}, `s`}\nwN := vN[1:]", "vN[1].(recN).Name, vN[2].(*recN).Name, wN[0].(recN).Name, &wN[0] == &vN[1]", "a b a true", ""},
	{"a map of interfaces", "vN := map[any]any{recN{Name: `a`}: recN{Name: `b`}, 1: []any{recN{Name: `c`}}}\nwN := vN", "func() (s []string) { for k, v := range vN { if k, ok := k.(recN); ok { s = append(s, k.Name, v.(recN).Name) } else { s = append(s, v.([]any)[0].(recN).Name) } }; slices.Sort(s); return }(), len(wN)", "[a b c] 2", ""},
	{"an interface with methods", "func (r recN) Title() string { return r.Name }\nvar vN interface{ Title() string } = recN{Name: `a`}\nvar wN fmt.Stringer = sayN{&recN{Name: `b`}}\ntype sayN struct { r *recN }\nfunc (s sayN) String() string { return s.r.Name }", "vN.Title(), vN.(recN).Name, wN.String(), fmt.Sprint(wN)", "a a b b", ""},
	{"an error", "func (r *recN) Error() string { return r.Name }\nvar vN error = &recN{Name: `a`}\nwN := fmt.Errorf(`w: %w`, vN)", "vN.Error(), func() bool { _, ok := errors.AsType[*recN](vN); return ok }(), wN.Error()", "a true w: a", ""},
	{"a struct with an interface", "type boxN struct { v any; p *any }\nvN := &boxN{v: recN{Name: `a`}}\nvN.p = &vN.v", "vN.v.(recN).Name, vN.p == &vN.v", "a true", ""},
	{"interfaces in it", "type outN struct { Gone2 int; v any; r recN }\nvN := outN{1, recN{Name: `a`}, recN{Name: `b`}}\nwN := &vN.v", "vN.v.(recN).Name, wN == &vN.v", "a true", ""},
	{"a container of the library", "vN := list.New()\nvN.PushBack(recN{Name: `a`})\nvN.PushBack(&recN{Name: `b`})", "vN.Front().Value.(recN).Name, vN.Back().Value.(*recN).Name, vN.Len()", "a b 2", ""},
	{"a list of the library by value", "type boxN struct { l list.List; r recN }\nvar vN boxN\nvN.l.PushBack(recN{Name: `a`})\nvN.l.PushBack(1)", "vN.l.Len(), vN.l.Front().Value.(recN).Name, func() int { vN.l.PushFront(3); return vN.l.Len() }(), vN.l.Back().Value", "2 a 3 1", ""},
	{"a builder", "type boxN struct { r recN; b strings.Builder }\nvN := &boxN{}\nvN.b.WriteString(`x`)", "func() string { vN.b.WriteString(`y`); return vN.b.String() }()", "xy", ""},
	{"a lock", "type boxN struct { r recN; mu sync.Mutex; m map[string]recN }\nvN := &boxN{m: map[string]recN{`x`: {Name: `a`}}}", "func() string { vN.mu.Lock(); defer vN.mu.Unlock(); return vN.m[`x`].Name }()", "a", ""},
	{"a time", "type boxN struct { r recN; t time.Time }\nvN := boxN{recN{}, time.Unix(5, 0)}", "vN.t.Unix()", "5", ""},
	{"several dimensions", "vN := [][]recN{{{Name: `a`}}, {{Name: `b`}}}\nwN := [2][1]*recN{{{Name: `c`}}}", "vN[1][0].Name, wN[0][0].Name", "b c", ""},
	{"without a size", "type noneN struct{}\nvN := []noneN{{}, {}}\nwN := &vN[0]\nxN := map[noneN]int{{}: 3}", "len(vN), wN != nil, xN[noneN{}]", "2 true 3", "type noneN struct { n int }"},
	{"kinds of fields", "type allN struct { r recN; a int8; b uint16; c float32; d complex128; e bool; f [3]byte; g []byte; h rune; i *int; j error; k func() int; l chan int; m uintptr }\nvN := allN{a: -3, b: 9, c: 1.5, d: 2i, e: true, f: [3]byte{1, 2, 3}, g: []byte(`xy`), h: 'é', i: new(int), j: io.EOF, k: func() int { return 4 }, l: make(chan int, 1), m: 6}", "vN.a, vN.b, vN.c, vN.d, vN.e, vN.f, string(vN.g), vN.h, *vN.i, vN.j == io.EOF, vN.k(), cap(vN.l), vN.m", "-3 9 1.5 (0+2i) true [1 2 3] xy 233 0 true 4 1 6", ""},
	{"what a dropped field holds", "type inN struct { n int }\ntype boxN struct { gone inN; k int; list [2]inN }\nvN := &boxN{inN{1}, 2, [2]inN{{3}, {4}}}\np1N, p2N, p3N := &vN.gone, &vN.k, vN.list[1:]", "p1N.n, p1N.more, *p2N, p2N == &vN.k, p3N[0].n, len(p3N)", "1  2 true 4 1", "type inN struct { more string; n int }\ntype boxN struct { k int }"},
	{"a running goroutine", "vN := &recN{Name: `a`, age: 1}\nstopN, endN := make(chan int), make(chan string)\ngo func() { for range stopN { vN.age++; endN <- vN.Name } }()", "func() string { stopN <- 1; return <-endN }(), vN.Name", "a a", ""},
}

// TestFieldsAreCarriedOver changes the fields of a struct that variables hold in all
// kinds of ways.
func TestFieldsAreCarriedOver(t *testing.T) {
	checkCarried(t, recBefore, recAfter, carriedCases)
}

// checkCarried runs cases, in which a type is declared one way and then the other.
func checkCarried(t *testing.T, typ, change string, cases []carriedCase) {
	n := open(t)
	n.run("import (\n\"container/list\"\n\"errors\"\n\"fmt\"\n\"io\"\n\"slices\"\n\"strings\"\n\"sync\"\n\"sync/atomic\"\n\"time\"\n)\nvar _ atomic.Int32")
	var before, after, asked strings.Builder
	for i, c := range cases {
		fill := func(text string) string { return fillN(text, strconv.Itoa(i)+"x") }
		before.WriteString(fill(typ+"\n"+c.before) + "\n")
		if c.change == "" {
			c.change = change
		}
		after.WriteString(fill(c.change) + "\n")
		asked.WriteString("fmt.Println(" + fill(c.ask) + ")\n")
	}
	if out := n.run(before.String()); out != "" {
		t.Fatal(out)
	}
	notes := n.run(after.String())
	if strings.Contains(notes, "another layout") || strings.Contains(notes, "could not be") || !strings.Contains(notes, "field Gone of type bool was dropped") {
		t.Errorf("notes:\n%s", notes)
	}
	answers := strings.Split(strings.TrimSuffix(n.run(asked.String()), "\n"), "\n")
	if len(answers) != len(cases) {
		t.Fatalf("%d answers of %d: %q", len(answers), len(cases), answers)
	}
	for i, c := range cases {
		if answers[i] != c.want {
			t.Errorf("%s: %q, want %q", c.name, answers[i], c.want)
		}
	}
}
