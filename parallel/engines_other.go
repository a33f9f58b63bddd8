//go:build !linux

package parallel

import (
	"context"
	"errors"
	"reflect"
	"runtime"

	"github.com/goparallel/goparallel/internal/parallel/backend"
)

// errNoEngines is the error of what needs engines on a system that has none.
var errNoEngines = errors.New("engines need Linux: their processes, sockets and shared memory are those of its kernel, and this is " + runtime.GOOS + "; parallel.Local() runs items in this process")

func init() {
	backend.Start = func(context.Context, int, backend.Options) (backend.Cluster, error) { return nil, errNoEngines }
	backend.Connect = func(context.Context, string, backend.Options) (backend.Lasting, error) { return nil, errNoEngines }
	backend.Travels = func(reflect.Type) error { return nil } // nothing has to
	no := func() bool { return false }
	backend.Engine.Wanted, backend.Engine.Started, backend.Engine.Running = no, no, no
	none := func(string, any) error { return errNoEngines }
	backend.Values.Get, backend.Values.Set = none, none
}
