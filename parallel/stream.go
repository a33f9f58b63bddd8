package parallel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"sync"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Seq applies f to items as they come and gives each result with the index of its item: in
// order, or, with [Arriving], as they arrive. Input may be of unknown or infinite length: it
// is read in a goroutine of its own, not much further ahead than engines and caller keep up with.
// Items travel in batches that grow as far as that is worth it, and never wait for others
// to fill one; [ChunkSize] is the most that a batch may have, [MaxOutstanding] the most that are read and
// whose results the caller has not taken.
//
// An item that fails has an error in its result, and the others go on. If the whole stream cannot go on
// (the context has ended, the function or a value cannot travel, the cluster was closed), the last result that is
// given has the index of an item without result, and the error.
// Breaking out of the loop cancels what runs. The input is not read after that; if it
// is blocked then, its goroutine ends as soon as the input gives something or ends.
func (v *View) Seq[A, R any](f func(A) R, input iter.Seq[A], options ...Option) iter.Seq2[int, Result[R]] {
	return stream(v, input, options, func(items []A, options ...Option) *AsyncResult[R] { return v.Map(f, items, options...) })
}

// SeqErr is Seq for a function that returns an error.
func (v *View) SeqErr[A, R any](f func(A) (R, error), input iter.Seq[A], options ...Option) iter.Seq2[int, Result[R]] {
	return stream(v, input, options, func(items []A, options ...Option) *AsyncResult[R] { return v.MapErr(f, items, options...) })
}

// Batches of a stream are as long, in time, as lets an engine answer without much
// delay, and their overhead not count.
const (
	batchTime    = 10 * time.Millisecond
	mostInBatch  = 1 << 14
	bytesInBatch = 256 << 10
	batchGrowth  = 4
	batchesAhead = 2 // of each engine, on their way or there
	batchesKept  = 4 // of each engine, whose results wait for one before them
)

// batch is some consecutive items of a stream.
type batch[A, R any] struct {
	first  int
	items  []A
	result *AsyncResult[R]
	done   bool
}

// stream runs the batches of a stream: the caller's goroutine starts them and gives the results,
// another one reads the input.
func stream[A, R any](v *View, input iter.Seq[A], given []Option, run func([]A, ...Option) *AsyncResult[R]) iter.Seq2[int, Result[R]] {
	return func(yield func(int, Result[R]) bool) {
		o, err := v.complete(given)
		if err == nil && len(o.after)+len(o.follow) > 0 {
			err = errors.New("a stream begins at once and comes after nothing: wait for the other calls' Done")
		}
		if err == nil && input == nil {
			err = errors.New("the input of a stream is nil")
		}
		if err != nil {
			yield(0, Result[R]{Err: err})
			return
		}
		ctx, cancel := context.WithCancelCause(o.ctx)
		s := &feed[A]{wake: make(chan struct{}, 1), ended: make(chan struct{})}
		s.more.L = &s.mu
		var running []*batch[A, R]
		defer func() {
			cancel(ErrCancelled)
			for _, b := range running {
				b.result.Cancel()
			}
			s.stop()
		}()
		engines := max(1, v.engines()) // where there are none, the first batch runs here, or fails
		size, kept := sizes(o, engines, int(reflect.TypeFor[A]().Size()+reflect.TypeFor[R]().Size()))
		ended := make(chan *batch[A, R], kept)
		s.limit(1)
		go s.read(input)
		batches := append(given[:len(given):len(given)], WithContext(ctx), func(o *options) { o.arriving, o.most, o.bounded = false, 0, false })

		next, busy, most := 0, 0, 1
		for {
			for busy < batchesAhead*engines && len(running) < kept {
				items, over := s.take(most)
				if over && len(running) == 0 {
					if s.panicked != nil {
						panic(s.panicked)
					}
					return
				}
				if len(items) == 0 {
					break
				}
				b := &batch[A, R]{first: next, items: items}
				next += len(items)
				chunk := len(items)
				if v.direct {
					chunk = (chunk + engines - 1) / engines
				}
				b.result = run(items, append(batches[:len(batches):len(batches)], ChunkSize(chunk))...)
				running = append(running, b)
				busy++
				go func() { <-b.result.Done(); ended <- b }()
			}
			select {
			case <-s.wake:
				continue
			case <-o.ctx.Done():
				for len(running) > 0 && running[0].done {
					running = running[1:]
				}
				if len(running) > 0 {
					next = running[0].first
				}
				yield(next, Result[R]{Err: fmt.Errorf("the stream was cancelled: %w", context.Cause(o.ctx))})
				return
			case b := <-ended:
				b.done = true
				busy--
				most = min(size, nextSize(b.result.call, len(b.items), most))
				s.limit(most)
			}
			for i := 0; i < len(running); {
				b := running[i]
				if !b.done {
					if !o.arriving {
						break
					}
					i++
					continue
				}
				running = append(running[:i], running[i+1:]...)
				results := b.result.All()
				if o.arriving {
					results = b.result.Partial()
				}
				if !give(b, results, o.stopAtError, yield) {
					return
				}
			}
		}
	}
}

// give gives the results of a batch that has ended, and reports whether the stream goes on. One that is to stop at
// an error ends with the item that failed.
func give[A, R any](b *batch[A, R], results iter.Seq2[int, Result[R]], stop bool, yield func(int, Result[R]) bool) bool {
	given := make(map[int]bool)
	err := b.result.Failure()
	var m *MapError
	if errors.As(err, &m) && m.Cause == nil {
		err = nil // items failed, and no more than that
	}
	for i, result := range results {
		remote, failed := result.Err.(*RemoteError)
		if failed {
			remote.Item = b.first + i
		} else if result.Err != nil && stop && m != nil {
			continue // it was not tried any more
		} else if result.Err != nil {
			break
		}
		if err != nil {
			given[i] = true
		}
		if !yield(b.first+i, result) || failed && stop {
			return false
		}
	}
	if err == nil {
		return true
	}
	missing := 0
	for given[missing] {
		missing++
	}
	yield(b.first+missing, Result[R]{Err: err})
	return false
}

// sizes are the most items in a batch, and how many batches may be there at once. Bytes are those of an
// item and its result.
func sizes(o options, engines, bytes int) (size, kept int) {
	size, kept = cmp.Or(o.chunk, max(1, min(mostInBatch, bytesInBatch/max(1, bytes)))), batchesKept*engines
	if o.bounded {
		kept = min(kept, o.most)
		size = min(size, o.most/kept)
	}
	return size, kept
}

// nextSize is how many items the next batch should have, by what one has cost.
func nextSize(call backend.Call, items, before int) int {
	if call == nil {
		return before
	}
	r := call.Report()
	mean := max(float64(r.Work)/float64(items), 1)
	n := int(float64(batchTime) / mean)
	if bytes := (r.BytesIn + r.BytesOut) / items; bytes > 0 {
		n = min(n, bytesInBatch/bytes)
	}
	return max(1, min(n, batchGrowth*max(items, before)))
}

// feed is between the goroutine that reads the input and the one that starts batches.
type feed[A any] struct {
	wake  chan struct{} // there are items, or there will be no more
	ended chan struct{} // the input is not read any more

	mu       sync.Mutex
	more     sync.Cond // there is room
	items    []A
	most     int
	stopped  bool
	over     bool
	panicked any
}

// read reads the input until it ends or the stream does.
func (s *feed[A]) read(input iter.Seq[A]) {
	defer close(s.ended)
	complete := false
	defer func() {
		v := recover()
		s.mu.Lock()
		defer s.mu.Unlock()
		if v != nil {
			s.panicked = fmt.Sprintf("the input of a stream panicked: %v", v)
		} else if !complete {
			s.panicked = "the input of a stream ended its goroutine (runtime.Goexit)"
		}
		s.over = true
		s.signal()
	}()
	for item := range input {
		if !s.put(item) {
			break
		}
	}
	complete = true
}

func (s *feed[A]) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// put adds an item as soon as there is room. It returns false when the stream has ended.
func (s *feed[A]) put(item A) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.items) >= s.most && !s.stopped {
		s.more.Wait()
	}
	if s.stopped {
		return false
	}
	if s.items = append(s.items, item); len(s.items) == 1 || len(s.items) == s.most {
		s.signal()
	}
	return true
}

// take takes up to n items, and reports whether there will be no more.
func (s *feed[A]) take(n int) (items []A, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n = min(n, len(s.items)); n == len(s.items) {
		items, s.items = s.items, nil
	} else {
		items, s.items = s.items[:n:n], s.items[n:]
	}
	s.more.Signal()
	return items, s.over && len(items) == 0
}

// limit says how many items may wait.
func (s *feed[A]) limit(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = n
	s.more.Signal()
}

// inputTime is how long the end of a stream waits for its input: most give something at once.
const inputTime = 100 * time.Millisecond

// stop ends the reading.
func (s *feed[A]) stop() {
	s.mu.Lock()
	s.stopped = true
	s.more.Signal()
	s.mu.Unlock()
	select {
	case <-s.ended:
	case <-time.After(inputTime):
	}
}
