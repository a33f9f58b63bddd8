package guard

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/poll"
)

// soon is more than what has to be quick takes on a busy machine.
const soon = 30 * time.Second

func look() {
	if poll.Flag.Load() != 0 {
		poll.Point()
	}
}

//lint:ignore SA5007 it is stopped by the look
func deeper(n int) int { look(); return deeper(n+1) + 1 }

func TestWhatDoesNotReturnIsLeft(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	never := make(chan int)
	for _, c := range []struct {
		name  string
		ctx   context.Context
		limit time.Duration
		f     func()
		want  string
		given bool // giveUp was called
	}{
		{"returns", t.Context(), soon, func() {}, "", false},
		{"panics", t.Context(), soon, func() { panic("no") }, "panics", false},
		{"blocks", t.Context(), 50 * time.Millisecond, func() { <-never }, "does not return within 50ms", true},
		{"loops", t.Context(), 50 * time.Millisecond, func() {
			for {
				look()
			}
		}, "does not return within 50ms", true},
		{"recurses", t.Context(), soon, func() { deeper(0) }, "calls itself without end", false},
		{"is interrupted", cancelled, soon, func() { <-never }, "was interrupted", true},
	} {
		given := false
		did, panicked := Call(c.ctx, c.limit, c.f, func() { given = true })
		if did != c.want || given != c.given || (panicked != nil) != (did == "panics") {
			t.Errorf("%s: %q, %+v, given up %t", c.name, did, panicked, given)
		}
		if panicked != nil && !strings.Contains(panicked.Stack, "guard_test.go") {
			t.Errorf("%s: %s", c.name, panicked.Stack)
		}
	}
}
