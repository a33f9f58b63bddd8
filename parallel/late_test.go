package parallel

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// goesOn prints until some time after the end of its context, and fails.
type goesOn struct {
	Text  string
	After time.Duration
}

var printsLate = FuncContext("late.prints", func(ctx context.Context, l goesOn) (int, error) {
	begun, ended := time.Now(), time.Time{}
	for ; ; time.Sleep(2 * time.Millisecond) {
		fmt.Println(l.Text)
		if ended.IsZero() && ctx.Err() != nil {
			ended = time.Now()
		}
		if !ended.IsZero() && time.Since(ended) > l.After || time.Since(begun) > 20*time.Second {
			return EngineID(), errors.New("it ends")
		}
	}
})

// TestLatePrintsBelongToTheirCall ends calls whose items go on to print for a while, in each way in which calls and
// items are ended, and makes others on the same engines meanwhile.
func TestLatePrintsBelongToTheirCall(t *testing.T) {
	var aside buffer
	t.Run("here", func(t *testing.T) { latePrints(t, start(t, 2, Output(&aside, &aside))) })
	t.Run("on nodes", func(t *testing.T) { latePrints(t, onNodes(t, 2, 1, Output(&aside, &aside))) })
	t.Run("on a cluster that lives on", func(t *testing.T) {
		home(t)
		lasting(t, "late", 2)
		latePrints(t, connected(t, "late", Output(&aside, &aside)))
	})
}

func latePrints(t *testing.T, rc *Client) {
	items := []goesOn{{"late", 200 * time.Millisecond}, {"late", 200 * time.Millisecond}}
	begun := func(r *AsyncResult[int]) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); len(r.Stdout()) < 2; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("it does not begin")
			}
		}
	}
	for name, run := range map[string]func() *AsyncResult[int]{
		"Cancel": func() *AsyncResult[int] {
			r := rc.LoadBalanced().MapContext(printsLate, items, ChunkSize(1))
			begun(r)
			r.Cancel()
			return r
		},
		"the end of a context": func() *AsyncResult[int] {
			ctx, cancel := context.WithCancel(t.Context())
			r := rc.All().With(ctx).MapContext(printsLate, items)
			begun(r)
			cancel()
			return r
		},
		"the first error": func() *AsyncResult[int] {
			r := rc.LoadBalanced().MapContext(printsLate, []goesOn{items[0], {"late", 300 * time.Millisecond}}, ChunkSize(1), StopAtError(), ItemTimeout(50*time.Millisecond))
			<-r.Done()
			return r
		},
		"the time of an item, which runs again elsewhere": func() *AsyncResult[int] {
			r := rc.LoadBalanced().MapContext(printsLate, items[:1], ItemTimeout(50*time.Millisecond), Retries(1, 0))
			<-r.Done()
			return r
		},
	} {
		t.Run(name, func(t *testing.T) {
			ended := run()
			for i := range 20 {
				text := fmt.Sprint("next ", i)
				next := rc.All().Apply1(says, printing{Text: text, Times: 2, Nap: time.Millisecond})
				one := rc.LoadBalanced().Apply1(says, printing{Text: "one", Times: 1})
				if _, err := one.Get(); err != nil {
					t.Fatal(err)
				}
				if _, err := next.Get(); err != nil {
					t.Fatal(err)
				}
				if got := next.Stdout(); len(got) != 2 || got[0] != strings.Repeat(text+"\n", 2) || got[0] != got[1] {
					t.Fatal(got)
				}
				if got := one.Stdout(); len(got) != 1 || slices.Collect(maps.Values(got))[0] != "one\n" {
					t.Fatal(got)
				}
			}
			lines := 0
			for _, text := range ended.Stdout() {
				if lines += strings.Count(text, "late\n"); strings.ReplaceAll(text, "late\n", "") != "" {
					t.Errorf("%q", text)
				}
			}
			if lines < 2 {
				t.Errorf("%d lines", lines)
			}
		})
	}
}
