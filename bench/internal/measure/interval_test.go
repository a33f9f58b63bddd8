package measure

import (
	"math/rand/v2"
	"testing"
)

func TestInterval(t *testing.T) {
	if low, high := Interval([]float64{3, 3, 3}); low != 3 || high != 3 {
		t.Errorf("of equal values: %v to %v", low, high)
	}
	if low, high := Interval(nil); low != 0 || high != 0 {
		t.Errorf("of nothing: %v to %v", low, high)
	}
	// The median of normal values is within the interval 95 times of 100.
	r, within := rand.New(rand.NewPCG(1, 1)), 0
	for range 400 {
		values := make([]float64, 25)
		for i := range values {
			values[i] = 10 + r.NormFloat64()
		}
		if low, high := Interval(values); low <= 10 && 10 <= high && low < high {
			within++
		}
	}
	if within < 360 || within > 398 {
		t.Errorf("the interval holds the median %d times of 400", within)
	}
}

func TestRatio(t *testing.T) {
	// Rounds that were slow for both sides do not widen the interval.
	a, b := []float64{2, 4, 6, 8, 10}, []float64{1, 2, 3, 4, 5}
	if ratio, low, high := Ratio(a, b); ratio != 2 || low != 2 || high != 2 {
		t.Errorf("%v, %v to %v", ratio, low, high)
	}
	if ratio, _, _ := Ratio(nil, b); ratio != 0 {
		t.Errorf("of nothing: %v", ratio)
	}
}
