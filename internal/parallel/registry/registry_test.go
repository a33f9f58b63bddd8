package registry

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/poll"
)

func TestModulesComeAfterWhatTheyNeed(t *testing.T) {
	AddModule(Module{ID: "c", Needs: []string{"b", "a"}})
	AddModule(Module{ID: "a"})
	AddModule(Module{ID: "b", Needs: []string{"a"}})
	got, err := Modules("c", "a", "")
	if err != nil {
		t.Fatal(err)
	}
	var ids string
	for _, m := range got {
		ids += m.ID
	}
	if ids != "abc" {
		t.Errorf("got %q, want abc", ids)
	}
	AddModule(Module{ID: "d", Needs: []string{"gone"}})
	if _, err := Modules("d"); err == nil || !strings.Contains(err.Error(), `"gone", needed by module "d"`) {
		t.Errorf("an unknown module: %v", err)
	}
}

func double(x int) int { return 2 * x }

func generic[T any](x T) T { return x }

type number int

func (n number) plus(x int) int { return int(n) + x }

func TestResolveNamesAndRefuses(t *testing.T) {
	Func(Info{Name: "double"}, double, Fn1R(double))
	call, err := Resolve(double)
	if err != nil || call.Function != Named("double") || call.Name != "double" {
		t.Fatal(call, err)
	}
	var nilFunc func(int) int
	for _, c := range []struct {
		fn   any
		want string
	}{
		{3, "it is not a function"},
		{nilFunc, "it is nil"},
		{strings.ToUpper, "strings.ToUpper cannot run on an engine: it is not registered"},
		{generic[int], "instance of a generic function"},
		{number(1).plus, "method value"},
		{func() {}, "not registered"},
	} {
		_, err := Resolve(c.fn)
		var refusal *Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T: %v, want %q", c.fn, err, c.want)
		}
	}
}

// lit and makeLit are what the session generates for a literal that captures a
// local variable and a parameter.
var lit Literal

//go:noinline
func makeLit(k int) (f func(int) int, set func(float64)) {
	y := 0.5
	return Lit(&lit, func(x int) int {
		if poll.Flag.Load() != 0 {
			lit.Enter(&k, &y)
		}
		return x*k + int(y)
	}), func(v float64) { y = v }
}

func init() {
	DefineLiteral(&lit, Info{Name: "m.lit1", Label: "the literal"}, []string{"k", "y"}, func() ([]any, func() Runner) {
		var k int
		var y float64
		return []any{&k, &y}, func() Runner { return Fn1R(func(x int) int { return x*k + int(y) }) }
	})
}

func TestLiteralTellsItsCapturesAndIsRebuilt(t *testing.T) {
	f, set := makeLit(3)
	g, _ := makeLit(10)
	set(7.5)
	for _, c := range []struct {
		f    func(int) int
		k    int
		y    float64
		want int
	}{{f, 3, 7.5, 13}, {g, 10, 0.5, 20}} {
		call, err := Resolve(c.f)
		if err != nil {
			t.Fatal(err)
		}
		if k, y := *call.Values[0].(*int), *call.Values[1].(*float64); k != c.k || y != c.y {
			t.Errorf("captures %v %v, want %v %v", k, y, c.k, c.y)
		}
		pointers, build := Named("m.lit1").Rebuild()
		for i, p := range pointers {
			reflect.ValueOf(p).Elem().Set(reflect.ValueOf(call.Values[i]).Elem())
		}
		in, out := 2, 0
		if err := build().Call(context.Background(), unsafe.Pointer(&in), unsafe.Pointer(&out)); err != nil || out != c.want {
			t.Errorf("rebuilt: %v %v, want %v", out, err, c.want)
		}
		if c.f(2) != c.want {
			t.Error("the literal itself changed")
		}
	}
}

func TestQuestionsDisturbNobodyElse(t *testing.T) {
	f, _ := makeLit(3)
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range 2 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if f(2) != 6 {
						panic("wrong result while questions are asked")
					}
				}
			}
		})
	}
	for range 200 {
		if _, err := Resolve(f); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	callers.Wait()
}

func TestLiteralWithoutEntryCheckIsRefused(t *testing.T) {
	var blind Literal
	y := 1
	f := Lit(&blind, func(x int) int { return x + y })
	y++
	DefineLiteral(&blind, Info{Name: "m.blind"}, []string{"y"}, func() ([]any, func() Runner) {
		var y int
		return []any{&y}, func() Runner { return Fn1R(func(x int) int { return x + y }) }
	})
	if _, err := Resolve(f); err == nil || !strings.Contains(err.Error(), "entry check") {
		t.Error(err)
	}
}

func TestReflectedRunsEveryShapeThatTravels(t *testing.T) {
	boom := errors.New("boom")
	ran := 0
	in, out := 4, 0
	for _, c := range []struct {
		fn   any
		want int
		err  error
	}{
		{func(x int) int { return x + 1 }, 5, nil},
		{func(x int) (int, error) { return x, boom }, 4, boom},
		{func(x int) error { return boom }, 0, boom},
		{func(x int) { ran++ }, 0, nil},
		{func() int { return 9 }, 9, nil},
		{func() { ran++ }, 0, nil},
	} {
		r, err := Reflected(c.fn)
		if err != nil {
			t.Fatal(err)
		}
		out = 0
		if err := r.Call(context.Background(), unsafe.Pointer(&in), unsafe.Pointer(&out)); err != c.err || out != c.want {
			t.Errorf("%T: %v %v, want %v %v", c.fn, out, err, c.want, c.err)
		}
	}
	if ran != 2 {
		t.Error("functions without a result did not run")
	}
	for _, fn := range []any{7, func(a, b int) {}, func() (int, int) { return 0, 0 }, func(...int) {}} {
		if _, err := Reflected(fn); err == nil {
			t.Errorf("%T was accepted", fn)
		}
	}
}

func BenchmarkResolveLiteral(b *testing.B) {
	f, _ := makeLit(3)
	for range b.N {
		if _, err := Resolve(f); err != nil {
			b.Fatal(err)
		}
	}
}
