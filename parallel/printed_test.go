package parallel

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

type printing struct {
	Text  string
	Times int
	Nap   time.Duration
}

var says = Func("says", func(p printing) int {
	for range p.Times {
		fmt.Println(p.Text)
		fmt.Fprintln(os.Stderr, "no "+p.Text)
		time.Sleep(p.Nap)
	}
	return EngineID()
})

// TestOutputBelongsToItsCall looks at what calls print that follow each other, and that run at once on the same
// engines.
func TestOutputBelongsToItsCall(t *testing.T) {
	var out, errs buffer
	rc := start(t, 2, Output(&out, &errs))
	settle := func(r *AsyncResult[int]) {
		t.Helper()
		if _, err := r.Get(); err != nil {
			t.Fatal(err)
		}
	}
	count := func(texts map[int]string) (lines map[string]int) {
		lines = map[string]int{}
		for _, text := range texts {
			for line := range strings.Lines(text) {
				lines[line]++
			}
		}
		return lines
	}
	for i := range 50 {
		text := fmt.Sprint("call ", i)
		r := rc.All().Apply1(says, printing{Text: text, Times: 3})
		settle(r)
		if got := r.Stdout(); len(got) != 2 || got[0] != strings.Repeat(text+"\n", 3) || got[1] != got[0] {
			t.Fatal(got)
		}
		if got := count(r.Stderr()); len(got) != 1 || got["no "+text+"\n"] != 6 {
			t.Fatal(got)
		}
	}
	for round := range 5 {
		var rs []*AsyncResult[int]
		for i := range 6 {
			items := make([]printing, 20)
			for k := range items {
				items[k] = printing{fmt.Sprint("together ", round, " ", i), 2, 100 * time.Microsecond}
			}
			view := &rc.LoadBalanced().View
			if i%2 == 0 {
				view = &rc.All().View
			}
			rs = append(rs, view.Map(says, items, ChunkSize(1+i%3)))
		}
		for i, r := range rs {
			settle(r)
			if got := count(r.Stdout()); len(got) != 1 || got[fmt.Sprintf("together %d %d\n", round, i)] != 40 {
				t.Fatal(i, got)
			}
		}
	}
	// All of it went to the writers, too, and no mark with it.
	if text := out.take(); strings.Count(text, "\n") != 50*6+5*6*40 || strings.ContainsAny(text, "\x00\x1b") || !strings.Contains(text, "[stdout:1] call 49\n") {
		t.Errorf("%d lines, %.300q", strings.Count(text, "\n"), text)
	}
	// A call keeps so much and no more.
	r := rc.LoadBalanced().Apply1(says, printing{Text: strings.Repeat("x", 1000), Times: 400})
	settle(r)
	for _, text := range r.Stdout() {
		if len(text) > 257<<10 || !strings.HasSuffix(text, "the rest is not kept\n") {
			t.Error(len(text))
		}
	}
}
