// Variables: what is local, what is not, and what only looks like it.
package main

import "sync"

var count int
var names []string
var table = map[string]int{}
var grid [3][3]int
var shape struct {
	size  int
	parts []int
}
var pointer *int
var hook func(int) int
var ch = make(chan int, 9)
var mu sync.Mutex

// changes nothing
func square(x int) int { return x * x }

// changes nothing
func reads(x int) int { return x + count + table["a"] + grid[1][1] + shape.size + len(names) + cap(ch) }

// changes: assigns to count, a session variable
func assigns(x int) int { count = x; return x }

// changes: assigns to count, a session variable
func increments(x int) int { count++; return x }

// changes: assigns to count, a session variable
func adds(x int) int { count += x; return x }

// changes nothing
func shadows(x int) int {
	count := x
	count++
	{
		names := []string{"a"}
		names[0] = "b"
	}
	return count
}

// changes: assigns to count, a session variable
func inner(x int) int {
	if count := x; count > 3 {
		count++
	}
	count = 1
	return x
}

// changes: assigns to names[0], memory of the session variable names
func element(x int) int { names[0] = "x"; return x }

// changes: assigns to table["a"], memory of the session variable table
func entry(x int) int { table["a"] = x; return x }

// changes: assigns to table["a"], memory of the session variable table
func entryCount(x int) int { table["a"]++; return x }

// changes: assigns to grid[1][x], memory of the session variable grid
func ofArray(x int) int { grid[1][x] = 1; return x }

// changes nothing
func arrayCopy(x int) int {
	g := grid
	g[1][x] = 1
	row := grid[0]
	row[1] = 3
	return g[1][2] + row[0]
}

// changes: assigns to row[1], memory of the session variable grid
func arrayPointer(x int) int {
	row := &grid[0]
	row[1] = 3
	return x
}

// changes: assigns to *p, memory of the session variable grid
func elementPointer(x int) int {
	p := &grid[0][2]
	*p = 3
	return x
}

// changes: assigns to part[0], memory of the session variable grid
func arraySlice(x int) int {
	part := grid[0][1:]
	part[0] = 3
	return x
}

// changes: assigns to shape.size, memory of the session variable shape
func field(x int) int { shape.size = x; return x }

// changes: assigns to s.parts[0], memory of the session variable shape
func structCopy(x int) int {
	s := shape
	s.size = 3
	s.parts[0] = 1
	return x
}

// changes nothing
func structCopyOnly(x int) int {
	s := shape
	s.size = 3
	s.parts = nil
	return s.size + x
}

// changes: assigns to *pointer, memory of the session variable pointer
func throughPointer(x int) int { *pointer = x; return x }

// changes: assigns to *p, memory of the session variable count
func address(x int) int {
	p := &count
	*p = x
	return x
}

// changes: assigns to **pp, memory of the session variable count
func pointerToPointer(x int) int {
	p := new(int)
	pp := &p
	*pp = &count
	**pp = x
	return x
}

// changes nothing
func localPointers(x int) int {
	p := new(int)
	pp := &p
	**pp = x
	var t struct{ a, b *int }
	t.a = p
	*t.a = 2
	return *p
}

// changes: calls hook, a function that is known only when it runs
func calls(x int) int { return hook(x) }

// changes: assigns to hook, a session variable
func sets(x int) int { hook = square; return x }

// changes: sends on ch, memory of the session variable ch
func sends(x int) int { ch <- x; return x }

// changes: receives from ch, memory of the session variable ch
func receives(x int) int { return <-ch }

// changes: receives from ch, memory of the session variable ch
func ranges(x int) int {
	for v := range ch {
		x += v
	}
	return x
}

// changes: closes ch, memory of the session variable ch
func closes(x int) int { close(ch); return x }

// changes: sends on c, memory of the session variable ch
func selects(x int) int {
	c := ch
	select {
	case c <- x:
	default:
	}
	return x
}

// changes nothing
func localChannel(x int) int {
	c, done := make(chan int, 1), make(chan struct{})
	go func() { c <- x; close(done) }()
	<-done
	return <-c
}

// changes: calls mu.Lock, which may change the session variable mu
func locks(x int) int {
	mu.Lock()
	defer mu.Unlock()
	return x
}

// changes nothing
func localLock(xs []int) int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	sum := 0
	for _, x := range xs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			mu.Lock()
			defer mu.Unlock()
			sum += x
		}()
	}
	wg.Wait()
	return sum
}

// changes: deletes from table, memory of the session variable table
func deletes(x int) int { delete(table, "a"); return x }

// changes: clears table, memory of the session variable table
func clears(x int) int { clear(table); return x }

// changes: copies into names, memory of the session variable names
func copies(x int) int { return copy(names, []string{"a"}) }

// changes: appends to names, which may write into memory of the session variable names
func appends(x int) int { return len(append(names, "a")) }

// changes nothing
func appendsToCopy(x int) int {
	all := append([]string(nil), names...)
	all = append(all, "b")
	all[0] = "c"
	full := append(names[:len(names):len(names)], "d")
	return len(all) + len(full)
}

// changes: assigns to count, a session variable
func rangeAssigns(xs []int) int {
	for count = range xs {
	}
	return 1
}

// changes: assigns to count, a session variable
func deferred(x int) (y int) {
	defer func() {
		if recover() != nil {
			count = 1
		}
	}()
	return 10 / x
}

// changes nothing
func recovers(x int) (y int, err error) {
	defer func() {
		if v := recover(); v != nil {
			y = -1
		}
	}()
	return 10 / x, nil
}

// changes: returns memory of the session variable names, which a change of the result would change
func gives(x int) []string { return names }

// changes: returns memory of the session variable count, which a change of the result would change
func givesPointer(x int) *int { return &count }

// changes: calls println, which prints
func printsBuiltin(x int) int { println(x); return x }

// changes nothing
func loops(n int) int {
	total := 0
outer:
	for i := 0; i < n; i++ {
		for j := range 10 {
			switch {
			case j == 3:
				continue outer
			case i > 100:
				break outer
			}
			total += j
		}
	}
	return total
}

// ---

// changes nothing
func constants(x int) string {
	const a = "x"
	type local struct{ n int }
	l := local{x}
	l.n++
	return a[:l.n]
}
