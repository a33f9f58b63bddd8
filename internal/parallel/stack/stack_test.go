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
