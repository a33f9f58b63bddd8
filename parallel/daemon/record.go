package daemon

import (
	"context"
	"sync"
	"time"

	"github.com/goparallel/goparallel/parallel/backend"
	"github.com/goparallel/goparallel/parallel/cluster"
	"github.com/goparallel/goparallel/parallel/codec"
	"github.com/goparallel/goparallel/parallel/wire"
)

// record is a call with all that has come of it. Clients follow it from its beginning, each at its own
// pace, whether they asked for the call or fetched it.
type record struct {
	id      string
	began   time.Time
	asked   cluster.Submission
	values  [][]byte // blocks of its captures and reads
	items   codec.Apart
	program program // whose function it is
	client  string  // who asked

	mu      sync.Mutex
	more    chan struct{} // closed when there are more events
	events  []event
	done    []bool // items that are finished and did not fail
	count   int    // of finished items
	failed  int
	bytes   int64 // of payloads in memory
	end     *cluster.End
	elapsed time.Duration
	note    string                  // why results are not kept
	stop    context.CancelCauseFunc // nil while the call does not run
	report  *backend.Report
}

// event is one message to those who follow a call: whole frames of results, which items are done, and the end.
type event struct {
	kind         wire.Kind
	first, count int
	payload      []byte
	blocks       [][]byte
	dropped      bool  // payload and blocks are in the file alone, at
	at           int64 // if there is one
}

// size is the number of bytes of an event.
func (e *event) size() (n int64) {
	n = int64(len(e.payload))
	for _, b := range e.blocks {
		n += int64(len(b))
	}
	return n
}

func newRecord(id string, asked cluster.Submission) *record {
	return &record{id: id, began: time.Now(), asked: asked, done: make([]bool, asked.Items), more: make(chan struct{})}
}

// add appends an event. The record is locked.
func (r *record) add(e event) {
	r.events = append(r.events, e)
	r.bytes += e.size()
	close(r.more)
	r.more = make(chan struct{})
}

// after returns an event, or a channel that is closed when there are more; neither once the call has
// ended and all events were had.
func (r *record) after(seen int) (*event, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case seen < len(r.events):
		e := r.events[seen]
		return &e, nil
	case r.end != nil:
		return nil, nil
	}
	return nil, r.more
}

// state is what becomes of the call.
func (r *record) state() backend.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := backend.Record{
		ID: r.id, Function: r.asked.Shown, Label: r.asked.Label, Program: r.program.name(), State: "running",
		Items: r.asked.Items, Done: r.count, Failed: r.failed, Began: r.began.UnixNano(), Elapsed: time.Since(r.began), Bytes: r.bytes, Note: r.note,
	}
	if r.end != nil {
		s.State, s.Error, s.Elapsed = "done", r.end.Error, r.elapsed
		if r.end.Error != "" || r.failed > 0 {
			s.State = "failed"
		}
	}
	return s
}

// landed notes which items have arrived. The record is locked.
func (r *record) landed(first, count int, failures []cluster.Failure) {
	for i := first; i < first+count; i++ {
		r.done[i] = true
	}
	for _, f := range failures {
		r.done[f.Item] = false
	}
	r.count, r.failed = r.count+count, r.failed+len(failures)
}

// cancel ends the call, if it runs.
func (r *record) cancel() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil {
		r.stop(errCancelled)
	}
}

// content is what an event says.
func (r *record) content(e *event) (payload []byte, blocks [][]byte, err error) {
	return e.payload, e.blocks, nil
}

// forgetFailures makes the events those of a call of which nothing has failed.
func (r *record) forgetFailures() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var events []event
	for _, e := range r.events {
		if e.kind != wire.Arrived {
			events = append(events, e)
			continue
		}
		var landed cluster.Landed
		if err := wire.DecodePayload(e.payload, &landed); err != nil {
			return err
		}
		if len(landed.Failures) == 0 {
			events = append(events, e)
			continue
		}
		payload, err := wire.EncodePayload(cluster.Landed{Engine: landed.Engine})
		if err != nil {
			return err
		}
		for i := e.first; i < e.first+e.count; i++ {
			if r.done[i] {
				events = append(events, event{kind: wire.Arrived, first: i, count: 1, payload: payload})
			}
		}
	}
	r.events, r.failed, r.count = events, 0, 0
	for _, done := range r.done {
		if done {
			r.count++
		}
	}
	return nil
}

// missing are the runs of items that are not done, or failed.
func (r *record) missing() (spans [][2]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := 0; i < len(r.done); i++ {
		if r.done[i] {
			continue
		}
		first := i
		for i < len(r.done) && !r.done[i] {
			i++
		}
		spans = append(spans, [2]int{first, i - first})
	}
	return spans
}
