package cluster

import (
	"crypto/sha256"
	"time"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/registry"
	"github.com/goparallel/goparallel/internal/parallel/wire"
)

// Protocol stands for the build in the handshake between programs and a cluster's controller: they are
// different programs, and must speak the same version of what is below.
var Protocol = wire.Build(sha256.Sum256([]byte("goparallel cluster, version 2")))

// Question is the payload of an [wire.Ask]. One of its fields is set. Hello comes first.
type Question struct {
	Hello   *Hello
	Call    *Submission
	Push    *Push
	Fetch   string // an id
	Resume  string // an id
	Status  bool
	Add     int
	Remove  *int
	Restart *int
	Signal  *Signal
	History bool
	Purge   []string
	Stop    bool
	// Keys asks for the keys of clients; AddKey makes one, and Revoke takes one back. Only who has the cluster's own key may.
	Keys           bool
	AddKey, Revoke string
}

// Reply is the payload of an [wire.Answer].
type Reply struct {
	// Error is why the answer is no; the rest is empty then.
	Error string
	// Size is the number of engines: the answer to Hello, Add and Remove.
	Size int
	// ID names a call: the answer to Call, Fetch and Resume. Of a call that was fetched Call is what was asked.
	ID    string
	Call  *Fetched
	IDs   []int
	Pools []Pool
	Calls []backend.Record
	Keys  []Key
}

// Hello says who connects, and of what its engines are made. Without a program it only looks.
type Hello struct {
	Program   string // the file; "" for somebody who looks
	Args, Env []string
	Dir       string
	Pid       int
	Build     wire.Build
	// Session names the code that engines have: processes of one build and one session share engines. A
	// notebook's has one of its own, because what its cells declare has no other name.
	Session string
	// Notebook is the notebook's file, where that is known.
	Notebook string
}

// Submission is a call: what [backend.Job] says of it, and what engines need.
type Submission struct {
	Function, Shown string // the function's name, and what people call it
	Modules         []registry.Module
	Captures        []Value // the blocks of these, of Reads and of Keeps are those of the message, in order
	Reads, Keeps    []Named
	Argument        bool   // items follow, in messages of kind [wire.Items]
	Result          string // the signature of the result's type; "" where there is none
	Size            int    // bytes of an item or its result in memory

	Items                   int
	Targets                 []int
	All                     bool // engines, where Targets is empty
	Chunk                   int
	Direct, Applied, Pinned bool
	Why, Label              string
	Priority, Retries       int
	Backoff, Timeout        time.Duration
	StopAtError, Once       bool
	Most                    int
	Hidden                  bool // it is not kept
}

// Value is an encoded value of a type, and how many blocks it has.
type Value struct {
	Type   string
	Data   []byte
	Blocks int
}

// Named is the value of a variable.
type Named struct {
	Name string
	Value
}

// Push keeps a value on engines: one for all targets, or one for each.
type Push struct {
	Name    string
	Values  []Value           // their types are signatures
	Modules []registry.Module // of types that they hold in interfaces
	Targets []int
	All     bool
}

// Signal is a signal for an engine.
type Signal struct{ Engine, Signal int }

// Fetched is what is known of a call that somebody fetches, who has not asked for it.
type Fetched struct {
	Function, Label string
	Items           int
	Result          string
	Began           int64 // nanoseconds since 1970
}

// Portion is the payload of [wire.Items]: codec.Apart without its blocks, which are those of the message.
type Portion struct {
	Raw             bool
	Data            []byte
	Ends, BlockEnds []int
}

// The outputs of an engine: what [wire.Printed] is about.
const (
	Stdout = 1 + iota
	Stderr
	Shows // what only notebooks can show
)

// Landed is the payload of [wire.Arrived].
type Landed struct {
	Engine   int
	Failures []Failure
}

// Failure is [backend.Failure] with the error as codec.EncodeError writes it.
type Failure struct {
	Item, Engine int
	Panic        bool
	Value        string
	Error        []byte
	Stack, Death string
}

// End is the payload of [wire.Ended].
type End struct {
	// Error says why the call ended early; "" if it did not.
	Error string
	// Cancelled says that the error is the client's own Cancel.
	Cancelled bool
	Report    *backend.Report
}

// Pool is the engines of one program or notebook.
type Pool struct {
	Program, Session string
	Clients          int
	Status           backend.Status
}
