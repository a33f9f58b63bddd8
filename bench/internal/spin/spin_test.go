package spin

import (
	"math"
	"slices"
	"testing"
)

func TestShapes(t *testing.T) {
	for _, shape := range Shapes {
		for _, n := range []int{1, 10, 1000, 100_000} {
			costs := shape.Costs(n)
			sum := 0.0
			for _, c := range costs {
				sum += c
			}
			if len(costs) != n || slices.Min(costs) < 0 || math.Abs(sum/float64(n)-1) > 1e-9 {
				t.Errorf("%s: %d items of %d, mean %v, least %v", shape.Name, len(costs), n, sum/float64(n), slices.Min(costs))
			}
		}
		costs := shape.Costs(1000)
		switch share := slices.Max(costs) / 1000; shape.Name {
		case "one giant last":
			if costs[999] != slices.Max(costs) || math.Abs(share-0.5) > 1e-9 {
				t.Errorf("the giant is %v of all", share)
			}
		case "rising":
			if !slices.IsSorted(costs) {
				t.Error("rising costs fall")
			}
		case "bimodal":
			if n := len(slices.DeleteFunc(costs, func(c float64) bool { return c < 10 })); n != 10 {
				t.Errorf("%d of 1000 are slow", n)
			}
		}
	}
}

func TestRounds(t *testing.T) {
	if n := RoundsOf([]float64{0, 1e-6, 1e-3}); n[0] != 0 || n[1] < 10 || n[2] < 100*n[1] || n[2] > 10_000*n[1] {
		t.Errorf("rounds for 0, 1 μs and 1 ms: %v", n)
	}
}
