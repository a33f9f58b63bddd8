package stack_test

import (
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/stack"
)

//go:noinline
func user(f func()) { f() }

// The stack of a panic begins where the user's code does, and ends with it.
func TestStackOfAPanicIsTheUsers(t *testing.T) {
	var text string
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
			text = stack.Panic()
		}()
		user(func() { panic("no") })
	}()
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if isPlace := strings.HasPrefix(line, "\t"); isPlace != (i%2 == 1) {
			t.Fatalf("line %d of\n%s", i, text)
		}
	}
	if !strings.Contains(text, "stack_test.user(") || strings.Contains(text, "runtime/debug") || strings.Contains(text, "\npanic(") || strings.HasPrefix(text, "goroutine ") {
		t.Errorf("%s", text)
	}
}

// A mistake that Go finds, a panic in a deferred call, and one that is passed on: each stack leads from where the panic
// began to who called the function, by way of the user's functions only.
func TestStacksOfOtherPanics(t *testing.T) {
	var none []int
	for name, test := range map[string]struct {
		f    func()
		want []string // functions, the innermost first
	}{
		"of Go":                {func() { user(func() { _ = none[len(none)] }) }, []string{"stack_test.TestStacksOfOtherPanics.func1.1", "stack_test.user", "stack_test.TestStacksOfOtherPanics.func1"}},
		"in a deferred call":   {func() { defer user(func() { panic("second") }); panic("first") }, []string{"stack_test.TestStacksOfOtherPanics.func2.1", "stack_test.user", "stack_test.TestStacksOfOtherPanics.func2"}},
		"that is passed on":    {func() { defer func() { panic(recover()) }(); user(func() { panic("first") }) }, []string{"stack_test.TestStacksOfOtherPanics.func3.1", "stack_test.user", "stack_test.TestStacksOfOtherPanics.func3"}},
		"of another package's": {func() { _ = strings.Repeat("x", -1) }, []string{"strings.Repeat", "stack_test.TestStacksOfOtherPanics.func4"}},
	} {
		var text string
		func() {
			defer func() {
				recover()
				text = stack.Panic()
			}()
			test.f()
		}()
		rest := text
		for _, f := range test.want {
			_, behind, found := strings.Cut(rest, f+"(")
			if !found {
				t.Errorf("%s: %s is not, or not there, in\n%s", name, f, text)
				break
			}
			rest = behind
		}
	}
}

func TestWhoseAFunctionIs(t *testing.T) {
	for line, ours := range map[string]bool{
		"main.f(0x1)":           false,
		"runtime.goexit()":      false, // of the runtime: who shows stacks decides
		"panic({0x1, 0x2})":     true,
		"runtime/debug.Stack()": true,
		"github.com/goparallel/goparallel/parallel.(*View).Map(0x1)":                                  true,
		"github.com/goparallel/goparallel/internal/parallel/engine.(*frame).items(0x1)":               true,
		"created by github.com/goparallel/goparallel/internal/parallel/poll.(*Run).Go in goroutine 7": true,
		"github.com/somebody/parallel.(*View).Map(0x1)":                                               false,
		"created by main.main in goroutine 1":                                                         false,
	} {
		if stack.Ours(line) != ours {
			t.Errorf("%s: %v", line, !ours)
		}
	}
}
