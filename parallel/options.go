package parallel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
)

// Option changes one call, or, given to [DirectView.With] and its like, every call of a view.
type Option func(*options)

type options struct {
	ctx         context.Context
	given       bool // a context was
	chunk       int
	label       string
	priority    int
	retries     int
	backoff     time.Duration
	timeout     time.Duration
	limited     bool // there is a timeout
	stopAtError bool
	most        int
	bounded     bool // there is a most
	arriving    bool
	after       []Dependency
	follow      []Dependency
}

// ChunkSize makes each message carry n items. By default the view chooses; 1 is
// one message for each item, as ipyparallel does by default. Where a chunk size
// costs more than half of a call's time, standard error says so, once for each
// place in the code.
func ChunkSize(n int) Option { return func(o *options) { o.chunk = n } }

// WithContext cancels the call when the context ends. A context that is nil is an error, here and in all
// functions that take one.
func WithContext(ctx context.Context) Option {
	return func(o *options) { o.ctx, o.given = ctx, true }
}

// Label names the call in its [Explanation] and its progress.
func Label(name string) Option { return func(o *options) { o.label = name } }

// Priority puts the call before those with a lower one, where an engine could take items of
// several. It is 0 by default, and may be negative. Calls of one priority share the engines.
// Items that an engine has been sent are not taken back.
func Priority(p int) Option { return func(o *options) { o.priority = p } }

// Retries lets an item that panics, returns an error or runs too long run again, up to n times,
// and on another engine than the one where it failed, if one runs. The pause before that is
// the backoff, twice as long each time, up to a minute; 0 is none. The error of an item that failed
// every time is the last one. What an engine that dies had not answered runs again without this.
// A function that a direct view applies runs again on its own engine.
func Retries(n int, backoff time.Duration) Option {
	return func(o *options) { o.retries, o.backoff = n, backoff }
}

// ItemTimeout limits how long an item may run; the wait for an engine does not count. An item
// that runs longer fails with an error that is [context.DeadlineExceeded], and the others go on. Its
// context, if its function takes one, ends then; code of notebook cells stops by itself. An item
// that has not ended a second later costs its engine: another process takes its place.
func ItemTimeout(d time.Duration) Option {
	return func(o *options) { o.timeout, o.limited = d, true }
}

// StopAtError ends the call as soon as an item has failed, after its retries: items that run are
// cancelled, others do not begin. The [*MapError] has the failure, and a cause. A [View.Seq] ends with the item that failed.
func StopAtError() Option { return func(o *options) { o.stopAtError = true } }

// MaxOutstanding limits the items that are on their way to engines or run there to n; of
// [View.Seq] also those that wait for the caller.
func MaxOutstanding(n int) Option { return func(o *options) { o.most, o.bounded = n, true } }

// Arriving makes [View.Seq] give results as they arrive, and not in the order of the items.
func Arriving() Option { return func(o *options) { o.arriving = true } }

// Dependency is a call whose end others can wait for: an [AsyncResult] of any type.
type Dependency interface {
	Done() <-chan struct{}
	Failure() error
	Explain() Explanation
}

// After begins the call when others have ended. It fails, and does not begin, if one of them
// failed. What the function captures is taken when it begins.
func After(calls ...Dependency) Option {
	return func(o *options) { o.after = append(o.after, calls...) }
}

// Follow is [After], on those of the view's engines that ran the other calls' items: where
// what these left on the engine is, by [Set].
func Follow(calls ...Dependency) Option {
	return func(o *options) { o.follow = append(o.follow, calls...) }
}

// What is nil by mistake, and what to give instead.
var (
	errNilOption  = errors.New("an option is nil; leave it out instead")
	errNilContext = errors.New("the context is nil; context.Background() is one that never ends")
)

// complete makes the options of a call complete.
func (v *View) complete(given []Option) (o options, err error) {
	for _, all := range [][]Option{v.given, given} {
		for _, option := range all {
			if option == nil {
				return o, errNilOption
			}
			option(&o)
		}
	}
	for _, d := range slices.Concat(o.after, o.follow) {
		if v := reflect.ValueOf(d); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			return o, errors.New("a call cannot come after nil; After and Follow take the results of calls that were made")
		}
		if of, ok := d.(interface{ engines() backend.Cluster }); ok && of.engines() != nil && of.engines() != v.cluster && slices.Contains(o.follow, d) {
			return o, errors.New("a call cannot follow one of another cluster, whose engines are others; After waits for it")
		}
		d.Done() // what is no call is found out here, and not while somebody waits for it
	}
	switch {
	case o.given && o.ctx == nil:
		err = errNilContext
	case o.chunk < 0:
		err = fmt.Errorf("a chunk size of %d is impossible", o.chunk)
	case o.retries < 0 || o.backoff < 0:
		err = fmt.Errorf("%d retries after %v are impossible", o.retries, o.backoff)
	case o.limited && o.timeout <= 0:
		err = fmt.Errorf("no item can run within %v", o.timeout)
	case o.bounded && o.most < 1:
		err = fmt.Errorf("with at most %d items outstanding nothing could run", o.most)
	case o.bounded && o.chunk > o.most:
		err = fmt.Errorf("a chunk size of %d contradicts at most %d items outstanding", o.chunk, o.most)
	}
	if err != nil {
		return o, err
	}
	if !o.given {
		o.ctx = hooks.Context()
	}
	if o.ctx.Err() != nil {
		return o, fmt.Errorf("cancelled before it began: %w", context.Cause(o.ctx))
	}
	return o, nil
}

// apply gives a job of a view the options.
func (o *options) apply(job *backend.Job, v *View) error {
	if o.arriving {
		return errors.New("parallel.Arriving is an option of Seq; ranging over the Arriving method of a result does the same for other calls")
	}
	if job.Pinned && len(o.follow) > 0 {
		return errors.New("a function that a direct view applies runs on each of its engines and can follow nothing; give it to the Targets that the other call ran on")
	}
	if !job.Applied {
		job.Chunk = o.chunk
	}
	if o.bounded && !job.Pinned {
		job.Most, job.Chunk = o.most, cmp.Or(job.Chunk, max(1, o.most/max(1, v.engines())))
	}
	job.Label, job.Priority = o.label, o.priority
	job.Retries, job.Backoff, job.Timeout, job.StopAtError = o.retries, o.backoff, o.timeout, o.stopAtError
	return nil
}

// onlyOnEngines says why a call with these options runs on engines, where it could run in this
// process; "" where it can.
func (o *options) onlyOnEngines() string {
	if o.retries > 0 || o.limited || o.stopAtError || o.bounded || len(o.follow) > 0 {
		return "It ran on engines because of its options: only there can items be run again, stopped or counted."
	}
	return ""
}
