package funcvalue_test

import (
	"reflect"
	"runtime"
	"testing"
	"unsafe"

	"github.com/goparallel/goparallel/internal/goabi/funcvalue"
)

type number int

func (n number) add(m int) int { return int(n) + m }

func twice[T int | string](x T) T { return x + x }

// adder returns closures that share their code.
//
//go:noinline
func adder(n int) func(int) int { return func(m int) int { return n + m } }

// Values that do the same have one object, and closures that captured other values do not, though
// their code is one.
func TestValuesAreToldApart(t *testing.T) {
	a, b := adder(1), adder(2)
	same := a
	if funcvalue.Object(a) != funcvalue.Object(same) || funcvalue.Object(a) == funcvalue.Object(b) {
		t.Errorf("%p and its copy %p, another closure %p", funcvalue.Object(a), funcvalue.Object(same), funcvalue.Object(b))
	}
	object := funcvalue.Object(a)
	for what, code := range map[string]uintptr{
		"the value's": funcvalue.Code(unsafe.Pointer(&a)), "the other closure's": funcvalue.Code(unsafe.Pointer(&b)), "the object's": funcvalue.Code(unsafe.Pointer(&object)),
	} {
		if code != reflect.ValueOf(a).Pointer() {
			t.Errorf("%s code is at %#x, and reflection says %#x", what, code, reflect.ValueOf(a).Pointer())
		}
	}
}

func TestNamesOfFunctions(t *testing.T) {
	kinds := func(fn any) (string, [3]bool) {
		name := runtime.FuncForPC(reflect.ValueOf(fn).Pointer()).Name()
		_, method := funcvalue.Method(name)
		return name, [3]bool{method, funcvalue.Generic(name), funcvalue.Made(name)}
	}
	made := reflect.MakeFunc(reflect.TypeFor[func()](), func([]reflect.Value) []reflect.Value { return nil })
	for _, c := range []struct {
		fn   any
		want [3]bool
	}{
		{number(1).add, [3]bool{true, false, false}},
		{twice[int], [3]bool{false, true, false}},
		{made.Interface(), [3]bool{false, false, true}},
		{adder, [3]bool{}},
		{adder(1), [3]bool{}},
		{number.add, [3]bool{}},
	} {
		if name, got := kinds(c.fn); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
