package values

import (
	"fmt"

	"github.com/goparallel/goparallel/internal/parallel/codec"
)

// PushName and PullName are the registered names of the functions that engines
// run for views: one takes a [Parcel], the other takes a [Query] and returns a
// [codec.Encoded].
const (
	PushName = "goparallel.push"
	PullName = "goparallel.pull"
)

// Parcel is a value on its way to an engine.
type Parcel struct {
	Name  string
	Value codec.Encoded
}

// Query asks an engine for a value of a type, of which it gives the signature.
type Query struct{ Name, Type string }

func push(p Parcel) error {
	put(p.Name, &entry{encoded: &p.Value})
	return nil
}

func pull(q Query) (codec.Encoded, error) {
	store.Lock()
	defer store.Unlock()
	e := store.named[q.Name]
	if e == nil {
		return codec.Encoded{}, missing(q.Name)
	}
	value := e.encoded
	if e.live != nil {
		var err error
		if value, err = codec.Encode(e.live); err != nil {
			return codec.Encoded{}, fmt.Errorf("the value %q cannot travel: %w", q.Name, err)
		}
	}
	if !codec.Fits(value.Type, q.Type) {
		return codec.Encoded{}, fmt.Errorf("the value %q is %s", q.Name, codec.Differ(value.Type, q.Type))
	}
	return *value, nil
}
