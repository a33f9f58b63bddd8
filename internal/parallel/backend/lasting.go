package backend

import (
	"context"
	"reflect"
	"time"
	"unsafe"
)

// Lasting is a cluster that lives on when its callers are gone, and keeps their calls.
type Lasting interface {
	Cluster
	// Fetch returns a call by its id, and Resume runs again what failed or did not arrive of one that has
	// ended. What was done already arrives first, and what was printed and shown, to the output, which may be nil.
	Fetch(ctx context.Context, id string, place Place, out Output) (Call, error)
	Resume(ctx context.Context, id string, place Place, out Output) (Call, error)
	// History lists the calls that are kept, the oldest first.
	History(ctx context.Context) ([]Record, error)
	// Purge forgets calls that have ended; all such, where no id is given.
	Purge(ctx context.Context, ids []string) error
}

// Place says where so many results of a call belong, and of which type the caller takes them to be.
type Place func(items int) (out unsafe.Pointer, t reflect.Type)

// Named is a call that has a name by which others can fetch it.
type Named interface {
	// ID waits until the cluster has given the call its id. It is "" for a call that was refused.
	ID() string
}

// Record is what a cluster keeps of a call.
type Record struct {
	// ID names the call.
	ID string
	// Function is what was called, Label what the caller calls the call, Program who called.
	Function, Label, Program string
	// State is "running", "done", "failed", or "interrupted" where its cluster ended first.
	State string
	// Error says why the call ended early.
	Error string
	// Items is how many there are, Done how many are finished, Failed how many of these failed.
	Items, Done, Failed int
	// Began is when the call began, in nanoseconds since 1970, Elapsed how long it has taken.
	Began   int64
	Elapsed time.Duration
	// Bytes is the size of what is kept, Note why results are not.
	Bytes int64
	Note  string
}

// Connect connects to a cluster that runs. Package remote sets it.
var Connect func(ctx context.Context, name string, o Options) (Lasting, error)
