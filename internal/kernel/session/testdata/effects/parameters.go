// Parameters: on an engine they are copies.
package main

import (
	"slices"
	"sort"
	"strings"
)

type inner struct {
	n  int
	xs []int
}
type outer struct {
	name string
	in   inner
	next *outer
	tags map[string][]string
	any  any
}
type embeds struct {
	*inner
	label string
}

// changes nothing
func sum(xs []int) int {
	total := 0
	for i, x := range xs {
		total += i * x
	}
	return total
}

// changes: assigns to xs[0], memory of the parameter xs
func first(xs []int) int { xs[0] = 1; return 1 }

// changes nothing
func changesVariable(xs []int) int {
	xs = xs[1:]
	xs = nil
	return len(xs)
}

// changes: assigns to ys[0], memory of the parameter xs
func alias(xs []int) int {
	ys := xs[2:]
	ys[0] = 1
	return 1
}

// changes: assigns to rows[0][1], memory of the parameter m
func aliasInSlice(m [][]int) int {
	rows := make([][]int, len(m))
	copy(rows, m)
	rows[0] = nil
	rows[0][1] = 3
	return 1
}

// changes nothing
func rowsReplaced(m [][]int) int {
	rows := slices.Clone(m)
	rows[0] = []int{1}
	slices.Reverse(rows)
	return len(rows)
}

// changes nothing
func rowsCopied(m [][]int) [][]int {
	var rows [][]int
	for _, row := range m {
		r := slices.Clone(row)
		r[0] = 1
		rows = append(rows, r)
	}
	return rows
}

// changes: calls sort.Ints, which may change the parameter xs
func sorts(xs []int) int { sort.Ints(xs); return xs[0] }

// changes nothing
func sortsCopy(xs []int) int {
	ys := append([]int{}, xs...)
	sort.Ints(ys)
	zs := slices.Sorted(slices.Values(xs))
	slices.SortFunc(zs, func(a, b int) int { return b - a })
	return ys[0] + zs[0]
}

// changes: calls sort.Slice, which may change the parameter people
func sortsStructs(people []outer) string {
	sort.Slice(people, func(i, j int) bool { return people[i].name < people[j].name })
	return people[0].name
}

// changes: assigns to p.n, memory of the parameter ps
func pointers(ps []*inner) int {
	for _, p := range ps {
		p.n++
	}
	return 1
}

// changes nothing
func values(ps []inner) int {
	for _, p := range ps {
		p.n++
		p.xs = nil
	}
	return 1
}

// changes: assigns to p.xs[0], memory of the parameter ps
func valuesDeep(ps []inner) int {
	for _, p := range ps {
		p.xs[0]++
	}
	return 1
}

// changes nothing
func byValue(o outer) string {
	o.name = "x"
	o.in.n = 3
	o.in.xs = []int{1}
	return o.name
}

// changes: assigns to o.in.xs[0], memory of the parameter o
func byValueDeep(o outer) string {
	o.in.xs[0] = 3
	return o.name
}

// changes: assigns to o.tags["a"][0], memory of the parameter o
func mapOfSlices(o outer) string {
	o.tags["a"][0] = "b"
	return o.name
}

// changes: assigns to o.next.next.name, memory of the parameter o
func linked(o outer) string {
	o.next.next.name = "b"
	return o.name
}

// changes: assigns to p.name, memory of the parameter o
func walks(o *outer) string {
	for p := o; p != nil; p = p.next {
		p.name = "b"
	}
	return ""
}

// changes nothing
func walksReading(o *outer) (n int) {
	for p := o; p != nil; p = p.next {
		n++
	}
	return n
}

// changes: assigns to e.n, memory of the parameter e
func embedded(e embeds) string {
	e.label = "x"
	e.n = 3
	return e.label
}

// changes: assigns to s[0], memory of the parameter x
func asserted(x any) int {
	if s, ok := x.([]int); ok {
		s[0] = 1
	}
	return 1
}

// changes: assigns to v.n, memory of the parameter x
func switched(x any) int {
	switch v := x.(type) {
	case inner:
		v.n = 3
	case *inner:
		v.n = 3
	}
	return 1
}

// changes: assigns to o.any.(*inner).n, memory of the parameter in
func boxed(in *inner) int {
	o := outer{any: in}
	o.any.(*inner).n = 3
	return 1
}

// changes nothing
func boxedOther(in *inner) int {
	o := outer{any: &inner{}, next: &outer{}}
	o.any.(*inner).n = in.n
	o.next.next = o.next
	o.next.name = "x"
	return 1
}

// changes: assigns to b.out[0], memory of the parameter xs
func throughField(xs []int) int {
	type both struct{ in, out []int }
	b := both{in: make([]int, 3), out: xs}
	b.in[0] = 1
	b.out[0] = 2
	return 1
}

// changes nothing
func otherField(xs []int) []int {
	type both struct{ in, out []int }
	b := both{in: xs, out: make([]int, len(xs))}
	for i, x := range b.in {
		b.out[i] = 2 * x
	}
	return b.out
}

// changes: appends to xs, which may write into memory of the parameter xs
func appends(xs []int) []int { return append(xs, 1) }

// changes nothing
func grows(xs []int) []int {
	var out []int
	for _, x := range xs {
		if x > 0 {
			out = append(out, x)
		}
	}
	return out
}

// changes: returns memory of the parameter xs, which a change of the result would change
func part(xs []int) []int { return xs[1:] }

// changes: returns memory of the parameter o, which a change of the result would change
func partOfStruct(o outer) inner { return inner{1, o.in.xs} }

// changes nothing
func fresh(o *outer) *inner {
	c := inner{n: o.in.n}
	c.xs = append(c.xs, o.in.xs...)
	return &c
}

// changes: returns memory of the parameter o, which a change of the result would change
func named(o *outer) (r []int) {
	r = o.in.xs
	return
}

// changes nothing
func groups(words []string) map[string][]string {
	m := make(map[string][]string)
	for _, w := range words {
		k := strings.ToLower(w[:1])
		m[k] = append(m[k], w)
	}
	return m
}

// changes: assigns to all[0].n, memory of the parameter ps
func arrayOfPointers(ps [2]*inner) int {
	all := ps
	all[0].n = 1
	return 1
}

// changes: assigns to xs[0], memory of the parameter m
func rangeOverMap(m map[string][]int) int {
	for _, xs := range m {
		xs[0] = 1
	}
	return 1
}

// changes: assigns to local["k"][0], memory of the parameter xs
func mapHolds(xs []int) int {
	local := map[string][]int{}
	local["k"] = xs
	local["k"][0] = 3
	return 1
}

// changes: sends on c, memory of the parameter c
func channel(c chan int) int { c <- 1; return 1 }

// changes: assigns to got[0], memory of the parameter xs
func throughChannel(xs []int) int {
	c := make(chan []int, 1)
	c <- xs
	got := <-c
	got[0] = 1
	return 1
}

// changes nothing
func bytesOf(s string) string {
	b := []byte(s)
	b[0] = 'x'
	r := []rune(s)
	r[0] = 'y'
	return string(b) + string(r)
}

// changes nothing
func matrix(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		for j := range m[i] {
			m[i][j] = float64(i * j)
		}
	}
	return m
}

// changes nothing
func list(n int) int {
	var head *outer
	for range n {
		head = &outer{next: head}
	}
	total := 0
	for p := head; p != nil; p = p.next {
		p.in.n = 1
		total += p.in.n
	}
	return total
}
