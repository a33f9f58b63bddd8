package controller

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Between looks whether there are too few engines or too many.
const adaptEvery = time.Second

// A submission that failed is tried again after a pause, which doubles.
const (
	firstBackOff = 15 * time.Second
	maxBackOff   = 10 * time.Minute
)

// ahead is how much work, for each engine, is no reason for another one: less is done before that
// would be of use. Where engines have taken longer to come, so long.
const ahead = 5 * time.Second

// settled is how long engines that were asked for must have been there for their loss to be no failure of the submission: else a node that ends
// as soon as it is there would be asked for again and again.
const settled = time.Minute

// adapter makes a cluster larger and smaller, and replaces what is lost with its node. Its fields belong to its goroutine.
type adapter struct {
	cluster *Cluster
	limits  backend.Adaptation
	tooMany time.Time // since when there are more than are wanted; zero if there are not
	backOff time.Duration
	next    time.Time       // when engines may be asked for again
	comes   time.Duration   // how long the last ones took to come
	came    time.Time       // when; zero after a failure
	lost    map[*place]bool // nodes whose loss was noted

	// ask is Cluster.enlarge.
	ask func(ctx context.Context, n int, ready chan started) ([]*engine, error)
}

func newAdapter(c *Cluster, limits backend.Adaptation) *adapter {
	return &adapter{cluster: c, limits: limits, lost: map[*place]bool{}, ask: c.enlarge}
}

// run works until the cluster is closed. There is one submission at a time: what was asked for and has not
// come counts as there, and while nobody knows of it nothing more is asked for.
func (a *adapter) run() {
	ticks := time.NewTicker(adaptEvery)
	defer ticks.Stop()
	coming := make(chan started)
	var added []*engine // that were asked for and have neither come nor failed
	var asked time.Time
	for {
		select {
		case s := <-coming:
			added = slices.DeleteFunc(added, func(e *engine) bool { return e == s.e })
			a.take(s, time.Since(asked))
			continue
		case <-ticks.C:
		case <-a.cluster.closing:
			return
		}
		a.noteLost()
		want, have := a.wanted()
		switch {
		case want > have && len(added) == 0 && time.Now().After(a.next):
			n := want - have
			ready := make(chan started, n)
			var err error
			asked = time.Now()
			if added, err = a.ask(context.Background(), n, ready); err != nil {
				added = nil
				a.failed(err)
				continue
			}
			a.tooMany = time.Time{}
			a.cluster.group.Go(func() {
				for range n {
					s := <-ready
					select {
					case coming <- s:
					case <-a.cluster.closing:
					}
				}
			})
		case want >= have+len(added):
			a.tooMany = time.Time{}
		case a.tooMany.IsZero():
			a.tooMany = time.Now()
		case time.Since(a.tooMany) >= a.limits.Idle:
			for _, e := range added { // those that still wait are the first that nobody needs
				e.end("it is not needed any more")
			}
			a.shrink(have - want)
		}
	}
}

// take lets calls have an engine that has come, or notes that one has not.
func (a *adapter) take(s started, took time.Duration) {
	c := a.cluster
	if s.err == nil {
		a.comes, a.came = took, time.Now()
		c.mu.Lock()
		defer c.mu.Unlock()
		if !s.e.removed {
			s.e.joins()
		}
		return
	}
	c.mu.Lock()
	unwanted := s.e.removed
	c.mu.Unlock()
	if !unwanted && s.err != ErrClosed {
		s.e.end(s.err.Error())
		a.failed(s.err)
	}
}

// failed puts the next submission off.
func (a *adapter) failed(err error) {
	if time.Now().Before(a.next) {
		return // one of several that failed together
	}
	if a.settled() {
		a.backOff = 0
	}
	a.came = time.Time{}
	a.backOff = min(maxBackOff, max(firstBackOff, 2*a.backOff))
	a.next = time.Now().Add(a.backOff)
	a.cluster.err.Say("no more engines for now, the next attempt is in %v: %v", a.backOff, err)
}

// settled reports whether what came last has been there long enough.
func (a *adapter) settled() bool { return !a.came.IsZero() && time.Since(a.came) >= settled }

// noteLost notes the nodes that were lost, or will be, and removes the engines of those that are gone, the last ones excepted: calls wait on these for
// others to come.
func (a *adapter) noteLost() {
	c := a.cluster
	var gone []*engine
	var failed error
	c.mu.Lock()
	left := 0
	for _, e := range c.engines {
		p := e.place
		switch {
		case e.apart:
			continue
		case !p.isDeparting():
			left++
			continue
		case p.isOver():
			gone = append(gone, e)
		}
		if a.lost[p] {
			continue
		}
		if p.node == nil {
			failed = p.err
		} else if !a.came.IsZero() && !a.settled() {
			failed = fmt.Errorf("%s is lost, and others came less than %v ago", cmp.Or(p.state.Name, "a node"), settled)
		}
		a.lost[p] = true
	}
	c.mu.Unlock()
	if failed != nil {
		a.failed(failed)
	}
	if left == 0 {
		return
	}
	for _, e := range gone {
		delete(a.lost, e.place)
		e.end("its node is gone: " + e.place.err.Error())
	}
}

// wanted returns how many engines would be best, and how many there are that will stay. What waits on a node that has not come is there; what is on
// one that will end is not.
func (a *adapter) wanted() (want, have int) {
	c := a.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.engines {
		if !e.apart && !e.place.isDeparting() {
			have++
		}
	}
	horizon := max(ahead, a.comes)
	for _, call := range c.calls {
		left := call.job.Items - call.report.Done
		if !call.joinable() {
			want = max(want, len(call.targets))
			continue
		}
		item := time.Duration(call.schedule.Cost().Mean)
		if call.report.Done == 0 { // it takes at least as long as nothing has come back
			item = max(item, time.Since(call.start))
		}
		engines := math.Ceil(float64(left) * float64(item) / float64(horizon))
		want += min(left, int(min(engines, float64(a.limits.Max))))
	}
	return min(max(want, a.limits.Min), a.limits.Max), have
}

// shrink removes so many engines that have nothing to do.
func (a *adapter) shrink(n int) {
	c := a.cluster
	c.mu.Lock()
	var idle []*engine
	var first *engine
	busy := map[*place]bool{}
	for _, e := range c.engines {
		if e.removed || e.apart || e.place.isDeparting() {
			continue
		}
		if first == nil {
			first = e
		}
		if e.link == nil || len(e.sent) > 0 || len(e.pushed) > 0 { // what it keeps is of use to somebody
			busy[e.place] = true
		} else {
			idle = append(idle, e)
		}
	}
	if first != nil {
		busy[first.place] = true
	}
	ends := surplus(idle, busy, n)
	for _, e := range ends {
		e.apart = true
	}
	c.mu.Unlock()
	for _, e := range ends {
		e.end("it had nothing to do for " + a.limits.Idle.String())
	}
}

// surplus chooses at most n of the engines, the last ones first, and of nodes all or none: what is left of one would be paid
// for all the same. The nodes that are busy stay, and the first one always does: if it went for a larger one that is as many engines
// as are wanted now, that one could not go when fewer are wanted.
func surplus(idle []*engine, busy map[*place]bool, n int) (ends []*engine) {
	ofPlace := map[*place]int{}
	for _, e := range idle {
		ofPlace[e.place]++
	}
	for _, e := range slices.Backward(idle) {
		if e.place != nil && (busy[e.place] || ofPlace[e.place] > n) {
			continue
		}
		if n--; n < 0 {
			break
		}
		if e.place != nil {
			ofPlace[e.place]--
		}
		ends = append(ends, e)
	}
	return ends
}
