package text

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"go/ast"
	"math"
	"math/big"
	"math/rand"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/quick"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/guard"
	"github.com/goparallel/goparallel/internal/parallel/poll"
)

type (
	number  int
	celsius float64
	hidden  struct {
		n  number
		e  error
		m  map[string]any
		p  *int
		in struct{ a, B any }
	}
	verbose   struct{ Code int }
	fails     struct{}
	failsTwo  struct{}
	nilMethod struct{ x int }
	byVerb    struct{}
	wrapping  struct{ error }
	list      struct {
		V    int
		Next any
	}
	selves []selves
	point  struct{ X, Y int }
)

func (n number) String() string    { return fmt.Sprintf("number %d", int(n)) }
func (c celsius) String() string   { return fmt.Sprintf("%.1f °C", float64(c)) }
func (v *verbose) Error() string   { return fmt.Sprint("code ", v.Code) }
func (fails) String() string       { panic("never") }
func (failsTwo) Error() string     { panic(fails{}) }
func (n nilMethod) String() string { return fmt.Sprint(n.x) }
func (p *point) String() string    { return fmt.Sprintf("(%d, %d)", p.X, p.Y) }
func (byVerb) Error() string       { return "short" }
func (byVerb) GoString() string    { panic("nobody asks for Go") }
func (b byVerb) Format(s fmt.State, verb rune) {
	_, width := s.Width()
	_, precision := s.Precision()
	fmt.Fprintf(s, "%c %t %t %t %t", verb, s.Flag('+'), s.Flag('#'), width, precision)
}

// like is what Plain has to print of an ordinary value.
func like(v any) string {
	switch v.(type) {
	case error:
	case fmt.Stringer, fmt.Formatter:
		return fmt.Sprintf("%v", v)
	}
	return fmt.Sprintf("%+v", v)
}

func TestOrdinaryValuesArePrintedAsByFmt(t *testing.T) {
	n := 3
	var none *verbose
	for _, v := range []any{
		true, int8(-3), uint64(math.MaxUint64), uintptr(5), 1.5, float32(0.1), 1e21, 1e-7, 1e6, math.NaN(), math.Inf(-1), math.Copysign(0, -1), 2 + 3i, complex64(1i),
		"text", 'x', byte(7), []byte{1, 2}, []byte{}, []byte(nil), [2]byte{65, 66}, []celsius{65}, [3]byte{1}, []string{"a b", ""}, []any{nil, 1, "x", []int(nil)}, []int{}, [0]int{},
		map[string]int{"b": 2, "a": 1}, map[any]any{"x": 1, 2: 3, 1: 2, true: nil, 1.5: 0, false: 1}, map[point]string{{2, 1}: "b", {1, 2}: "a", {1, 1}: "c"},
		map[float64]int{math.NaN(): 1, -1: 2, 0: 3}, map[bool]int{true: 1, false: 2}, map[[2]string]int{{"b"}: 1, {"a", "z"}: 2, {"a"}: 3}, map[complex128]int{1i: 1, 1: 2, 0: 3},
		map[string]int(nil), map[error]int{byVerb{}: 1, nil: 2}, map[uint8]struct{}{3: {}, 1: {}}, map[any]int{nil: 1, "a": 2},
		struct{}{}, point{1, 2}, &point{1, 2}, []point{{1, 2}}, []*point{nil}, struct{ P *point }{}, struct{ p point }{point{1, 2}}, &[]int{1}, &map[string]int{"a": 1}, &[2]int{},
		hidden{}, hidden{n: 3, e: errors.New("e"), m: map[string]any{"k": number(1)}, p: &n, in: struct{ a, B any }{number(1), number(2)}}, &hidden{m: map[string]any{"a": 1}},
		number(3), []number{1, 2}, map[number]number{1: 2}, struct{ N number }{1}, celsius(3), []any{celsius(1), number(2)},
		errors.New("an error"), &verbose{3}, none, []error{&verbose{1}, nil, none}, fmt.Errorf("a: %w", os.ErrNotExist), errors.Join(errors.New("a"), errors.New("b")), wrapping{}, wrapping{errors.New("x")},
		fails{}, []any{fails{}, 1}, failsTwo2{}, (*nilMethod)(nil), []*nilMethod{nil, {1}}, nilMethod{2}, byVerb{}, []byVerb{{}}, struct{ B byVerb }{},
		time.Second, time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), []time.Duration{1, 2}, struct{ At time.Time }{}, big.NewInt(12), *big.NewInt(12), []*big.Int{nil, big.NewInt(3)}, big.NewRat(1, 3), big.NewFloat(1.5),
		netip.MustParseAddr("::1"), &url.URL{Scheme: "http", Host: "h"}, url.URL{Host: "h"}, binary.BigEndian, ast.NewIdent("x"), sync.Mutex{}, os.ModeDir, reflect.TypeFor[int](), []reflect.Type{reflect.TypeFor[int]()},
		reflect.ValueOf(3), reflect.ValueOf(number(3)), []reflect.Value{reflect.ValueOf(3), {}}, reflect.Value{}, reflect.ValueOf(hidden{n: 3}).Field(0), struct{ V reflect.Value }{reflect.ValueOf(1)}, struct{ v reflect.Value }{},
		(chan int)(nil), unsafe.Pointer(nil), unsafe.Pointer(&n), (func())(nil), any(nil), struct{ F func() }{}, struct{ E error }{}, struct{ e any }{number(3)},
		[][]any{{[]any{map[string][]point{"a": {{1, 2}}}}}}, [2][2]int{{1, 2}, {3, 4}}, "\xff invalid", selves{selves{}, nil},
	} {
		if got, want := Of(context.Background(), v), like(v); got != want {
			t.Errorf("%T: %q, but fmt prints %q", v, got, want)
		}
	}
}

type failsTwo2 struct{}

func (failsTwo2) String() string { panic(errors.New("in an error")) }

// TestRandomValuesArePrintedAsByFmt makes types and values of them.
func TestRandomValuesArePrintedAsByFmt(t *testing.T) {
	seed := time.Now().UnixNano()
	r := rand.New(rand.NewSource(seed))
	for range 500 {
		typ := randomType(r, 3)
		if k := typ.Kind(); r.Intn(3) == 0 && (k == reflect.Struct || k == reflect.Slice || k == reflect.Array || k == reflect.Map) {
			typ = reflect.PointerTo(typ)
		}
		v, ok := quick.Value(typ, r)
		if !ok {
			continue
		}
		got, want := Of(context.Background(), v.Interface()), like(v.Interface())
		if len(want) < maxText && got != want {
			t.Fatalf("seed %d: %v: %q, but fmt prints %q", seed, typ, got, want)
		}
	}
}

func randomType(r *rand.Rand, depth int) reflect.Type {
	leaves := []reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[string](), reflect.TypeFor[float64](), reflect.TypeFor[float32](), reflect.TypeFor[complex64](), reflect.TypeFor[bool](),
		reflect.TypeFor[uint8](), reflect.TypeFor[number](), reflect.TypeFor[celsius](), reflect.TypeFor[point](), reflect.TypeFor[verbose](), reflect.TypeFor[fails](), reflect.TypeFor[time.Duration]()}
	if depth == 0 || r.Intn(4) == 0 {
		return leaves[r.Intn(len(leaves))]
	}
	inner := func() reflect.Type { return randomType(r, depth-1) }
	switch r.Intn(4) {
	case 0:
		element := inner()
		for element == reflect.TypeFor[byte]() { // which can be text
			element = inner()
		}
		return reflect.SliceOf(element)
	case 1:
		return reflect.ArrayOf(r.Intn(4), inner())
	case 2:
		key := inner()
		for !key.Comparable() {
			key = inner()
		}
		return reflect.MapOf(key, inner())
	}
	var fields []reflect.StructField
	for i := range r.Intn(4) {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: inner()})
	}
	return reflect.StructOf(fields)
}

// TestWhatIsPointedToIsShown: fmt has addresses for pointers inside of values.
func TestWhatIsPointedToIsShown(t *testing.T) {
	n, s, ch := 3, "text", make(chan int)
	p := &n
	ring := &node{V: 1}
	ring.Next = &node{V: 2, Next: ring}
	long := (*node)(nil)
	for i := range 15 {
		long = &node{V: 15 - i, Next: long}
	}
	both := &point{1, 2}
	many := make([]*node, 900)
	for i := range many {
		many[i] = &node{V: i}
	}
	type box struct{ P *int }
	var self pointer
	self = &self
	for _, c := range []struct {
		v    any
		want string
	}{
		{p, "&3"}, {&p, "&&3"}, {&s, "&text"}, {new(any), "&<nil>"}, {(*int)(nil), "<nil>"}, {self, "&&<cycle>"},
		{[]*int{p, nil}, "[&3 <nil>]"}, {[][]*int{{p}, {p}}, "[[&3] [&3]]"}, {[1]**int{&p}, "[&&3]"},
		{map[string]*node{"a": {V: 1}}, "map[a:&{V:1 Next:<nil>}]"}, {map[*int]int{nil: 0, p: 1}, "map[<nil>:0 &3:1]"}, {map[any]any{p: p}, "map[&3:&3]"},
		{[]any{p, &box{p}, box{p}}, "[&3 &{P:&3} {P:&3}]"}, {struct{ A any }{&node{V: 1}}, "{A:&{V:1 Next:<nil>}}"}, {&[]*[]int{{1}}, "&[&[1]]"},
		{ring, "&{V:1 Next:&{V:2 Next:&<cycle>}}"}, {[]*node{ring, ring.Next}, "[&{V:1 Next:&{V:2 Next:&<cycle>}} &{V:2 Next:&{V:1 Next:&<cycle>}}]"},
		{[]*point{both, both}, "[(1, 2) (1, 2)]"}, // by their method
		{long, "&{V:1 Next:&{V:2 Next:&{V:3 Next:&{V:4 Next:&{V:5 Next:&{V:6 Next:&{V:7 Next:&{V:8 Next:&{V:9 Next:&{V:10 Next:&…}}}}}}}}}}\n(&… stands for what is behind many pointers)"},
		{many, strings.TrimSuffix(strings.ReplaceAll(fmt.Sprintf("%+v", deref(many)), "{V", "&{V"), "\n")},
		{ch, "chan int"}, {[]chan int{ch, nil}, "[chan int <nil>]"}, {strings.ToUpper, "func(string) string"}, {struct{ F func() }{func() {}}, "{F:func()}"},
	} {
		if got := Of(context.Background(), c.v); got != c.want {
			t.Errorf("%T: %q, not %q", c.v, got, c.want)
		}
	}
	// What a package keeps to itself stays an address: it may be large, and change meanwhile.
	if got := Of(context.Background(), hidden{p: &n}); !strings.Contains(got, "p:0x") {
		t.Error(got)
	}
	if got := Of(context.Background(), &http.Server{Handler: http.NewServeMux()}); len(got) > 2000 {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	// What branches at each pointer ends soon.
	tree := &branch{}
	for range 40 {
		tree = &branch{tree, tree, tree}
	}
	if got := plainSoon(t, "tree", tree); len(got) > 2*maxFollowed || !strings.Contains(got, "&…") {
		t.Errorf("%d bytes of text", len(got))
	}
}

type (
	node struct {
		V    int
		Next *node
	}
	branch  struct{ A, B, C *branch }
	pointer *pointer
)

func deref(nodes []*node) (list []node) {
	for _, n := range nodes {
		list = append(list, *n)
	}
	return list
}

func TestBytesThatAreText(t *testing.T) {
	type raw []byte
	long := bytes.Repeat([]byte("é"), maxText)
	for _, c := range []struct {
		v    any
		want string
	}{
		{[]byte("hi\n\"é\"\t"), `[]byte("hi\n\"é\"\t")`}, {[][]byte{[]byte("a"), {0}}, `[[]byte("a") [0]]`}, {raw("x"), `text.raw("x")`}, {struct{ B []byte }{[]byte("{}")}, `{B:[]byte("{}")}`},
		{[]byte("\xff"), "[255]"}, {[]byte("a\x00"), "[97 0]"}, {[]byte("a\x1b[0m"), "[97 27 91 48 109]"},
	} {
		if got := Of(context.Background(), c.v); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
	if got := Of(context.Background(), append([]byte("a"), long...)); !strings.HasPrefix(got, `[]byte("aéé`) || !strings.HasSuffix(got, "bytes; fmt.Print shows all)") || len(got) > maxText+100 {
		t.Errorf("%.100q … %q", got, got[len(got)-60:])
	}
}

// soon bounds how long a test waits for what has to be quick.
const soon = 20 * time.Second

func plainSoon(t *testing.T, name string, v any) string {
	t.Helper()
	text := make(chan string, 1)
	go func() { text <- Of(context.Background(), v) }()
	select {
	case got := <-text:
		if len(got) > maxText+500 {
			t.Errorf("%s: %d bytes of text", name, len(got))
		}
		return got
	case <-time.After(soon):
		t.Fatalf("%s: no text within %v", name, soon)
		return ""
	}
}

func TestValuesWithoutEndAreShown(t *testing.T) {
	a := []any{nil}
	a[0] = a
	m := map[string]any{"k": 1}
	m["m"] = m
	s := selves{nil}
	s[0] = s
	var i any
	i = &i
	both := []any{map[string]any{}}
	both[0].(map[string]any)["up"] = both
	var deep any
	for n := range 1_000_000 {
		deep = list{n, deep}
	}
	nested := []any{}
	for range 1_000_000 {
		nested = []any{nested}
	}
	shared := []any{1}
	for range 60 {
		shared = []any{shared, shared}
	}
	for _, c := range []struct {
		name string
		v    any
		want string // a part of it
	}{
		{"slice", a, "[<cycle>]"},
		{"pointer to one", &a, "&[<cycle>]"},
		{"map", m, "map[k:1 m:<cycle>]"},
		{"type", s, "[<cycle>]"},
		{"pointer", i, "&<cycle>"},
		{"two kinds", both, "[map[up:<cycle>]]"},
		{"twice is no cycle", []any{[]int{1}, []int{1}}, "[[1] [1]]"},
		{"deep list", deep, "levels deep)"},
		{"nested", nested, "levels deep)"},
		{"sharing", shared, "fmt.Print shows all)"},
		{"long string", struct{ S string }{strings.Repeat("x", 100<<20)}, "fmt.Print shows all)"},
		{"strings", []string{strings.Repeat("x", 100<<20), "y"}, "fmt.Print shows all)"},
		{"long inside", [][]int{make([]int, 5000)}, "(… stands for what follows the first 1000 elements)"},
		{"huge array", new([1 << 28]byte), "(… stands for what follows the first 1000 elements)"},
	} {
		if got := plainSoon(t, c.name, c.v); !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in %.200q…%q", c.name, c.want, got, got[max(0, len(got)-100):])
		}
	}
}

func TestHugeMapsAreShownSoon(t *testing.T) {
	m := make(map[int]string)
	for i := range 1_000_000 {
		m[i] = "v"
	}
	for name, v := range map[string]any{"map": m, "in a field that is not exported": struct{ m map[int]string }{m}} {
		got := plainSoon(t, name, v)
		first := strings.Contains(got, "map[0:v 1:v 2:v ") && strings.Contains(got, " 999:v …]")
		some := strings.Contains(got, "(1000 of 1000000 elements, not the first ones: there are too many to look at all)") // on a slow machine
		if n := strings.Count(got, ":v "); n != 1000 || first == some {
			t.Errorf("%s: %d elements in %.100q…%q", name, n, got, got[max(0, len(got)-100):])
		}
	}
	entries, all := firstEntries(reflect.ValueOf(m), 1000, time.Now().Add(time.Hour))
	if !all || len(entries) != 1000 {
		t.Errorf("%d entries, all looked at: %t", len(entries), all)
	}
	for i, e := range entries {
		if e.key.Int() != int64(i) {
			t.Fatalf("entry %d has the key %v", i, e.key)
		}
	}
	if entries, all := firstEntries(reflect.ValueOf(m), 10, time.Now()); all || len(entries) != 10 {
		t.Errorf("after the deadline: %d entries, all looked at: %t", len(entries), all)
	}
}

// The types below have methods as cells have them: with polls.
type (
	endless  struct{}
	looping  struct{}
	blocked  struct{ mu *sync.Mutex }
	gone     struct{}
	hungry   struct{}
	writer   struct{}
	circle   struct{ to *circle }
	faulting struct{ memory []byte }
)

func look() {
	if poll.Flag.Load() != 0 {
		poll.Point()
	}
}

func (e endless) String() string { look(); return fmt.Sprint([]any{e}...) }
func (looping) String() string {
	for {
		look()
	}
}
func (b blocked) String() string { b.mu.Lock(); return "free" }
func (gone) Error() string       { runtime.Goexit(); return "" }
func (hungry) String() string {
	var all [][]byte
	for {
		look()
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = 1
		}
		all = append(all, b)
		if len(all) > 1<<20 {
			return fmt.Sprint(all)
		}
	}
}
func (writer) Format(s fmt.State, _ rune) {
	for {
		fmt.Fprint(s, "more and more ")
	}
}
func (c *circle) String() string  { look(); return "->" + fmt.Sprint(c.to) }
func (f faulting) String() string { return fmt.Sprint(f.memory[0]) }

func TestMethodsThatDoNotReturnAreLeft(t *testing.T) {
	defer func(d time.Duration, n int64) { maxTime, guard.MaxGrowth = d, n }(maxTime, guard.MaxGrowth)
	guard.MaxGrowth = 64 << 20
	c := &circle{}
	c.to = c
	for _, x := range []struct {
		name  string
		limit time.Duration
		v     any
		want  string
	}{
		{"recursion", soon, endless{}, "(String of text.endless calls itself without end)"},
		{"recursion inside", soon, []any{1, endless{}}, "[1 …\n(String of text.endless calls itself without end)"},
		{"recursion through a pointer", soon, c, "(String of *text.circle calls itself without end)"},
		{"loop", 100 * time.Millisecond, looping{}, "(String of text.looping does not return within 100ms)"},
		{"lock", 100 * time.Millisecond, blocked{lockedMutex()}, "(String of text.blocked does not return within 100ms)"},
		{"Goexit", soon, gone{}, "(Error of text.gone ends its goroutine)"},
		{"memory", soon, hungry{}, "(String of text.hungry needs more than "},
		{"endless text", soon, writer{}, "more and more"},
		{"pointer to nowhere", soon, faulting{unreadable(t)}, "%!v(PANIC=String method: runtime error: "},
		{"panic that panics", soon, failsTwo{}, "%!v(PANIC=Error method: …\n(String of text.fails panics)"},
	} {
		maxTime = x.limit
		if got := plainSoon(t, x.name, x.v); !strings.Contains(got, x.want) {
			t.Errorf("%s: no %q in %q", x.name, x.want, got)
		}
	}
}

func lockedMutex() *sync.Mutex {
	var mu sync.Mutex
	mu.Lock()
	return &mu
}

func unreadable(t *testing.T) []byte {
	memory, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(memory) })
	return memory
}

func TestMessagesAreBounded(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{errors.New("plain"), "plain"},
		{&verbose{3}, "code 3"},
		{byVerb{}, "short"},
		{number(3), "number 3"},
		{point{1, 2}, "{X:1 Y:2}"},
		{fails{}, "(text.fails) whose text cannot be had: its method String panics with never"},
		{endless{}, "(text.endless) whose text cannot be had: its method String calls itself without end"},
		{errors.New(strings.Repeat("x", maxText+1)), strings.Repeat("x", maxText) + "…\n(the first 65536 of 65537 bytes; fmt.Print shows all)"},
	} {
		if got := Message(context.Background(), c.v); got != c.want {
			t.Errorf("%T: %.200q", c.v, got)
		}
	}
}

func TestLongValuesAreCutWithANote(t *testing.T) {
	for _, v := range []any{make([]int, 3000), [3000]int{}, make([]struct{ A string }, 3000)} {
		text := Of(context.Background(), v)
		if !strings.Contains(text, "the first 1000 of 3000 elements") || len(text) > 20_000 {
			t.Errorf("%T: %d bytes, ending in %q", v, len(text), text[len(text)-60:])
		}
	}
	text := Of(context.Background(), strings.Repeat("€", 100_000))
	if !strings.HasSuffix(text, "of 300000 bytes; fmt.Print shows all)") || strings.ContainsRune(text, '\uFFFD') || len(text) > 66_000 {
		t.Errorf("%d bytes, ending in %q", len(text), text[len(text)-60:])
	}
}
