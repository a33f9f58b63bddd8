package main

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"runtime"
	"strings"
	"sync"
)

type node struct{ left, right *node }

func grow(depth int) *node {
	var pad [200]byte
	pad[depth%200] = byte(depth)
	if depth == 0 {
		return &node{}
	}
	n := &node{left: grow(depth - 1)}
	n.right = &node{}
	return n
}

func (n *node) depth() int {
	if n == nil {
		return 0
	}
	return 1 + n.left.depth()
}

//go:noinline
func guarded(do func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("recovered: %v", v)
		}
	}()
	do()
	return nil
}

func small(skip int) (string, int) {
	pc, file, line, _ := runtime.Caller(skip)
	return runtime.FuncForPC(pc).Name() + " " + file[strings.LastIndexByte(file, '/')+1:], line
}

type caller struct{}

func (caller) where() (string, int) { return small(1) }

var cleanup = errors.New("cleanup")

func main() {
	fmt.Println(grow(20000).depth())
	var p *node
	var empty []int
	zero := 0
	fmt.Println(guarded(func() { p.left = p }), guarded(func() { _ = empty[zero+3] }), guarded(func() { _ = 1 / zero }),
		guarded(func() { panic(cleanup) }), guarded(func() { var m map[string]int; m["a"] = 1 }), guarded(func() { _ = any(p).(error) }))
	fmt.Println(small(1))
	fmt.Println(caller{}.where())
	func() { fmt.Println(small(1)) }()
	pcs := make([]uintptr, 10)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	first, _ := frames.Next()
	fmt.Println(first.Function, first.Line, first.Func != nil)
	var all sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for i := range 100 {
		all.Go(func() {
			defer mu.Unlock()
			mu.Lock()
			total += grow(i).depth()
		})
	}
	all.Wait()
	fmt.Println(total)
	ended := make(chan bool)
	go func() {
		defer close(ended)
		runtime.Goexit()
	}()
	<-ended
	// The runtime has functions for this, with deferred calls, that a host may lack.
	left := make(chan bool)
	go func() {
		defer close(left)
		next, _ := iter.Pull(func(yield func(int) bool) {
			yield(1)
			runtime.Goexit()
		})
		fmt.Println(next())
		next()
		fmt.Println("a sequence that has ended its goroutine goes on")
	}()
	<-left
	spin := make(chan int)
	go func() {
		n := 0
		for i := 0; i < 1<<28; i++ { // a tight loop, which only a signal interrupts
			n += i
		}
		spin <- n
	}()
	runtime.GC()
	fmt.Println(<-spin)
	for i := range 3 {
		defer func() { fmt.Fprintln(os.Stdout, "deferred", i) }()
	}
	func() {
		defer func() { fmt.Println(recover(), guarded(func() { panic("inner") })) }()
		defer func() { panic(fmt.Sprint("second after ", recover())) }()
		panic("first")
	}()
}
