package controller

import (
	"fmt"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/launch"
)

// An engine's process that is seen stopped this many times in a row is replaced. Only
// looks of a controller that runs itself count, so what stops both, such as a
// machine that sleeps, ends no engine.
const (
	lookEvery  = 250 * time.Millisecond
	stoppedFor = 6
)

// watch begins to look at the engines' processes, for as long as calls run or
// engines start. The cluster is locked.
func (c *Cluster) watch() {
	if c.watching || c.closed {
		return
	}
	c.watching = true
	if c.watcher == nil {
		c.watcher = time.AfterFunc(lookEvery, c.look)
	} else {
		c.watcher.Reset(lookEvery)
	}
}

// look looks at each process once.
func (c *Cluster) look() {
	c.mu.Lock()
	c.watching = false
	processes := map[*engine]launch.Process{}
	for _, e := range c.engines {
		if e.link != nil || e.coming {
			processes[e] = e.process
		}
	}
	c.mu.Unlock()
	stopped := map[*engine]bool{}
	for e, p := range processes {
		stopped[e] = p.Stopped()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.relieve()
	again := len(c.calls) > 0
	for e, p := range processes {
		again = again || e.coming
		if !stopped[e] || p != e.process {
			e.still = 0
		} else if e.still++; e.still == stoppedFor {
			c.observer.killed(e, "a signal had stopped it")
			p.KillFor(fmt.Sprintf("had been stopped, by a signal such as SIGSTOP, for %v, and was killed", stoppedFor*lookEvery))
		}
	}
	if again {
		c.watch()
	}
}
