package main

import (
	"testing"
	"time"
)

func TestMissed(t *testing.T) {
	// The middle of 1 ms and 4 ms is 2 ms.
	for took, want := range map[time.Duration]float64{2 * time.Millisecond: 1, 8 * time.Millisecond: 4, time.Millisecond: 2} {
		if got := missed(took)(time.Millisecond, 4*time.Millisecond); got < 0.999*want || got > 1.001*want {
			t.Errorf("between 1 and 4 ms, and it took %v: a factor of %v, want %v", took, got, want)
		}
	}
}

func TestJudgePredictions(t *testing.T) {
	of := func(miss, inside, work, faster float64) prediction {
		return prediction{cell: cell{shape: "uniform"}, wasteful: miss, repeated: 1, inside: inside, width: 3, work: work, faster: faster}
	}
	goals, notes := judgePredictions([]prediction{
		of(1.1, 1, 4, 2),     // engines were said to pay, and did
		of(1.2, 1, 0.1, 0.2), // were said not to pay
		of(1.3, 0, 1.2, 0.9), // too near to say
		of(9, 0, 3, 0.5),     // were said to pay, and did not
	})
	for i, want := range []float64{1.3, 9, 1, 1, 2. / 3} {
		if goals[i].Reached != want {
			t.Errorf("goal %q: %v, want %v", goals[i].Text, goals[i].Reached, want)
		}
	}
	if goals[0].Met() || goals[1].Met() || !goals[2].Met() || !goals[3].Met() || goals[4].Met() {
		t.Errorf("goals: %+v", goals)
	}
	if len(notes) != 3 {
		t.Errorf("notes: %q", notes)
	}
}
