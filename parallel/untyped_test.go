package parallel

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// remote is a registered function as a process knows it that has no code of it.
func remote(t *testing.T, name string) *registry.Function {
	t.Helper()
	f := registry.Named(name)
	if f == nil {
		t.Fatalf("%s is not registered", name)
	}
	return &registry.Function{Info: f.Info, Runner: registry.Runner{In: f.Runner.In, Out: f.Runner.Out}}
}

func TestCallsWithoutGoFunction(t *testing.T) {
	rc := start(t, 2)
	add := remote(t, "s.addBase")
	for _, v := range []*View{&rc.All().View, &rc.LoadBalanced().View, &rc.Auto().View} {
		ys, err := v.mapValues(add, reflect.ValueOf([]int{1, 2, 3}), ChunkSize(1)).Get()
		if want := []int{base + 2, base + 3, base + 4}; err != nil || !reflect.DeepEqual(ys, want) {
			t.Errorf("%v, %v; want %v", ys, err, want)
		}
	}
	auto := rc.Auto()
	auto.mapValues(add, reflect.ValueOf([]int{1})).Get()
	if text := auto.Explain().String(); !strings.Contains(text, "has no compiled code of it") {
		t.Error(text)
	}
	ping := &registry.Function{Info: registry.Named("s.ping").Info, Runner: registry.Runner{Out: reflect.TypeFor[string]()}}
	if all, err := rc.All().applyValues(ping).Get(); err != nil || fmt.Sprintf("%T %v", all, all) != "[]string [pong pong]" {
		t.Error(all, err)
	}
	if one, err := rc.LoadBalanced().applyValues(ping).Get(); err != nil || one != "pong" {
		t.Error(one, err)
	}
}

func init() {
	ping := func() string { return "pong" }
	registry.Func(registry.Info{Name: "s.ping"}, ping, registry.Fn0R(ping))
}

func TestValuesWithoutTypeArguments(t *testing.T) {
	rc := start(t, 2)
	all := rc.All()
	if err := all.pushValue("k", reflect.ValueOf(map[string]int{"a": 1})); err != nil {
		t.Fatal(err)
	}
	if got, err := all.Pull[map[string]int]("k"); err != nil || got[1]["a"] != 1 {
		t.Error(got, err)
	}
	if err := all.scatterValues("part", reflect.ValueOf([]float64{1, 2, 3})); err != nil {
		t.Fatal(err)
	}
	got, err := all.pullValues("part", reflect.TypeFor[[]float64]())
	if want := [][]float64{{1, 2}, {3}}; err != nil || !reflect.DeepEqual(got.Interface(), want) {
		t.Error(got, err)
	}
	whole, err := all.gatherValues("part", reflect.TypeFor[[]float64]())
	if want := []float64{1, 2, 3}; err != nil || !reflect.DeepEqual(whole.Interface(), want) {
		t.Error(whole, err)
	}
	if _, err := all.pullValues("part", reflect.TypeFor[int]()); err == nil || !strings.Contains(err.Error(), "of type []float64, not int") {
		t.Error(err)
	}
}
