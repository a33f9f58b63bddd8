package parallel

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Two clients in one process have nothing in common: what engines keep, what they print, what is shown while somebody
// waits, tags, history of costs, what is explained, and their ends.
func TestTwoClientsShareNothing(t *testing.T) {
	type side struct {
		rc       *Client
		out, err buffer
		mu       sync.Mutex
		shown    []Progress
	}
	sides := [2]*side{{}, {}}
	for _, s := range sides {
		rc, err := Start(context.Background(), 1, Output(&s.out, &s.err), ShowProgress(func() func(Progress) {
			return func(p Progress) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.shown = append(s.shown, p)
			}
		}))
		if err != nil {
			t.Fatal(err)
		}
		defer rc.Close()
		s.rc = rc
	}
	one, other := sides[0], sides[1]
	if one.rc.Pid(0) == other.rc.Pid(0) {
		t.Error("they have one engine")
	}
	if err := one.rc.All().Push("xs", 1); err != nil {
		t.Fatal(err)
	}
	if got, err := other.rc.All().Pull[int]("xs"); err == nil {
		t.Error("what was pushed to one is on the other's engine:", got)
	}
	if err := one.rc.Tag("mine", 0); err != nil {
		t.Fatal(err)
	}
	if tagged := other.rc.Tagged("mine"); len(tagged) > 0 {
		t.Error("what one has tagged is the other's:", tagged)
	}
	before := other.rc.Status(t.Context()).Engines[0].Done
	view := one.rc.LoadBalanced()
	if _, err := view.MapSync(napped, many(2, 700), ChunkSize(1)); err != nil {
		t.Fatal(err)
	}
	one.mu.Lock()
	if len(one.shown) == 0 || !one.shown[len(one.shown)-1].Over {
		t.Error("progress was shown as", one.shown)
	}
	one.mu.Unlock()
	if len(other.shown) > 0 {
		t.Error("the other shows progress:", other.shown)
	}
	if e := other.rc.LoadBalanced().Explain(); e.Items != 0 {
		t.Error("the other's view explains", e)
	}
	if status := other.rc.Status(t.Context()); status.Engines[0].Done != before {
		t.Error("the other's engine has done items:", status)
	}
	if _, err := one.rc.All().MapSync(say, []string{"said"}); err != nil {
		t.Fatal(err)
	}
	awaitSo(t, func() bool { return strings.Contains(one.out.peek(), "said") })
	if text := other.out.peek() + other.err.peek(); text != "" {
		t.Errorf("the other prints %q", text)
	}
	if err := one.rc.Close(); err != nil {
		t.Fatal(err)
	}
	if ys, err := other.rc.All().MapSync(pow10, []int{2}); err != nil || !slices.Equal(ys, []int{1024}) {
		t.Error("after the end of one:", ys, err)
	}
	if ids := other.rc.IDs(); !slices.Equal(ids, []int{0}) {
		t.Error(ids)
	}
}
