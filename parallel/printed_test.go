package parallel

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/daemon"
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
	t.Run("here", func(t *testing.T) {
		var out, errs buffer
		outputBelongsToItsCall(t, start(t, 2, Output(&out, &errs)), &out)
	})
	t.Run("on nodes", func(t *testing.T) {
		var out, errs buffer
		outputBelongsToItsCall(t, onNodes(t, 2, 1, Output(&out, &errs)), &out)
	})
	t.Run("on a cluster that lives on", func(t *testing.T) {
		home(t)
		lasting(t, "printing", 2)
		var out, errs, others buffer
		other := connected(t, "printing", Output(&others, &others))
		outputBelongsToItsCall(t, connected(t, "printing", Output(&out, &errs)), &out)
		if text := others.take(); text != "" {
			t.Errorf("another client was told %.300q", text)
		}
		// Who fetches a call is told what it has printed.
		r := other.All().Apply1(says, printing{Text: "kept", Times: 2, Nap: 200 * time.Millisecond})
		r.Get()
		others.take()
		again, err := other.Fetch[int](t.Context(), r.ID())
		if err != nil {
			t.Fatal(err)
		}
		again.Get()
		if got := again.Stdout(); got[1] != "kept\nkept\n" || len(got) != 2 || again.Stderr()[0] != "no kept\nno kept\n" {
			t.Error(got, again.Stderr())
		}
		if text := others.take(); strings.Count(text, "[stdout:0] kept\n") != 2 {
			t.Errorf("%q", text)
		}
	})
}

func outputBelongsToItsCall(t *testing.T, rc *Client, out *buffer) {
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
	// Of calls that nobody waits for, and of one that comes after another, and of Auto's.
	first := rc.All().Apply1(says, printing{Text: "first", Times: 1})
	<-first.Done()
	second := rc.All().Apply1(says, printing{Text: "second", Times: 1})
	third := rc.All().Apply1(says, printing{Text: "third", Times: 1}, After(second))
	settle(third)
	settle(second)
	for text, r := range map[string]*AsyncResult[int]{"first": first, "second": second, "third": third} {
		if got := r.Stdout(); len(got) != 2 || got[0] != text+"\n" || got[1] != got[0] {
			t.Error(text, got)
		}
	}
	out.take()
	// A call keeps so much and no more, and all of it is passed on.
	r := rc.LoadBalanced().Apply1(says, printing{Text: strings.Repeat("x", 1000), Times: 400})
	settle(r)
	if text := out.take(); strings.Count(text, "\n") != 400 {
		t.Errorf("%d lines of 400", strings.Count(text, "\n"))
	}
	for _, text := range r.Stdout() {
		if len(text) > 257<<10 || !strings.HasSuffix(text, "the rest is not kept\n") {
			t.Error(len(text))
		}
	}
}

// TestWhatWasPrintedIsFoundAgain fetches a call after the controller that ran it was stopped and another one has read it from disk, also where so much was
// printed that not all of it is kept.
func TestWhatWasPrintedIsFoundAgain(t *testing.T) {
	home(t)
	run := func(do func(rc *Client)) {
		ctx, stop := context.WithCancel(t.Context())
		d, err := daemon.Start(ctx, daemon.Options{Name: "again", Engines: 2})
		if err != nil {
			t.Fatal(err)
		}
		var out buffer
		do(connected(t, "again", Output(&out, &out)))
		stop()
		d.Wait()
	}
	var few, much string
	run(func(rc *Client) {
		r := rc.All().Apply1(says, printing{Text: "kept", Times: 3, Nap: 150 * time.Millisecond})
		many := rc.Targets(1).Apply1(says, printing{Text: strings.Repeat("x", 1000), Times: 400, Nap: time.Millisecond})
		for _, r := range []*AsyncResult[int]{r, many} {
			if _, err := r.Get(); err != nil {
				t.Error(err)
			}
		}
		few, much = r.ID(), many.ID()
	})
	run(func(rc *Client) {
		r, err := rc.Fetch[int](t.Context(), few)
		if err != nil {
			t.Fatal(err)
		}
		if ids, err := r.Get(); err != nil || len(ids) != 2 || r.Stdout()[1] != "kept\nkept\nkept\n" || r.Stderr()[0] != "no kept\nno kept\nno kept\n" {
			t.Error(ids, err, r.Stdout(), r.Stderr())
		}
		if r, err = rc.Fetch[int](t.Context(), much); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Get(); err != nil || len(r.Stdout()[1]) < 200<<10 || len(r.Stdout()[1]) > 257<<10 {
			t.Error(err, len(r.Stdout()[1]))
		}
	})
}
