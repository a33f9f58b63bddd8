// Package shapes has the distributions of costs by which schedules are judged, in
// simulation and in benchmarks.
package shapes

import (
	"math"
	"math/rand/v2"
)

// Shape is a way in which the costs of items can be distributed over a call.
type Shape struct {
	// Name is what people call it.
	Name string
	// Costs are n costs whose mean is one, but for chance.
	Costs func(n int) []float64
}

// All are the seven shapes.
var All = []Shape{
	{"uniform", fill(func(i, n int, r *rand.Rand) float64 { return 1 })},
	{"log-normal", fill(func(i, n int, r *rand.Rand) float64 { return math.Exp(r.NormFloat64() - 0.5) })},
	{"bimodal", fill(func(i, n int, r *rand.Rand) float64 {
		if r.IntN(100) == 0 {
			return 50.5 // one in a hundred, a hundred times as dear as the others
		}
		return 0.505
	})},
	{"rising", fill(func(i, n int, r *rand.Rand) float64 { return 2 * (float64(i) + 0.5) / float64(n) })},
	{"falling", fill(func(i, n int, r *rand.Rand) float64 { return 2 * (float64(n-i) - 0.5) / float64(n) })},
	{"giant last", fill(func(i, n int, r *rand.Rand) float64 {
		switch {
		case n == 1:
			return 1
		case i == n-1:
			return float64(n) / 2
		}
		return float64(n) / 2 / float64(n-1)
	})},
	// The post's: x**10 of big integers gets dearer with the length of x.
	{"seed", fill(func(i, n int, r *rand.Rand) float64 {
		return math.Log2(float64(i)+2) / (math.Log2(float64(n)+2) - 1)
	})},
}

// fill makes costs from a function of the index; chance is the same each time.
func fill(cost func(i, n int, r *rand.Rand) float64) func(int) []float64 {
	return func(n int) []float64 {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		costs := make([]float64, n)
		for i := range costs {
			costs[i] = cost(i, n, r)
		}
		return costs
	}
}
