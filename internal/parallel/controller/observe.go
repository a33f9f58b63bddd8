package controller

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// observer tells of what happens, by numbers and by records. Both reach who wants them from goroutines of their own, since a
// handler may wait, and those that tell hold the cluster's lock.
type observer struct {
	backend.Observer
	figures *figures // nil for none
	records chan slog.Record
	done    sync.WaitGroup

	mu     sync.Mutex
	lost   int // records that the handler was too slow for
	closed bool
}

// waitingRecords limits the records that wait for the handler.
const waitingRecords = 1024

func newObserver(o backend.Observer) *observer {
	w := &observer{Observer: o}
	if o.Metrics != nil {
		w.figures = &figures{metrics: o.Metrics}
	}
	if o.Log != nil {
		w.records = make(chan slog.Record, waitingRecords)
		w.done.Go(w.write)
	}
	return w
}

// write gives records to the handler.
func (o *observer) write() {
	for r := range o.records {
		o.mu.Lock()
		lost := o.lost
		o.lost = 0
		o.mu.Unlock()
		if lost > 0 {
			r.AddAttrs(slog.Int("lost_before", lost))
		}
		o.Log.Handle(context.Background(), r) // where nothing can be written, nobody can be told
	}
}

// close tells and writes what waits. What happens afterwards is not told.
func (o *observer) close() {
	if o.figures != nil {
		o.figures.close()
	}
	if o.records == nil {
		return
	}
	o.mu.Lock()
	o.closed = true
	close(o.records)
	o.mu.Unlock()
	o.done.Wait()
}

// wants reports whether records of a level are written. What is told with each call asks before it makes one.
func (o *observer) wants(level slog.Level) bool {
	return o.Log != nil && o.Log.Enabled(context.Background(), level)
}

// say writes a record.
func (o *observer) say(level slog.Level, message string, attrs ...slog.Attr) {
	if !o.wants(level) {
		return
	}
	r := slog.NewRecord(time.Now(), level, message, 0)
	r.AddAttrs(attrs...)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	select {
	case o.records <- r:
	default:
		o.lost++
	}
}

// count adds to a counter of an engine, or, with nil, of the cluster.
func (o *observer) count(c backend.Counter, e *engine, n int) {
	if o.figures != nil && n > 0 {
		o.figures.add(e, func(t *totals) { t.counted[c] += n })
	}
}

// began tells of a call that begins.
func (o *observer) began(call *Call) {
	o.count(backend.Calls, nil, 1)
	if o.wants(slog.LevelDebug) {
		o.say(slog.LevelDebug, "call began", call.attrs()...)
	}
}

// callEnded tells of a call that has ended.
func (o *observer) callEnded(call *Call) {
	if o.figures != nil {
		o.figures.add(nil, func(t *totals) { o.figures.took(t, backend.CallTime, call.report.Elapsed) })
	}
	level := slog.LevelDebug
	if call.err != nil {
		o.count(backend.CallFailures, nil, 1)
		level = slog.LevelWarn
	}
	if !o.wants(level) {
		return
	}
	attrs := append(call.attrs(), slog.Int("done", call.report.Done), slog.Int("failed", len(call.failures)), slog.Duration("elapsed", call.report.Elapsed))
	if call.err != nil {
		attrs = append(attrs, slog.Any("error", call.err))
	}
	o.say(level, "call ended", attrs...)
}

// attrs says which call it is.
func (call *Call) attrs() []slog.Attr {
	return []slog.Attr{slog.Uint64("call", call.id), slog.String("function", call.job.Function.String()), slog.String("label", call.job.Label), slog.Int("items", call.job.Items)}
}

// answered tells of a frame.
func (o *observer) answered(e *engine, items, out, in int, run, wire time.Duration) {
	if o.figures == nil {
		return
	}
	o.figures.add(e, func(t *totals) {
		t.counted[backend.Frames]++
		t.counted[backend.Items] += items
		t.counted[backend.BytesOut] += out
		t.counted[backend.BytesIn] += in
		o.figures.took(t, backend.FrameRun, run)
		o.figures.took(t, backend.FrameWire, wire)
	})
}

// started tells of a process that has connected.
func (o *observer) started(e *engine) {
	o.count(backend.EngineStarts, e, 1)
	o.say(slog.LevelInfo, "engine started", slog.Int("engine", e.id), slog.Int("pid", e.process.Pid()))
}

// ended tells of a process that has ended, and of the items that run again for it.
func (o *observer) ended(e *engine, how string, redone int) {
	o.count(backend.EngineDeaths, e, 1)
	o.say(slog.LevelWarn, "engine ended", slog.Int("engine", e.id), slog.String("how", how), slog.Int("redone", redone))
}

// killed tells of a process that the controller ends.
func (o *observer) killed(e *engine, why string) {
	o.count(backend.EngineKills, e, 1)
	o.say(slog.LevelWarn, "engine killed", slog.Int("engine", e.id), slog.String("why", why))
}

// missed tells that no process could be started.
func (o *observer) missed(e *engine, why string) {
	o.count(backend.EngineFailures, e, 1)
	o.say(slog.LevelError, "engine did not start", slog.Int("engine", e.id), slog.String("why", why))
}

// retried tells of an item that runs again.
func (o *observer) retried(e *engine, call *Call, item int) {
	o.count(backend.ItemRetries, e, 1)
	o.say(slog.LevelInfo, "item runs again", append(call.attrs(), slog.Int("engine", e.id), slog.Int("item", item), slog.Int("try", call.tries[item]+1))...)
}
