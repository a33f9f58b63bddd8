// Calls of the session's functions, of function values, and of methods.
package main

import (
	"cmp"
	"container/heap"
	"fmt"
	"iter"
	"sort"
)

var total int
var log []string

func bump() { total++ }
func fill(xs []int, v int) {
	for i := range xs {
		xs[i] = v
	}
}
func same(xs []int) []int  { return xs }
func made(n int) []int     { return make([]int, n) }
func store(dst, src *node) { dst.next = src }

type node struct {
	n    int
	next *node
	data []int
}

func (p *node) set(n int)      { p.n = n }
func (p node) with(n int) node { p.n = n; return p }
func (p node) first() int      { return p.data[0] }
func (p *node) deep(n int)     { p.data[0] = n }
func (p *node) counted() int   { total++; return p.n }
func (p *node) insert(n int) *node {
	if p == nil {
		return &node{n: n}
	}
	p.next = p.next.insert(n)
	return p
}

type stack struct{ items []int }

func (s *stack) push(x int) { s.items = append(s.items, x) }
func (s *stack) pop() int {
	x := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x
}

type area interface{ area() float64 }
type circle struct{ r float64 }
type rect struct{ a, b float64 }

func (c circle) area() float64 { return 3 * c.r * c.r }
func (r *rect) area() float64  { total++; return r.a * r.b }

type temperature float64

func (t temperature) String() string { total++; return "warm" }

type level int

func (l level) String() string { return "level" }

type byData []*node

func (b byData) Len() int           { return len(b) }
func (b byData) Less(i, j int) bool { return b[i].n < b[j].n }
func (b byData) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type queue []int

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i] < q[j] }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(int)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

type number interface{ ~int | ~float64 }

func largest[T cmp.Ordered](xs []T) T {
	best := xs[0]
	for _, x := range xs {
		best = max(best, x)
	}
	return best
}
func mapped[T, U any](xs []T, f func(T) U) []U {
	var out []U
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}
func zero[T any](xs []T) {
	var none T
	for i := range xs {
		xs[i] = none
	}
}

type box[T any] struct{ items []T }

func (b *box[T]) add(x T) { b.items = append(b.items, x) }

func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// changes: calls bump, which assigns to total, a session variable
func direct(x int) int { bump(); return x }

// changes: calls direct, which calls bump, which assigns to total, a session variable
func indirect(x int) int { return direct(x) }

// changes: calls bump, which assigns to total, a session variable
func asValue(x int) int {
	f := bump
	f()
	return x
}

// changes: calls fill, which assigns to xs[i], memory of the parameter xs
func fillsParameter(xs []int) int { fill(xs, 1); return 1 }

// changes nothing
func fillsLocal(n int) int {
	xs := make([]int, n)
	fill(xs, 1)
	return xs[0]
}

// changes: assigns to ys[0], memory of the parameter xs
func returned(xs []int) int {
	ys := same(xs)
	ys[0] = 1
	return 1
}

// changes nothing
func returnedNew(xs []int) int {
	ys := made(len(xs))
	ys[0] = xs[0]
	return ys[0]
}

// changes: calls node.set, which assigns to p.n, memory of the parameter q
func stores(q *node) int {
	local := &node{}
	store(local, q)
	local.next.set(3)
	return 1
}

// changes nothing
func recursive(n int) int {
	if n < 2 {
		return n
	}
	return recursive(n-1) + recursive(n-2)
}

// changes nothing
func even(n int) bool { return n == 0 || odd(n-1) }
func odd(n int) bool  { return n != 0 && even(n-1) }

// changes: calls circleB, which assigns to total, a session variable
func circleA(n int) int { return circleB(n) }
func circleB(n int) int { total = circleA(n - 1); return n }

// changes nothing
func methods(x int) int {
	var p node
	p.set(x)
	q := p.with(2)
	(&q).set(4)
	return q.n
}

// changes: calls node.set, which assigns to p.n, memory of the parameter q
func methodOnParameter(q *node) int { q.set(1); return 1 }

// changes nothing
func methodOnCopy(q node) int { q.set(1); return q.with(3).n }

// changes: calls node.deep, which assigns to p.data[0], memory of the parameter q
func methodDeep(q node) int { q.deep(1); return 1 }

// changes: calls node.set, which assigns to p.n, memory of the parameter q
func methodValue(q *node) int {
	f := q.set
	f(3)
	return 1
}

// changes: calls node.set, which assigns to p.n, memory of the parameter q
func methodExpression(q *node) int {
	f := (*node).set
	f(q, 3)
	return 1
}

// changes nothing
func tree(xs []int) int {
	var root *node
	for _, x := range xs {
		root = root.insert(x)
	}
	return root.n
}

// changes nothing
func stacked(xs []int) int {
	var s stack
	for _, x := range xs {
		s.push(x)
	}
	return s.pop()
}

// changes: calls stack.push, which appends to s.items, which may write into memory of the parameter xs
func stackedOn(xs []int) int {
	s := stack{items: xs}
	s.push(3)
	return s.pop()
}

// changes nothing
func interfaces(x int) float64 {
	shapes := []area{circle{1}, circle{2}}
	t := 0.0
	for _, s := range shapes {
		t += s.area()
	}
	return t
}

// changes: calls rect.area, which assigns to total, a session variable
func interfacesMixed(x int) float64 {
	shapes := []area{circle{1}, &rect{1, 2}}
	return shapes[x].area()
}

// changes: calls s.area, a method that is known only when it runs
func interfaceGiven(s area) float64 { return s.area() }

// changes: assigns to local, a session variable
var closureOutside = func(x int) int { local = x; return x }
var local int

// changes nothing
func closures(n int) int {
	sum := 0
	add := func(x int) { sum += x }
	for i := range n {
		add(i)
	}
	return sum
}

// changes nothing
func closureRecursive(n int) int {
	seen := map[int]bool{}
	var visit func(int, map[int]bool)
	visit = func(i int, m map[int]bool) {
		if i > 0 && !m[i] {
			m[i] = true
			visit(i-1, m)
		}
	}
	visit(n, seen)
	return len(seen)
}

// changes: assigns to m[1], memory of the parameter seen
func closureGiven(seen map[int]bool) int {
	mark := func(m map[int]bool) { m[1] = true }
	mark(map[int]bool{})
	mark(seen)
	return 1
}

// changes: assigns to total, a session variable
func closureStored(x int) int {
	table := map[string]func(){"a": func() {}, "b": func() { total++ }}
	type ops struct{ run func() }
	o := ops{run: table["b"]}
	o.run()
	return x
}

// changes: calls f, a function that is known only when it runs
func functionGiven(f func() int) int { return f() }

// changes: calls bump, which assigns to total, a session variable
func goes(x int) int { go bump(); return x }

// changes: calls bump, which assigns to total, a session variable
func defers(x int) int { defer bump(); return x }

// changes nothing
func generic(xs []float64) float64 {
	return largest(xs) + float64(len(mapped(xs, func(x float64) int { return int(x) })))
}

// changes: calls zero, which assigns to xs[i], memory of the parameter xs
func genericWrites(xs []string) int { zero(xs); return 1 }

// changes: assigns to total, a session variable
func genericCallback(xs []string) int {
	return len(mapped(xs, func(s string) int { total++; return 1 }))
}

// changes nothing
func genericType(x int) int {
	var b box[*node]
	b.add(&node{n: x})
	b.items[0].n = 3
	return b.items[0].n
}

// changes: assigns to b.items[0].n, memory of the parameter p
func genericHolds(p *node) int {
	var b box[*node]
	b.add(p)
	b.items[0].n = 3
	return 1
}

// changes nothing
func iterates(n int) int {
	t := 0
	for i := range upTo(n) {
		t += i
	}
	return t
}

// changes: assigns to total, a session variable
func iteratesInto(n int) int {
	for total = range upTo(n) {
	}
	return n
}

// changes: calls temperature.String, which assigns to total, a session variable
func strings1(x float64) string { return fmt.Sprint(temperature(x)) }

// changes: calls temperature.String, which assigns to total, a session variable
func strings2(x float64) string {
	type day struct{ low, high temperature }
	return fmt.Sprint([]day{{1, 2}})
}

// changes nothing
func strings3(x int) string { return fmt.Sprint(level(x), "x", []level{1}, fmt.Errorf("%v", x)) }

// changes: calls fmt.Sprint, which calls methods that are known only when it runs
func strings4(x any) string { return fmt.Sprint(x) }

// changes nothing
func strings5(err error) string { return fmt.Sprint(err) + err.Error() }

// changes nothing
func sortsNodes(ps []*node) int {
	qs := append([]*node(nil), ps...)
	sort.Sort(byData(qs))
	sort.Slice(qs, func(i, j int) bool { return qs[i].n > qs[j].n })
	return qs[0].n
}

// changes: calls sort.Sort, which may change the parameter ps
func sortsGiven(ps []*node) int { sort.Sort(byData(ps)); return 1 }

// changes nothing
func heaps(xs []int) int {
	q := &queue{}
	heap.Init(q)
	for _, x := range xs {
		heap.Push(q, x)
	}
	return heap.Pop(q).(int)
}

// changes: calls heap.Push, which may change the parameter q
func heapsGiven(q *queue) int { heap.Push(q, 1); return 1 }
