package main

import (
	"testing"

	"github.com/goparallel/goparallel/parallel"
)

func TestMain(m *testing.M) { parallel.TestMain(m) }

func TestValidate(t *testing.T) {
	data := sample(300, 20)
	scores, err := validate(data, 5)
	if err != nil || len(scores) != 7 {
		t.Fatal(scores, err)
	}
	// The noise has a variance of 9. Too weak a ridge learns it, too strong a one learns nothing.
	if best := scores[4].Error; best < 8 || best > 10 || scores[0].Error <= best || scores[6].Error <= best {
		t.Error(scores)
	}
	if _, err := fit(Data{1, []float64{0, 0}, []float64{1, 1}}, Trial{Folds: 2}); err == nil {
		t.Error("a singular matrix was solved")
	}
}
