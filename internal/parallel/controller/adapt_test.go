package controller

import (
	"slices"
	"testing"
)

// TestSurplusLeavesWhatCanGoLater takes engines from nodes of 1, 2 and 2, as many as are too many at each step: whatever the steps
// are, at last the first node is left, and no node is ever cut in two.
func TestSurplusLeavesWhatCanGoLater(t *testing.T) {
	for _, steps := range [][]int{{1}, {4, 1}, {3, 1}, {2, 1}, {4, 3, 2, 1}, {3, 2, 1}} {
		places := []*place{{}, {}, {}}
		var engines []*engine
		for id, of := range []int{0, 1, 1, 2, 2} {
			engines = append(engines, &engine{id: id, place: places[of]})
		}
		for _, want := range steps {
			ends := surplus(engines, map[*place]bool{engines[0].place: true}, len(engines)-want)
			engines = slices.DeleteFunc(engines, func(e *engine) bool { return slices.Contains(ends, e) })
			left := map[*place]int{}
			for _, e := range engines {
				left[e.place]++
			}
			if left[places[1]] == 1 || left[places[2]] == 1 || len(engines) < want {
				t.Errorf("%v: %d are wanted, and of the nodes are left %d, %d, %d", steps, want, left[places[0]], left[places[1]], left[places[2]])
			}
		}
		if len(engines) != 1 {
			t.Errorf("%v: %d engines are left", steps, len(engines))
		}
	}
}
