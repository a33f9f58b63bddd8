package node

import (
	"testing"
	"testing/synctest"
)

// TestOutputWaitsForTheLink queues more than may wait: who prints goes on when it was taken, and when the link has ended.
func TestOutputWaitsForTheLink(t *testing.T) {
	for name, end := range map[string]func(*channel){
		"it was taken": func(c *channel) { c.queue = nil; c.emptied() }, "the link has ended": func(c *channel) { c.ended = true; c.emptied() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &channel{wake: make(chan struct{}, 1)}
				queued := 0
				go func() {
					for range 3 {
						c.sendOutput(news{}, maxOutputs-1)
						queued++
					}
				}()
				for i := range 2 {
					synctest.Wait()
					if c.mu.Lock(); !c.ended && queued != i+1 {
						t.Errorf("%d of 3 were queued", queued)
					}
					end(c)
					c.mu.Unlock()
				}
				synctest.Wait()
				if queued != 3 {
					t.Errorf("%d of 3 were queued in the end", queued)
				}
			})
		})
	}
}
