package measure

import (
	"math/rand/v2"
	"slices"
)

// resamples is how often a sample is drawn anew for an interval.
const resamples = 2000

// Interval returns the 95 % bootstrap interval of the median of values.
func Interval(values []float64) (low, high float64) {
	return bootstrap(len(values), func(rounds []int) float64 { return Median(picked(values, rounds)) })
}

// Ratio returns the median of a over that of b, and its 95 % bootstrap interval.
// What was measured in the same round stays together, if there are as many
// rounds of both.
func Ratio(a, b []float64) (ratio, low, high float64) {
	n := min(len(a), len(b))
	if n == 0 {
		return 0, 0, 0
	}
	a, b = a[:n], b[:n]
	low, high = bootstrap(n, func(rounds []int) float64 {
		return Median(picked(a, rounds)) / Median(picked(b, rounds))
	})
	return Median(a) / Median(b), low, high
}

// bootstrap returns where 95 of 100 figures lie that come of n rounds, drawn
// with replacement. The same rounds give the same interval.
func bootstrap(n int, figure func(rounds []int) float64) (low, high float64) {
	if n == 0 {
		return 0, 0
	}
	r := rand.New(rand.NewPCG(1, uint64(n)))
	figures, rounds := make([]float64, resamples), make([]int, n)
	for i := range figures {
		for j := range rounds {
			rounds[j] = r.IntN(n)
		}
		figures[i] = figure(rounds)
	}
	slices.Sort(figures)
	return figures[resamples/40], figures[resamples-1-resamples/40]
}

// picked returns the values of the rounds.
func picked(values []float64, rounds []int) []float64 {
	some := make([]float64, len(rounds))
	for i, round := range rounds {
		some[i] = values[round]
	}
	return some
}
