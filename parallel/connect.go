package parallel

import (
	"context"
	"errors"
	"reflect"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
)

// Connect connects to a cluster that lives on by itself, by its name; "" is the one that was started without a
// name:
//
//	$ goparallel cluster start -n 4
//
//	rc, err := parallel.Connect(ctx, "")
//
// Any number of programs and notebooks can be connected at once. Each program has engines of its own build, as many
// as the cluster was started with, which it shares with other processes of the program; a notebook has them to
// itself, because what its cells declare means nothing to others. They start when the first process connects and end
// when for half a minute nobody was connected and no call ran. Calls of those who share engines take turns; those of others
// share the processors.
//
// In the place of the name may stand the path of a client's own key, a .json file that goparallel cluster keys add has made;
// it can be revoked without those of others.
//
// Calls outlive the process that made them: [Client.Close], the end of a notebook and a crash leave them running, and
// what comes of them is kept, within limits: of calls that take longer than a quarter of a second on disk. [AsyncResult.ID] names a call, [Client.History] lists them, and
// [Client.Fetch] returns one, to the same program or to a later build of it, as long as the type of its results
// is the same. Cancelling a call, or an interrupt while a cell waits for it, ends it.
//
// The end of the controller is an error of all calls at once; goparallel cluster start starts it again, and it goes on
// with the calls on disk that had not ended. Items that ran then run again. [Output] and [ShowProgress] are the only options that mean something here.
func Connect(ctx context.Context, name string, options ...StartOption) (*Client, error) {
	o, err := asked(ctx, "connect to clusters", options)
	if err != nil {
		return nil, err
	}
	if o.TLS || o.AtLeast != 0 || o.Launcher != nil || o.Listen != "" || o.Memory != 0 || o.Adapt != (backend.Adaptation{}) || o.Observer != (backend.Observer{}) {
		return nil, errors.New("TLS, AtLeast, On, Listen, Adapt, EngineMemory and Observe are for parallel.Start: a cluster that runs is what it was started as")
	}
	cluster, err := backend.Connect(ctx, name, o)
	if err != nil {
		return nil, err
	}
	return clientOf(cluster, o), nil
}

// Fetch returns a call of a cluster that lives on, by its id, whoever made it. R is the type of its results. It is an
// error if the cluster keeps no such call, or its results are of another type. What it has done
// already arrives first, and what it has printed is printed again.
func (rc *Client) Fetch[R any](ctx context.Context, id string) (*AsyncResult[R], error) {
	return fetched[R](ctx, rc, func(c backend.Lasting, place backend.Place) (backend.Call, error) {
		return c.Fetch(ctx, id, place, hooks.CallOutput(rc.cluster))
	})
}

// Resubmit runs again what failed, or did not arrive, of a call that has ended, on this client's engines, which must
// be of the build that made the call, and returns it as [Client.Fetch] does. Its id stays the same.
func (rc *Client) Resubmit[R any](ctx context.Context, id string) (*AsyncResult[R], error) {
	return fetched[R](ctx, rc, func(c backend.Lasting, place backend.Place) (backend.Call, error) {
		return c.Resume(ctx, id, place, hooks.CallOutput(rc.cluster))
	})
}

// fetched makes a result of a call that was fetched.
func fetched[R any](ctx context.Context, rc *Client, fetch func(backend.Lasting, backend.Place) (backend.Call, error)) (*AsyncResult[R], error) {
	c, err := rc.lasting(ctx)
	if err != nil {
		return nil, err
	}
	r := &AsyncResult[R]{}
	call, err := fetch(c, func(items int) (unsafe.Pointer, reflect.Type) {
		r.out = make([]R, items)
		return unsafe.Pointer(unsafe.SliceData(r.out)), reflect.TypeFor[R]()
	})
	if err != nil {
		return nil, err
	}
	r.running = &running{call: call, show: rc.show, cluster: rc.cluster}
	return r, nil
}

// lasting is the cluster, if it is one that lives on, for who asks it with a context.
func (rc *Client) lasting(ctx context.Context) (backend.Lasting, error) {
	if ctx == nil {
		return nil, errNilContext
	}
	if c, ok := rc.cluster.(backend.Lasting); ok {
		return c, nil
	}
	return nil, errors.New("this cluster is a part of its program and ends with it, so it keeps no calls; parallel.Connect connects to one that lives on")
}

// ID names the call in a cluster that lives on; others fetch it by that. It waits until the cluster has
// taken the call, which is when it begins where it comes [After] others, and is "" where it never has, and for calls of other clusters.
func (r *running) ID() string {
	if _, ok := r.cluster.(backend.Lasting); !ok {
		return ""
	}
	call := r.call
	if waits, ok := call.(*later); ok {
		call = waits.begun()
	}
	if named, ok := call.(backend.Named); ok {
		return named.ID()
	}
	return ""
}

// Purge forgets calls of a cluster that lives on, by their ids, or, without any, all that have ended. It is an error if one
// still runs, or is not known.
func (rc *Client) Purge(ctx context.Context, ids ...string) error {
	c, err := rc.lasting(ctx)
	if err != nil {
		return err
	}
	return c.Purge(ctx, ids)
}
