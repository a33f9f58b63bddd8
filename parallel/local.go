package parallel

import (
	"context"
	"errors"
	"reflect"
	"syscall"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// Local is a view without engines: it runs items in goroutines of this process, as [Client.Auto]
// does where engines are no gain. It needs no [Start] and no [Init], and is there on every
// system. Functions that could change what is seen here are refused, and so are options that
// only engines can keep to, such as [Retries] and [ItemTimeout].
func Local() *AutoView { return &AutoView{View{cluster: nowhere{}, auto: true}} }

// nowhere is a cluster without engines.
type nowhere struct{}

var errNowhere = errors.New("a view of parallel.Local has no engines, which this call needs; parallel.Start has")

// Submit, Push and Pull are refused.
func (nowhere) Submit(context.Context, backend.Job) (backend.Call, error) { return nil, errNowhere }
func (nowhere) Push(context.Context, []int, string, []any) (backend.Call, error) {
	return nil, errNowhere
}
func (nowhere) Pull(context.Context, []int, string, reflect.Type) (backend.Call, backend.Pulled, error) {
	return nil, nil, errNowhere
}

func (nowhere) Add(context.Context, int) ([]int, error)        { return nil, errNowhere }
func (nowhere) Remove(context.Context, int) error              { return errNowhere }
func (nowhere) Restart(context.Context, int) error             { return errNowhere }
func (nowhere) Signal(int, syscall.Signal) error               { return errNowhere }
func (nowhere) Status(context.Context) (backend.Status, error) { return backend.Status{}, errNowhere }

func (nowhere) IDs() []int                      { return nil }
func (nowhere) Size() int                       { return 0 }
func (nowhere) Overhead() (time.Duration, bool) { return 0, false }
func (nowhere) Pid(int) int                     { return 0 }
func (nowhere) Close() error                    { return nil }
