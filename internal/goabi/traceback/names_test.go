package traceback_test

import (
	"runtime"
	"testing"

	"github.com/goparallel/goparallel/internal/goabi/traceback"
)

// name is what the running release calls the function that calls it.
//
//go:noinline
func name() string {
	pcs := make([]uintptr, 1)
	runtime.Callers(2, pcs)
	f, _ := runtime.CallersFrames(pcs).Next()
	return f.Function
}

type pair[A, B any] struct{}

func (p *pair[A, B]) method() string { return name() }
func (p pair[A, B]) literal() string { return func() string { return name() }() }

func generic[T any]() (own, literal string) { return name(), func() string { return name() }() }

var initial = func() string { return name() }()

var inInit string

func init() { inInit = name() }

func declared() string { return name() }

// The names of functions are those that the running release gives them.
func TestDeclared(t *testing.T) {
	own, literal := generic[int]()
	var deep, deferred, ranged, started string
	func() {
		defer func() { deferred = name() }()
		for range func(yield func(int) bool) { yield(1) } {
			ranged = name()
		}
		deep = func() string { return func() string { return name() }() }()
	}()
	done := make(chan bool)
	go func(text *string) { *text = name(); close(done) }(&started)
	<-done
	for _, test := range []struct {
		name, want string
		within     bool
	}{
		{declared(), "declared", false},
		{new(pair[int, string]).method(), "(*pair).method", false},
		{pair[int, []string]{}.literal(), "pair.literal", true},
		{own, "generic", false},
		{literal, "generic", true},
		{deep, "TestDeclared", true},
		{deferred, "TestDeclared", true},
		{ranged, "TestDeclared", true},
		{started, "TestDeclared", true},
		{inInit, "init", false},
		{initial, "init", true},
		{"main.glob..func1", "", true},
		{"main.f.gowrap2", "f", true},
		{"main.f.func1.deferwrap1", "f", true},
		{"example.org/a.b/c.(*T).M", "(*T).M", false},
	} {
		if declared, within := traceback.Declared(test.name); declared != test.want || within != test.within {
			t.Errorf("%s is %q, %v, want %q, %v", test.name, declared, within, test.want, test.within)
		}
	}
}
