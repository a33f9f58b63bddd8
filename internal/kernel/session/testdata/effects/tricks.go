// Ways to hide a write, and ways to look like one.
package main

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"
)

type point struct{ x, y int }
type holder struct {
	p    *point
	f    func(int)
	next *holder
	sync.Mutex
	list []point
}
type counter struct{ n int }

func (c *counter) inc()                        { c.n++ }
func (c *counter) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
func (c counter) get() int                     { return c.n }
func (c *counter) self() *counter              { return c }

type wrapped struct {
	*counter
	name string
}
type nested struct{ wrapped }
type incs interface{ inc() }
type tree[K any] struct {
	left, right *tree[K]
	key         K
}

func (t *tree[K]) each(f func(*tree[K])) {
	if t != nil {
		t.left.each(f)
		f(t)
		t.right.each(f)
	}
}

type scorer[T any] interface{ score(T) int }
type byLen struct{}

func (byLen) score(s string) int { return len(s) }

type noisy struct{}

func (noisy) score(s string) int { calls++; return len(s) }

type sneaky struct{ n int }

func (s sneaky) Hidden() { calls++ }

var calls int
var shared counter
var holders = map[string]*holder{}
var fns []func()
var any1 any = &shared
var points [4]point
var errs []error

func rate[T any, S scorer[T]](s S, x T) int { return s.score(x) }
func bumps[T incs](x T) int                 { x.inc(); return 1 }
func ptr[T any](x T) *T                     { return &x }
func keep(p *point) *holder                 { return &holder{p: p} }
func setAll(ps ...*point) {
	for _, p := range ps {
		p.x = 1
	}
}
func setFirst(xs ...int) int            { xs[0] = 1; return 1 }
func two() (*point, *point)             { return &point{}, &shared2 }
func swap(a, b *point) (*point, *point) { return b, a }

var shared2 point

// changes: calls counter.inc, which assigns to c.n, memory of the session variable shared
func promoted(x int) int {
	n := nested{wrapped{&shared, "a"}}
	n.inc()
	return x
}

// changes nothing
func promotedLocal(x int) int {
	n := nested{wrapped{&counter{}, "a"}}
	n.inc()
	return n.get()
}

// changes: calls counter.inc, which assigns to c.n, memory of the session variable shared
func viaSelf(x int) int { shared.self().self().inc(); return x }

// changes: calls counter.inc, which assigns to c.n, memory of the session variable shared
func viaInterface(x int) int {
	var i incs = &shared
	i.inc()
	return x
}

// changes: calls counter.inc, which assigns to c.n, memory of the session variable shared
func viaBoundInterface(x int) int {
	var i incs = &shared
	f := i.inc
	defer f()
	return x
}

// changes: calls counter.inc, which assigns to c.n, memory of the session variable shared
func viaMethodExpression(x int) int {
	f := incs.inc
	f(&shared)
	return x
}

// changes: assigns to any1.(*counter).n, memory of the session variable any1
func viaAny(x int) int { any1.(*counter).n = 3; return x }

// changes: calls bumps, which calls counter.inc, which assigns to c.n, memory of the session variable shared
func viaConstraint(x int) int { return bumps(&shared) }

// changes nothing
func viaConstraintLocal(x int) int { return bumps(&counter{}) }

// changes nothing
func scores(s string) int { return rate(byLen{}, s) }

// changes: calls rate, which calls noisy.score, which assigns to calls, a session variable
func scoresNoisy(s string) int { return rate(noisy{}, s) }

// changes: calls writes, which calls counter.Write, which assigns to c.n, memory of the session variable shared
func writer(x int) int { return writes(&shared) }
func writes(w io.Writer) int {
	n, _ := w.Write(nil)
	return n
}

// changes: calls fmt.Fprint, which may change the session variable shared
func prints(x int) int { fmt.Fprint(&shared, x); return x }

// changes nothing
func printsLocal(x int) int {
	var c counter
	fmt.Fprintf(&c, "%d", x)
	fmt.Fprintln(io.Discard, x)
	return c.n
}

// changes: assigns to holders["a"].p.x, memory of the session variable holders
func chain(x int) int { holders["a"].p.x = 1; return x }

// changes: calls holders["a"].Lock, which may change the session variable holders
func embeddedLock(x int) int { holders["a"].Lock(); return x }

// changes: assigns to h.list[0].x, memory of the parameter h
func listElement(h *holder) int { h.list[0].x = 1; return 1 }

// changes nothing
func listCopied(h *holder) int {
	list := slices.Clone(h.list)
	list[0].x = 1
	for i := range list {
		list[i].y++
	}
	return list[0].x
}

// changes: assigns to q.x, memory of the parameter p
func kept(p *point) int {
	h := keep(p)
	q := h.p
	q.x = 1
	return 1
}

// changes nothing
func keptCopy(p *point) int {
	h := keep(ptr(*p))
	h.p.x = 1
	return 1
}

// changes: calls setAll, which assigns to p.x, memory of the parameter p
func variadic(p *point) int { setAll(&point{}, p); return 1 }

// changes: calls setFirst, which assigns to xs[0], memory of the parameter xs
func variadicSpread(xs []int) int { return setFirst(xs...) }

// changes nothing
func variadicPacked(xs []int) int { return setFirst(xs[0], xs[1]) }

// changes: assigns to b.x, memory of the session variable shared2
func tuple(x int) int {
	a, b := two()
	a.x, b.x = 1, 2
	return 1
}

// changes: assigns to a.x, memory of the session variable shared2
func tuplePassed(x int) int {
	a, _ := swap(two())
	a.x = 1
	return 1
}

// changes: assigns to q.x, memory of the parameter p
func swapped(p *point) int {
	q := &point{}
	for range 2 {
		q.x = 3
		p, q = q, p
	}
	return 1
}

// changes: assigns to calls, a session variable
func closureInStruct(x int) int {
	h := holder{f: func(n int) { calls += n }}
	g := h
	g.f(2)
	return x
}

// changes: calls fns[0], a function that is known only when it runs
func closureInSession(x int) int { fns[0](); return x }

// changes: assigns to calls, a session variable
func closureReturned(x int) int {
	make := func() func() { return func() { calls++ } }
	make()()
	return x
}

// changes: assigns to p.x, memory of the parameter p
func closureCaptures(p *point) int {
	later := []func(){}
	later = append(later, func() { p.x = 1 })
	for _, f := range later {
		f()
	}
	return 1
}

// changes: assigns to points[0].x, memory of the session variable points
func arrayElement(x int) int { points[0].x = 1; return x }

// changes: assigns to ps[0].x, memory of the session variable points
func rangePointer(x int) int {
	ps := points[:]
	ps[0].x = 1
	return x
}

// changes nothing
func rangeArray(x int) int {
	for _, p := range points {
		p.x = 1
	}
	return x
}

// changes: assigns to p.x, memory of the session variable points
func rangeArrayPointer(x int) int {
	for i := range points {
		p := &points[i]
		p.x = 1
	}
	return x
}

// changes: assigns to points[x].y, memory of the session variable points
func rangeInto(xs []int) int {
	x := 0
	for x, points[x].y = range xs {
	}
	return x
}

// changes: assigns to t.key, memory of the parameter t
func visits(t *tree[int]) int {
	t.each(func(t *tree[int]) { t.key = 1 })
	return 1
}

// changes nothing
func visitsReading(t *tree[int]) int {
	sum := 0
	t.each(func(t *tree[int]) { sum += t.key })
	return sum
}

// changes: returns memory of the parameter t, which a change of the result would change
func collects(t *tree[[]int]) [][]int {
	var all [][]int
	t.each(func(t *tree[[]int]) { all = append(all, t.key) })
	return all
}

// changes: returns memory of the session variable shared, which a change of the result would change
func inAny(x int) any { return &shared }

// changes nothing
func copyInAny(x int) any { return shared }

// changes: returns memory of the session variable any1, which a change of the result would change
func anyGiven(x int) any { return any1 }

// changes: assigns to *pp, memory of the parameter pp
func doublePointer(pp **point) int { *pp = nil; return 1 }

// changes: assigns to (*pp).x, memory of the parameter pp
func doublePointerDeep(pp **point) int { (*pp).x = 1; return 1 }

// changes: calls reflect.ValueOf, which may change the parameter x
func reflection(x any) int { reflect.ValueOf(x).Method(0).Call(nil); return 1 }

// changes: calls sneaky.Hidden, which assigns to calls, a session variable
func reflectionLocal(x int) int { reflect.ValueOf(sneaky{}).Method(0).Call(nil); return 1 }

// changes: calls strings.Map with a function that is known only when it runs
func mapsGiven(f func(rune) rune) string { return strings.Map(f, "x") }

// changes: assigns to calls, a session variable
func mapsCounting(s string) string {
	return strings.Map(func(r rune) rune { calls++; return r }, s)
}

// changes: calls counter.inc, which assigns to c.n, memory of the session variable shared
func onceFunc(x int) int {
	var once sync.Once
	once.Do(shared.inc)
	return x
}

// changes nothing
func pool(x int) int {
	p := sync.Pool{New: func() any { return new(point) }}
	v := p.Get().(*point)
	v.x = x
	p.Put(v)
	return v.x
}

// changes: assigns to v.x, memory of the parameter q
func poolHolds(q *point) int {
	var p sync.Pool
	p.Put(q)
	v := p.Get().(*point)
	v.x = 1
	return 1
}

// changes: assigns to v.(*point).x, memory of the parameter q
func mapHolds(q *point) int {
	var m sync.Map
	m.Store("a", q)
	v, _ := m.Load("a")
	v.(*point).x = 1
	return 1
}

// changes: assigns to errs[0], memory of the session variable errs
func errors1(x int) error { errs[0] = nil; return errs[1] }

// changes: calls fmt.Fprint, which may change os.Stderr
func stderr(x int) int {
	var w io.Writer = os.Stderr
	fmt.Fprint(w, x)
	return x
}

// changes nothing
func gotos(n int) int {
	i := 0
again:
	if i < n {
		i++
		goto again
	}
	return i
}

// changes: assigns to calls, a session variable
func fallsThrough(x any) int {
	switch x.(type) {
	case int, string:
	default:
		func() { calls++ }()
	}
	return 1
}

// changes nothing
func sortsLocalStructs(words []string) []point {
	counts := map[string]int{}
	for _, w := range words {
		counts[w]++
	}
	var out []point
	for w, n := range counts {
		out = append(out, point{len(w), n})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].x < out[j].x })
	return out
}

// changes nothing
func linkedList(n int) int {
	first := &holder{}
	last := first
	for i := range n {
		last.next = &holder{p: &point{x: i}}
		last = last.next
		last.p.y = 1
	}
	first.Lock()
	defer first.Unlock()
	return first.next.p.x
}

// changes: calls p2.inc, a method that is known only when it runs
func structOfInterface(v struct{ incs }) int {
	p2 := v
	p2.inc()
	return 1
}

// changes nothing
func shadowedBuiltins(x int) int {
	append := func(a, b int) int { return a + b }
	len := func(x int) int { return x }
	return append(len(x), 1)
}

// changes: assigns to *p, memory of the parameter m
func sliceOfSlice(m [][]int) int {
	row := m[1:][0][2:]
	p := &row[0]
	*p = 1
	return 1
}

// changes: assigns to arr[0], memory of the parameter xs
func arrayConversion(xs []int) int {
	arr := (*[2]int)(xs)
	arr[0] = 1
	return 1
}

// changes nothing
func arrayOfSlice(xs []int) int {
	arr := [2]int(xs)
	arr[0] = 1
	return arr[0]
}

// changes: assigns to c[0], memory of the parameter xs
func namedConversion(xs []int) int {
	type ints []int
	c := sort.IntSlice(ints(xs))
	c[0] = 1
	return 1
}

type pair struct {
	p, q  *point
	items queue
}
type twin struct {
	p, q  *point
	items queue
}
type queue []*point

func (q *queue) add(p *point) { *q = append(*q, p) }

// changes: assigns to s.q.x, memory of the parameter p
func fieldPointer(p *point) int {
	s := pair{p: &point{}, q: &point{}}
	pp := &s.q
	*pp = p
	s.q.x = 1
	return 1
}

// changes: assigns to (*pp).x, memory of the parameter p
func fieldPointerRead(p *point) int {
	s := pair{p: &point{}, q: p}
	pp := &s.q
	(*pp).x = 1
	return 1
}

// changes: assigns to s.items[0].x, memory of the parameter p
func fieldReceiver(p *point) int {
	s := &pair{items: queue{&point{}}}
	s.items.add(p)
	s.items[0].x = 1
	return 1
}

// changes: assigns to t.q.x, memory of the parameter p
func converted(p *point) int {
	s := pair{p: &point{}, q: p}
	t := twin(s)
	t.q.x = 1
	return 1
}

// changes nothing
func convertedOther(p *point) int {
	s := pair{p: &point{}, q: p}
	t := (*twin)(&s)
	t.p.x = 1
	return 1
}

// changes: assigns to (*twin)(s).q.x, memory of the parameter p
func convertedPointer(p *point) int {
	s := &pair{p: &point{}}
	s.q = p
	(*twin)(s).q.x = 1
	return 1
}

// changes: assigns to u.in.q.x, memory of the parameter p
func unnamedStruct(p *point) int {
	var u struct {
		in struct {
			p, q  *point
			items queue
		}
	}
	u.in = pair{q: p}
	u.in.q.x = 1
	return 1
}

// ---

type number int
type setter[T any] interface {
	*T
	set(int)
}
type value struct{ n int }
type op func(int) int
type machine struct {
	ops   map[string]op
	cells [3]*point
	rows  [][]*point
	emit  func(int)
	next  func() *machine
}
type logger interface{ log(string) }
type silent struct{}
type loud struct{ lines []string }

func (v *value) set(n int)           { v.n = n }
func (o op) apply(x int) int         { return o(x) }
func (silent) log(string)            {}
func (l *loud) log(s string)         { l.lines = append(l.lines, s) }
func (m *machine) cell(i int) *point { return m.cells[i] }
func build[T any, PT setter[T]](n int) T {
	var t T
	PT(&t).set(n)
	return t
}
func assignTo[T any, PT setter[T]](p PT) { p.set(1) }
func logAll(ls ...logger) {
	for _, l := range ls {
		l.log("x")
	}
}
func choose(b bool, a, c *point) *point {
	if b {
		return a
	}
	return c
}

var global value
var machines = map[string]*machine{}
var handlers = map[string]func(int) int{}
var logs = &loud{}

// changes nothing
func builds(n int) int { return build[value](n).n }

// changes: calls assignTo, which calls value.set, which assigns to v.n, memory of the session variable global
func buildsOutside(n int) int { assignTo(&global); return n }

// changes: assigns to r.x, memory of the parameter p
func namedResult(p *point) (r *point) {
	defer func() { r = nil }()
	r = p
	r.x = 1
	return
}

// changes: calls m.emit, a function that is known only when it runs
func functionField(m *machine) int { m.emit(1); return 1 }

// changes: calls m.next, a function that is known only when it runs
func functionFieldByValue(m machine) int { m.next().cells[0].x = 1; return 1 }

// changes: calls handlers["a"], a function that is known only when it runs
func functionMap(x int) int { return handlers["a"](x) }

// changes nothing
func functionMapLocal(x int) int {
	table := map[string]func(int) int{"a": func(x int) int { return x }}
	table["b"] = op(func(x int) int { return x + 1 }).apply
	sum := 0
	for _, f := range table {
		sum += f(x)
	}
	return sum
}

// changes: assigns to calls, a session variable
func functionTypeMethod(x int) int {
	return op(func(x int) int { calls++; return x }).apply(x)
}

// changes: assigns to m.cell(0).x, memory of the parameter m
func resultOfMethod(m *machine) int { m.cell(0).x = 1; return 1 }

// changes: assigns to c[0].x, memory of the parameter m
func arrayOfPointersCopied(m *machine) int {
	c := m.cells
	c[1] = nil
	c[0].x = 1
	return 1
}

// changes: assigns to row[0].x, memory of the parameter m
func rowsOfPointers(m machine) int {
	for _, row := range m.rows {
		row[0].x = 1
	}
	return 1
}

// changes nothing
func rowsRebuilt(m *machine) int {
	rows := make([][]point, len(m.rows))
	for i, row := range m.rows {
		for _, p := range row {
			rows[i] = append(rows[i], *p)
		}
		rows[i][0].x = 1
	}
	return rows[0][0].x
}

// changes: calls logAll, which calls loud.log, which assigns to l.lines, memory of the session variable logs
func logsOutside(x int) int { logAll(silent{}, logs); return x }

// changes nothing
func logsLocal(x int) int {
	l := &loud{}
	logAll(silent{}, l)
	return len(l.lines)
}

// changes: assigns to choose(q.x > 0, q, p).x, memory of the parameter p
func chosen(p *point) int {
	q := &point{}
	choose(q.x > 0, q, p).x = 1
	return 1
}

// changes: assigns to *&calls, memory of the session variable calls
func addressAndBack(x int) int { *&calls = x; return x }

// changes: copies into machines["a"].cells[:], memory of the session variable machines
func copiesDeep(x int) int { copy(machines["a"].cells[:], []*point{nil}); return x }

// changes: receives from c, memory of the parameter c
func receivesOk(c chan int) int {
	v, ok := <-c
	if ok {
		return v
	}
	return 0
}

// changes: assigns to calls, a session variable
func selectAssigns(x int) int {
	c := make(chan int, 1)
	c <- x
	select {
	case calls = <-c:
	}
	return x
}

// changes: assigns to a.x, memory of the parameter ps
func destructured(ps []*point) int {
	a, b := ps[0], &point{}
	b.x = 1
	a.x, b.y = b.x, a.y
	return 1
}

// changes: assigns to v.x, memory of the parameter m
func mapValues(m map[string]*point) int {
	for _, v := range maps2(m) {
		v.x = 1
	}
	return 1
}
func maps2(m map[string]*point) []*point {
	var out []*point
	for k := range m {
		out = append(out, m[k])
	}
	return out
}

// changes: assigns to p.x, memory of the parameter p
func goroutine(p *point) int {
	done := make(chan bool)
	go func(p *point) {
		p.x = 1
		done <- true
	}(p)
	<-done
	return 1
}

// changes nothing
func goroutineLocal(n int) []int {
	results := make([]int, n)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = i * i })
	}
	wg.Wait()
	return results
}

// changes: assigns to p.x, memory of the parameter p
func recovered(p *point) (n int) {
	defer func() {
		if p, ok := recover().(*point); ok {
			p.x = 1
		}
	}()
	panic(p)
}

// changes: assigns to x.(*point).x, memory of the parameter p
func nestedAny(p *point) int {
	var x any = []any{1, map[string]any{"a": p}}
	x = x.([]any)[1].(map[string]any)["a"]
	x.(*point).x = 1
	return 1
}

// changes nothing
func memo(n int) int {
	cache := map[int]int{}
	var fib func(int) int
	fib = func(n int) int {
		if v, ok := cache[n]; ok {
			return v
		}
		if n < 2 {
			return n
		}
		cache[n] = fib(n-1) + fib(n-2)
		return cache[n]
	}
	return fib(n)
}

// changes: assigns to pt.x, memory of the parameter h
func heldDeep(h []holder) int {
	byName := map[string]holder{}
	for _, one := range h {
		byName["a"] = one
	}
	type entry struct{ h holder }
	e := []entry{{byName["a"]}}
	pt := e[0].h.p
	pt.x = 1
	return 1
}
