package notebook

import (
	"testing"
	"time"
)

func TestTheLastLineOfARun(t *testing.T) {
	for want, got := range map[string]string{
		"1 cell ran in 2 s":                 summary(1, 0, 1, 2*time.Second),
		"0 of 1 cell ran in 2 s":            summary(0, 0, 1, 2*time.Second),
		"3 cells ran in 2 s":                summary(3, 0, 3, 2*time.Second),
		"1 of 3 cells ran in 2 s, 1 failed": summary(1, 1, 3, 2*time.Second),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
