package contest

import (
	"math"

	"github.com/goparallel/goparallel/bench/internal/spin"
)

// Pow10 is the post's function.
func Pow10(x int) float64 { return math.Pow(float64(x), 10) }

// Numbers returns the post's items, which are 0, 1, 2 and so on.
func (t Task) Numbers() []int {
	items := make([]int, t.Items)
	for i := range items {
		items[i] = i
	}
	return items
}

// Rounds returns the items of Spin: how often each goes round [spin.Work].
func (t Task) Rounds() []int {
	if t.Costs != nil {
		return spin.RoundsOf(t.Costs)
	}
	items, n := make([]int, t.Items), spin.Rounds(t.Work)
	for i := range items {
		items[i] = n
	}
	return items
}
