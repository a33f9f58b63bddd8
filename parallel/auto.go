package parallel

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// AutoView runs items where they are done first: in the caller's goroutine, in
// several goroutines of this process, or on engines. It is never much slower than a loop.
//
// It begins with a loop in this process, lets further goroutines take items from
// the other end, and sends what is left to engines when it has measured that they are faster: where
// they have more processors than this process may use (GOMAXPROCS).
//
// A function whose effects could be seen in this process runs on engines, where
// it changes a copy, as with any other view: one that assigns to what it captures or
// to a session variable, for example. Of functions of notebook cells this is known when
// the cell is compiled. Of functions of a compiled program nothing is known: give an
// AutoView only such as may run here, several at a time. It accepts functions that were
// not registered as well, and runs them here.
//
// Items that run here get the arguments themselves, not copies. A panic in one is
// an error of that item as on an engine; what ends the process, ends this one.
type AutoView struct{ View }

// Auto is the view that chooses between this process and its engines.
func (rc *Client) Auto() *AutoView {
	return &AutoView{View{cluster: rc.cluster, show: rc.show, auto: true}}
}

// Here is the Engine of a [RemoteError] whose item ran in the caller's process.
const Here = -1

// choose starts a call where it is done first.
func (v *View) choose(ctx context.Context, f any, job backend.Job, l loop) (backend.Call, error) {
	if what, _ := registry.Writes(f); what != "" {
		if v.cluster.Size() == 0 {
			return nil, fmt.Errorf("%s cannot run here, because it %s, which would be seen here, and a view of parallel.Local has no engines: parallel.Start has", registry.NameOf(f), what)
		}
		var err error
		if job.Function, err = registry.Resolve(f); err != nil {
			return nil, fmt.Errorf("%w; and it cannot run here, because it %s", err, what)
		}
		job.Why = fmt.Sprintf("It ran on engines because it %s: here, that would be seen.", what)
		return v.cluster.Submit(ctx, job)
	}
	h := &inProcess{loop: l}
	h.report.Function = registry.NameOf(f)
	h.report.Overhead, _ = v.cluster.Overhead()
	if runtime.GOMAXPROCS(0) < min(v.cluster.Size(), runtime.NumCPU()) {
		h.elsewhere = func(mean float64, left int) string { return v.better(mean, left) }
		h.send = func(first, count int) (backend.Call, error) {
			rest := job
			var err error
			if rest.Function, err = registry.Resolve(f); err != nil {
				return nil, err
			}
			rest.Items = count
			rest.In = advance(job.In, rest.Function.Runner.In, first)
			rest.Out = advance(job.Out, rest.Function.Runner.Out, first)
			return v.cluster.Submit(ctx, rest)
		}
	}
	h.begin(ctx, job.Items)
	return h, nil
}

// better says why engines are the better place for so many items, if they are: by a
// fifth at least, since the estimate is one.
func (v *View) better(mean float64, left int) string {
	overhead, _ := v.cluster.Overhead()
	work := mean * float64(left)
	engines, processors := min(v.cluster.Size(), runtime.NumCPU()), runtime.GOMAXPROCS(0)
	if 2*float64(overhead)+work/float64(engines) > 0.8*work/float64(processors) {
		return ""
	}
	return fmt.Sprintf("It ran on engines, after the first items here, because %d of them have more processors than this process may use (GOMAXPROCS is %d).", engines, processors)
}

// advance is the address of item i of an array of values of a type; nil where
// there is no array.
func advance(array unsafe.Pointer, t reflect.Type, i int) unsafe.Pointer {
	if array == nil || t == nil {
		return array
	}
	return unsafe.Add(array, uintptr(i)*t.Size())
}
