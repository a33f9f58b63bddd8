package spin

import (
	"math"
	"math/rand/v2"
)

// Shape says how the cost of items differs over their order. It returns the
// costs of n items, which are 1 on average.
type Shape struct {
	Name  string
	Costs func(n int) []float64
}

// Shapes are those over which a planner has to do well.
var Shapes = []Shape{
	{"uniform", func(n int) []float64 {
		return scaled(n, func(int) float64 { return 1 })
	}},
	{"log-normal", func(n int) []float64 { // its standard deviation is 1.3 times its mean
		r := rand.New(rand.NewPCG(1, 2))
		return scaled(n, func(int) float64 { return math.Exp(r.NormFloat64()) })
	}},
	{"bimodal", func(n int) []float64 { // one in a hundred takes a hundred times as long
		r := rand.New(rand.NewPCG(3, 4))
		slow := map[int]bool{r.IntN(n): true}
		for len(slow) < n/100 {
			slow[r.IntN(n)] = true
		}
		return scaled(n, func(i int) float64 {
			if slow[i] {
				return 100
			}
			return 1
		})
	}},
	{"rising", func(n int) []float64 {
		return scaled(n, func(i int) float64 { return float64(i) + 0.5 })
	}},
	{"falling", func(n int) []float64 {
		return scaled(n, func(i int) float64 { return float64(n-i) - 0.5 })
	}},
	{"one giant last", func(n int) []float64 { // it takes as long as all others together
		return scaled(n, func(i int) float64 {
			if i == n-1 && n > 1 {
				return float64(n - 1)
			}
			return 1
		})
	}},
	{"the seed's", func(n int) []float64 { // x to the tenth in whole numbers: their digits grow with x
		return scaled(n, func(i int) float64 {
			digits := math.Ceil(10 * math.Log2(float64(i)*3000/float64(n)+1) / 30)
			return 10 + digits*digits
		})
	}},
}

// scaled returns n costs, divided by their mean.
func scaled(n int, cost func(i int) float64) []float64 {
	costs := make([]float64, n)
	sum := 0.0
	for i := range costs {
		costs[i] = cost(i)
		sum += costs[i]
	}
	for i := range costs {
		costs[i] *= float64(n) / sum
	}
	return costs
}
