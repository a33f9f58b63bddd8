package parallel

import (
	"slices"
	"sync"

	"github.com/goparallel/goparallel/parallel/backend"
)

// latest is what this process started and called last, for those who ask without
// naming a client or a view, as %explain and %overhead do.
var latest struct {
	sync.Mutex
	clients []*Client // those not closed, in the order of their start
	call    backend.Call
}

// LastClient returns the client that was started last and is not closed, or nil.
func LastClient() *Client {
	latest.Lock()
	defer latest.Unlock()
	if n := len(latest.clients); n > 0 {
		return latest.clients[n-1]
	}
	return nil
}

// LastExplanation explains the last call of any view in this process; ok is false
// where there was none. The call may still run.
func LastExplanation() (e Explanation, ok bool) {
	latest.Lock()
	call := latest.call
	latest.Unlock()
	if call == nil {
		return Explanation{}, false
	}
	return explanation(call.Report()), true
}

// opened notes a client that was started.
func opened(rc *Client) *Client {
	latest.Lock()
	defer latest.Unlock()
	latest.clients = append(latest.clients, rc)
	return rc
}

// closed forgets a client.
func closed(rc *Client) {
	latest.Lock()
	defer latest.Unlock()
	latest.clients = slices.DeleteFunc(latest.clients, func(c *Client) bool { return c == rc })
}

// called notes a call as the last one of its view and of the process.
func (v *View) called(call backend.Call) {
	v.mu.Lock()
	v.last = call
	v.mu.Unlock()
	latest.Lock()
	latest.call = call
	latest.Unlock()
}
