package traceback_test

import (
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
)

// atInit is the package that is initialised when this is.
var atInit = traceback.Initialising()

func TestInitialisingPackage(t *testing.T) {
	if !strings.HasSuffix(atInit, "internal/goabi/traceback_test") || traceback.Initialising() != "" {
		t.Errorf("it was %q, and is %q", atInit, traceback.Initialising())
	}
}

// Goroutines that wait for others are told from those that time, the system or nobody holds up,
// in the words of the running release.
func TestStatesOfThisRelease(t *testing.T) {
	var mutex sync.Mutex
	mutex.Lock()
	var group sync.WaitGroup
	group.Add(1)
	gate, stop := make(chan int), make(chan int)
	defer close(stop)
	defer close(gate)
	defer group.Done()
	defer mutex.Unlock()
	waits := map[string]struct {
		in      func()
		blocked bool
	}{
		"receives": {func() { <-gate }, true},
		"selects": {func() {
			select {
			case <-gate:
			case <-stop:
			}
		}, true},
		"locks":  {func() { mutex.Lock(); mutex.Unlock() }, true}, //lint:ignore SA2001 it waits, and that is all
		"waits":  {func() { group.Wait() }, true},
		"sleeps": {func() { time.Sleep(time.Hour) }, false},
	}
	names := make(map[string]string) // what the goroutines are called
	for what, w := range waits {
		own := make(chan string)
		go func() {
			own <- traceback.Own()
			w.in()
		}()
		names[what] = <-own
	}
	for what, w := range waits {
		blocked := !w.blocked
		var stack string
		for range 500 { // until it has come to where it waits
			trace, whole := traceback.All(1 << 22)
			if !whole {
				t.Fatal("the trace is cut off")
			}
			stack = traceback.Find(trace, names[what])
			_, doing, ok := traceback.State(stack)
			if blocked = traceback.Blocked(doing); ok && blocked == w.blocked && doing != "running" && doing != "runnable" {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if blocked != w.blocked || !traceback.IsHeader(strings.SplitN(stack, "\n", 2)[0]) {
			t.Errorf("what %s: blocked %v, want %v:\n%s", what, blocked, w.blocked, stack)
		}
	}
	if _, whole := traceback.All(100); whole {
		t.Error("100 bytes are said to be all")
	}
}

type thing struct{}

//go:noinline
func (*thing) fail(n int, f func(int)) string {
	defer func() { _ = recover() }()
	f(n)
	return ""
}

// The stack of a panic has the calls below it, innermost first, as people write functions.
func TestStackOfAPanic(t *testing.T) {
	var trace string
	done := make(chan int)
	go func() {
		defer close(done)
		new(thing).fail(1, func(n int) {
			defer func() { trace = string(debug.Stack()) }()
			panic(n)
		})
	}()
	<-done
	all := traceback.Parse(trace)
	if len(all) != 1 || all[0].State != "running" {
		t.Fatalf("%+v", all)
	}
	var calls []string
	for _, f := range all[0].Frames {
		if f.File == "" || f.Line == "" {
			t.Errorf("%s is nowhere", f.Function)
		}
		name := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
		if f.Creator {
			name = "by " + name
		}
		calls = append(calls, name)
	}
	want := []string{"traceback_test.TestStackOfAPanic.func1.1", "traceback_test.(*thing).fail", "traceback_test.TestStackOfAPanic.func1", "by traceback_test.TestStackOfAPanic"}
	if !slices.Equal(calls, want) {
		t.Errorf("%q, want %q", calls, want)
	}
}

func TestTextsOfTraces(t *testing.T) {
	for line, want := range map[string]string{
		"main.f(0x1, {0x2, 0x3})": "main.f", "main.(*p).m(...)": "main.(*p).m", "main.main": "main.main", "panic()": "panic",
	} {
		if got := traceback.Function(line); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	const two = "goroutine 7 gp=0xc000 m=nil [chan receive, 2 minutes, locked to thread]:\nmain.f()\n\t/a b/x.go:3 +0x1f\n\ngoroutine 18 [select] {run: \"run1\"}:\nmain.g(...)\n\tx.go:4\ncreated by main.main in goroutine 1\n\tx.go:5 +0x4\n"
	var states []string
	for stack := range traceback.Split(two) {
		number, doing, _ := traceback.State(stack)
		states = append(states, number+" "+doing)
	}
	if want := []string{"7 chan receive", "18 select"}; !slices.Equal(states, want) {
		t.Errorf("%q, want %q", states, want)
	}
	all := traceback.Parse("panic: no\n\n" + two)
	if len(all) != 2 || all[0].State != "chan receive" || all[0].Frames[0] != (traceback.Frame{Function: "main.f", File: "/a b/x.go", Line: "3"}) ||
		all[1].State != "select" || all[1].Frames[1] != (traceback.Frame{Function: "main.main", File: "x.go", Line: "5", Creator: true}) {
		t.Errorf("%+v", all)
	}
	if _, _, ok := traceback.State("panic: no"); ok || traceback.Parse("no trace\n") != nil || traceback.IsHeader("goroutines [all]") {
		t.Error("what is no trace is taken for one")
	}
}
