package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/cluster"
	"github.com/goparallel/goparallel/internal/parallel/codec"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// record is a call with all that has come of it. Clients subscribe to it from its beginning, each at its own
// pace, whether they asked for the call or fetched it.
type record struct {
	id      string
	began   time.Time
	asked   cluster.Submission
	values  [][]byte // blocks of its captures and reads
	items   codec.Apart
	program program // whose function it is

	mu      sync.Mutex
	more    chan struct{} // closed when there are more events
	events  []event
	done    []bool // items that are finished and did not fail
	count   int    // of finished items
	failed  int
	bytes   int64 // of payloads in memory
	end     *cluster.End
	elapsed time.Duration
	file    *journal                // nil while the call is in memory alone
	most    int64                   // bytes that are kept
	note    string                  // why results are not kept
	stop    context.CancelCauseFunc // nil while the call does not run
	report  *backend.Report

	said          map[[2]int]int         // bytes that are kept of what an engine says on an output
	subscriptions map[*subscription]bool // who is sent the events now
}

// event is one message to those who subscribe to a call: whole frames of results, which items are done, and the end.
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
	return &record{id: id, began: time.Now(), asked: asked, done: make([]bool, asked.Items), more: make(chan struct{}),
		said: map[[2]int]int{}, subscriptions: map[*subscription]bool{}}
}

// small is the size up to which what is in the file of a call stays in memory as well.
const small = 4 << 10

// add appends an event. The record is locked.
func (r *record) add(e event) {
	r.bytes += e.size()
	r.keep(&e)
	r.events = append(r.events, e)
	close(r.more)
	r.more = make(chan struct{})
}

// keep writes an event to the call's file, if it has one. The record is locked.
func (r *record) keep(e *event) {
	if r.file == nil || r.note != "" {
		return
	}
	err := errMost
	if r.bytes <= r.most {
		e.at, err = r.file.write(*e)
	}
	if err != nil {
		r.unkept(err)
		return
	}
	if e.size() > small {
		e.payload, e.blocks, e.dropped = nil, nil, true
	}
}

var errMost = errors.New("they are more than the cluster keeps")

// unkept notes that what comes of the call is in memory alone from now on, and lost when the cluster ends. The file
// is unlinked, and stays open for those who read in it. The record is locked.
func (r *record) unkept(why error) {
	r.note = fmt.Sprintf("results are not kept on disk: %v", why)
	if r.file != nil {
		os.Remove(r.file.path)
	}
}

// write begins the file of a call that has none.
func (r *record) write(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file != nil || r.note != "" || r.end != nil {
		return
	}
	j, err := createJournal(path, r)
	if err != nil {
		r.unkept(err)
		return
	}
	r.file = j
	for i := range r.events {
		r.keep(&r.events[i])
	}
}

// finish notes the end of the call. What is in its file leaves memory.
func (r *record) finish(end *cluster.End) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file != nil && r.note == "" {
		payload, err := wire.EncodePayload(end)
		if err == nil {
			_, err = r.file.write(event{kind: wire.Ended, payload: payload})
		}
		if err != nil {
			r.unkept(err)
		} else {
			r.items, r.values = codec.Apart{}, nil
			r.file.close()
		}
	}
	r.end, r.stop = end, nil
	close(r.more)
	r.more = make(chan struct{})
}

// drop forgets the call: its file goes.
func (r *record) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file != nil {
		r.file.remove()
		r.file = nil
	}
	r.events = nil
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
		ID: r.id, Function: r.asked.Shown, Label: r.asked.Label, Program: r.program.name(), State: r.runs(),
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

// runs is the state of a call that has not ended.
func (r *record) runs() string {
	if r.stop == nil && r.file != nil {
		return "interrupted"
	}
	return "running"
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
	if !e.dropped {
		return e.payload, e.blocks, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil, nil, fmt.Errorf("the call %s was purged", r.id)
	}
	read, _, err := r.file.read(e.at, true)
	if err != nil {
		return nil, nil, fmt.Errorf("the results of the call %s cannot be read: %w", r.id, err)
	}
	return read.payload, read.blocks, nil
}

// interrupt notes that the cluster ends before the call. Who subscribes to it hears that from the connection's end.
func (r *record) interrupt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop = nil
}

// goOn makes the record that of a call that goes on, of which nothing has failed.
func (r *record) goOn() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.readItems()
	if err == nil {
		err = r.forgetFailures()
	}
	if err != nil || r.file == nil || r.note != "" {
		return err
	}
	if err = r.file.reopen(); err == nil {
		_, err = r.file.write(event{kind: entryAgain})
	}
	return err
}

// forgetFailures makes the events those of a call of which nothing has failed. The record
// is locked.
func (r *record) forgetFailures() error {
	var events []event
	for _, e := range r.events {
		if e.kind != wire.Arrived {
			events = append(events, e)
			continue
		}
		var landed cluster.Landed
		content := e
		if e.dropped {
			read, _, err := r.file.read(e.at, true)
			if err != nil {
				return err
			}
			content = read
		}
		if err := wire.DecodePayload(content.payload, &landed); err != nil {
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
