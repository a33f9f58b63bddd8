package parallel

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

type shape interface{ Area() float64 }

type circle struct{ r float64 }
type square struct{ Side float64 }
type stranger struct{}
type grower struct{ by []float64 }

func (c circle) Area() float64  { return math.Pi * c.r * c.r }
func (s square) Area() float64  { return s.Side * s.Side }
func (stranger) Area() float64  { return 1 }
func (g *grower) Area() float64 { return g.by[0] }
func (g *grower) Unwrap() any   { return g.by }

type holder struct {
	Any   any
	Shape shape
	Next  any
}

func init() { RegisterType(circle{}, square{}, &grower{}, holder{}, (*shape)(nil)) }

var (
	areas = Func("areas", func(all []shape) float64 {
		sum := 0.0
		for _, s := range all {
			if s != nil {
				sum += s.Area()
			}
		}
		return sum
	})
	bigger = Func("bigger", func(s shape) shape {
		switch s := s.(type) {
		case circle:
			return circle{2 * s.r}
		case *grower:
			s.by[0]++
			return s
		case square:
			return stranger{}
		}
		return nil
	})
	describe = Func("describe", func(v any) string { return fmt.Sprintf("%T %v", v, v) })
	same1    = Func("same1", func(v holder) holder { return v })
)

// TestInterfacesTravel sends values of named types, and of types that consist of such, in interfaces.
func TestInterfacesTravel(t *testing.T) {
	rc := start(t, 2)
	lb := rc.LoadBalanced()
	sums, err := lb.MapSync(areas, [][]shape{{circle{1}, square{2}, nil}, {&grower{[]float64{5}}}, nil})
	if err != nil || !slices.Equal(sums, []float64{math.Pi + 4, 5, 0}) {
		t.Error(sums, err)
	}
	grown, err := lb.MapSync(bigger, []shape{circle{1}, &grower{[]float64{5}}, nil})
	if err != nil || !reflect.DeepEqual(grown, []shape{circle{2}, &grower{[]float64{6}}, nil}) {
		t.Error(grown, err)
	}
	five := 5
	values := []any{nil, 1, "a", 2.5, int8(3), true, []int{1, 2}, map[string]any{"x": []any{1, "y", nil}}, [2]circle{{1}, {2}}, time.Second.String(), []byte("b"), map[int]string{1: "z"}, &circle{3},
		time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), []error{nil}, complex(1, 2), [][]map[string]float64{{{"k": 1}}}}
	texts, err := lb.MapSync(describe, values)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if want := fmt.Sprintf("%T %v", v, v); texts[i] != want {
			t.Error(texts[i], "want", want)
		}
	}
	nested := holder{Any: map[string]any{"p": &five}, Shape: square{1}, Next: holder{Any: []shape{circle{1}}, Next: &holder{Shape: &grower{[]float64{1}}}}}
	back, err := lb.MapSync(same1, []holder{nested, {}})
	if err != nil || !reflect.DeepEqual(back, []holder{nested, {}}) {
		t.Error(back, err)
	}
	if err := rc.All().Push("config", map[string]any{"rate": 0.5, "names": []string{"a"}}); err != nil {
		t.Error(err)
	}
	if config, err := rc.All().Pull[map[string]any]("config"); err != nil || !reflect.DeepEqual(config[1], map[string]any{"rate": 0.5, "names": []string{"a"}}) {
		t.Error(config, err)
	}
	// What nobody has named is refused by name, whichever way it goes; so is what never ends.
	ring := &holder{}
	ring.Any = ring
	for want, call := range map[string]func() error{
		"holds a value of type parallel.stranger, which engines do not know by name: name it with parallel.RegisterType": func() error { _, err := lb.MapSync(areas, [][]shape{{stranger{}}}); return err },
		"a result cannot travel":              func() error { _, err := lb.MapSync(bigger, []shape{square{1}}); return err },
		"struct { x int }, which has no name": func() error { _, err := lb.MapSync(describe, []any{struct{ x int }{}}); return err },
		"is a channel": func() error {
			_, err := lb.MapSync(describe, []any{make(chan int)})
			if err != nil {
				err = fmt.Errorf("%w: is a channel", err)
			}
			return err
		},
		"through interfaces more than 1000 times": func() error { _, err := lb.MapSync(same1, []holder{*ring}); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err, "instead of", want)
		}
	}
	if sums, err := lb.MapSync(areas, [][]shape{{circle{0}}}); err != nil || sums[0] != 0 {
		t.Error(sums, err)
	}
}
