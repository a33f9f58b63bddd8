package parallel

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"
)

// TestEveryMethodOfAResult asks results all that they can be asked, while they run, wait, and after each way in which they end: the answers
// agree with each other, and none waits.
func TestEveryMethodOfAResult(t *testing.T) {
	t.Run("here", func(t *testing.T) {
		methodsOfResults(t, start(t, 2), func() *Client {
			rc, err := Start(t.Context(), 2)
			if err != nil {
				t.Fatal(err)
			}
			return rc
		})
	})
	t.Run("on a cluster that lives on", func(t *testing.T) {
		home(t)
		lasting(t, "surface", 2)
		methodsOfResults(t, connected(t, "surface"), func() *Client { return connected(t, "surface") })
	})
}

func methodsOfResults(t *testing.T, rc *Client, open func() *Client) {
	items := []int{60_000, 1, 2, 3, 4, 5}
	var running []*AsyncResult[int]
	// long is a call of which all items but the first are done.
	long := func(v *View, o ...Option) *AsyncResult[int] {
		r := v.MapContext(waits, items, append(o, ChunkSize(1))...)
		running = append(running, r)
		done := 0
		for range r.Arriving() {
			if done++; done == len(items)-1 {
				break
			}
		}
		return r
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("that is enough")
	for _, c := range []struct {
		name string
		make func() *AsyncResult[int]
		done int   // items
		err  error // nil for none; errAny for one
		over bool
	}{
		{"it has ended", func() *AsyncResult[int] {
			r := rc.All().Map(squared, items)
			<-r.Done()
			return r
		}, 6, nil, true},
		{"there are no items", func() *AsyncResult[int] { return rc.LoadBalanced().Map(squared, nil) }, 0, nil, true},
		{"some items failed", func() *AsyncResult[int] {
			r := rc.All().MapErr(tableErr, []int{1, 2, 3, 4, 5, 6})
			<-r.Done()
			return r
		}, 6, errOfTable, true},
		{"it runs", func() *AsyncResult[int] { return long(&rc.LoadBalanced().View) }, 5, nil, false},
		{"it was cancelled", func() *AsyncResult[int] {
			r := long(&rc.LoadBalanced().View)
			r.Cancel()
			return r
		}, 5, ErrCancelled, true},
		{"its context ended", func() *AsyncResult[int] {
			r := long(&rc.LoadBalanced().With(ctx).View)
			cancel(why)
			<-r.Done()
			return r
		}, 5, why, true},
		{"its context had ended before", func() *AsyncResult[int] { return rc.All().With(ctx).Map(squared, items) }, 0, why, true},
		{"it was refused", func() *AsyncResult[int] { return rc.Targets(9).Map(squared, items) }, 0, errAny, true},
		{"it waits for another", func() *AsyncResult[int] {
			return rc.All().Map(squared, items, After(long(&rc.LoadBalanced().View)))
		}, 0, nil, false},
		{"it was cancelled while it waited", func() *AsyncResult[int] {
			r := rc.All().Map(squared, items, After(long(&rc.LoadBalanced().View)))
			r.Cancel()
			<-r.Done()
			return r
		}, 0, ErrCancelled, true},
		{"what it waited for failed", func() *AsyncResult[int] {
			r := rc.All().Map(squared, items, After(rc.All().MapErr(tableErr, items)))
			<-r.Done()
			return r
		}, 0, errOfTable, true},
		{"it came after another", func() *AsyncResult[int] {
			r := rc.All().Map(squared, items, After(rc.All().Map(squared, items)))
			<-r.Done()
			return r
		}, 6, nil, true},
		{"all engines were killed", func() *AsyncResult[int] {
			r := long(&rc.LoadBalanced().View)
			for _, id := range rc.IDs() {
				rc.SignalEngine(id, syscall.SIGKILL)
			}
			return r
		}, 5, nil, false},
		{"the client was closed", func() *AsyncResult[int] {
			other := open()
			r := long(&other.LoadBalanced().View)
			other.Close()
			<-r.Done()
			return r
		}, 5, errAny, true},
		{"it comes from a client that was closed", func() *AsyncResult[int] {
			other := open()
			other.Close()
			return other.All().Map(squared, items)
		}, 0, errAny, true},
		{"here", func() *AsyncResult[int] {
			r := rc.Auto().Map(tableSquare, items)
			<-r.Done()
			return r
		}, 6, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.make()
			defer func() {
				for _, r := range running {
					r.Cancel()
				}
				running = nil
			}()
			asked := make(chan string, 1)
			go func() { asked <- askAll(r, c.done, c.over, c.err, rc) }()
			select {
			case wrong := <-asked:
				if wrong != "" {
					t.Error(wrong)
				}
			case <-time.After(30 * time.Second):
				t.Fatal("an answer does not come")
			}
			r.Cancel()
			r.Cancel()
			if _, err := r.Get(); !c.over && !errors.Is(err, ErrCancelled) {
				t.Error("when it has been cancelled:", err)
			}
		})
	}
}

// errAny stands for any error.
var errAny = errors.New("any")

// askAll calls the methods of a result, and says what is wrong about an answer, or "".
func askAll(r *AsyncResult[int], done int, over bool, want error, rc *Client) string {
	if over {
		<-r.Done()
	}
	failure := r.Failure()
	if (failure == nil) != (want == nil) || want != nil && want != errAny && !errors.Is(failure, want) && want != errOfTable {
		return fmt.Sprintf("Failure is %v", failure)
	}
	if over != r.Ready() || over != r.Wait(time.Millisecond) {
		return fmt.Sprint("Ready is ", r.Ready())
	}
	select {
	case <-r.Done():
		if !over {
			return "Done is closed"
		}
	default:
		if over {
			return "Done is not closed"
		}
	}
	if over {
		ys, err := r.Get()
		if fmt.Sprint(err) != fmt.Sprint(failure) {
			return fmt.Sprintf("Get says %v, and Failure %v", err, failure)
		}
		n := 0
		for i, y := range r.All() {
			if i != n || y.Err == nil && y.Value != ys[i] {
				return fmt.Sprintf("All gives %d, %v as number %d", i, y, n)
			}
			n++
		}
		if n != len(ys) {
			return fmt.Sprintf("All gives %d of %d", n, len(ys))
		}
		n = 0
		for range r.Arriving() {
			n++
		}
		if n != done {
			return fmt.Sprintf("Arriving gives %d", n)
		}
	}
	partial, failed := 0, 0
	for _, y := range r.Partial() {
		partial++
		if y.Err != nil {
			failed++
		}
	}
	by := 0
	for _, ys := range r.ByEngine() {
		by += len(ys)
	}
	e := r.Explain()
	if partial != done || by != done-failed || r.Progress() != done || e.Done != done {
		return fmt.Sprintf("%d items are done, Partial gives %d, ByEngine %d of which %d failed, Progress %d, Explain %d", done, partial, by, failed, r.Progress(), e.Done)
	}
	if r.Elapsed() < 0 || r.String() == "" || len(r.Stdout())+len(r.Stderr()) != 0 || e.String() == "" || e.HTML() == "" {
		return fmt.Sprint("it took ", r.Elapsed(), ", printed ", r.Stdout(), r.Stderr(), " and is ", r)
	}
	_, here := r.ByEngine()[Here]
	_, own := rc.lasting(context.Background())
	if own != nil && r.ID() != "" || own == nil && over && done > 0 && !here && r.ID() == "" {
		return fmt.Sprintf("the id is %q", r.ID())
	}
	return ""
}
