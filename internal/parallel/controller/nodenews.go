package controller

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// What a system says of nodes is asked for while somebody waits for it.

// pollEvery is how often an allocation is asked for news, while there may be any.
const pollEvery = time.Second

// name is what people find the node by.
func (p *place) name() string {
	p.nodes.cluster.mu.Lock()
	defer p.nodes.cluster.mu.Unlock()
	if p.state.Name == "" {
		return fmt.Sprintf("node %d", p.index)
	}
	return p.state.Name
}

// nameInWords says where the engines of a node are, in words before those of how one has ended; "" of engines of this machine's own.
func (p *place) nameInWords() string {
	if p == nil || p.node == nil {
		return ""
	}
	return fmt.Sprintf("on %s (%s) ", p.node.Hello.Host, p.name())
}

// how says how a node ended.
func (p *place) how() string {
	p.nodes.cluster.mu.Lock()
	defer p.nodes.cluster.mu.Unlock()
	text := p.state.Reason
	if p.state.Where != "" {
		text += " on " + p.state.Where
	}
	text += cure(p.state.Reason + "\n" + p.state.Tail)
	if p.state.Tail != "" {
		text += "; the last that it printed:\n" + p.state.Tail
	}
	return text
}

// reasonTime limits the wait for what a system says of a node that is gone; soonKnown is how long nobody is told of the end, so
// that the reason can be told with it.
const (
	soonKnown  = 4 * time.Second
	reasonTime = 15 * time.Second
)

// reason waits until the system knows how a node has ended. The lost connection is the truth; this
// is only the reason.
func (p *place) reason(limit time.Duration) string {
	select {
	case <-p.ended:
		if how := p.how(); how != "" {
			return "; " + how
		}
	case <-time.After(limit):
	case <-p.nodes.cluster.closing:
	}
	return ""
}

// poll asks the allocation for news while somebody waits for them.
func (ns *nodes) poll() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-ns.cluster.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	ticks := time.NewTicker(pollEvery)
	defer ticks.Stop()
	said := ""
	for ; ; ns.waitForPoll(ticks.C) {
		if ns.isClosing() {
			return
		}
		if !slices.ContainsFunc(ns.places, func(p *place) bool { return !p.isOver() }) {
			ns.retire()
			return
		}
		if !ns.wanted() {
			continue
		}
		states, err := ns.allocation.Poll(ctx)
		if err != nil && err.Error() != said && ctx.Err() == nil {
			said = err.Error()
			ns.cluster.err.Say("nothing is known of the nodes for now: %v", err)
		}
		if err == nil {
			said = ""
			ns.take(states)
		}
	}
}

// waitForPoll waits for the next poll.
func (ns *nodes) waitForPoll(next <-chan time.Time) {
	select {
	case <-next:
	case <-ns.cluster.closing:
	}
}

// want notes whether news of the node are of use.
func (p *place) want(news bool) {
	p.nodes.cluster.mu.Lock()
	defer p.nodes.cluster.mu.Unlock()
	p.wanted = news
}

// wanted reports whether news of any node are of use.
func (ns *nodes) wanted() bool {
	ns.cluster.mu.Lock()
	defer ns.cluster.mu.Unlock()
	return slices.ContainsFunc(ns.places, func(p *place) bool { return p.wanted })
}

// take takes in what is known of the nodes.
func (ns *nodes) take(states []backend.NodeState) {
	ns.cluster.mu.Lock()
	defer ns.cluster.mu.Unlock()
	for i, state := range states[:min(len(states), len(ns.places))] {
		p := ns.places[i]
		if p.state.Phase == backend.NodeEnded {
			continue
		}
		p.state = state
		if state.Phase == backend.NodeEnded {
			close(p.ended)
		}
	}
}

// pending says what nodes that have not come are doing, if there are such.
func (c *Cluster) pending() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := map[string]int{}
	for _, ns := range c.nodes {
		for _, p := range ns.places {
			select {
			case <-p.came:
			default:
				counts[cmp.Or(p.state.Reason, p.state.Phase.String())]++
			}
		}
	}
	if len(counts) == 0 {
		return ""
	}
	var list []string
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%d %s", counts[text], text))
	}
	return "; nodes: " + strings.Join(list, ", ")
}
