package controller

import "testing"

// TestNumbersOfManyEngines: what is said of a thousand engines stays a line.
func TestNumbersOfManyEngines(t *testing.T) {
	var engines []*engine
	for id := range 1000 {
		engines = append(engines, &engine{id: id})
	}
	for n, want := range map[int]string{
		1: "engine 0", 2: "engines 0, 1", 16: "engines 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15",
		1000: "engines 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 984 more",
	} {
		if got := numbers(engines[:n]); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
