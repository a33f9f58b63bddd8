package parallel

import (
	"context"
	"unsafe"
)

// MapContextSync is MapErrSync for a function that takes a context, which ends when the
// call does, however that comes, or when the item has run for its [ItemTimeout]. A compiled
// program has no other way to stop a function that has begun.
func (v *View) MapContextSync[A, R any](f func(context.Context, A) (R, error), items []A, options ...Option) ([]R, error) {
	return v.MapContext(f, items, options...).Get()
}

// MapContext is MapContextSync without waiting. The items are read until the result is ready, as
// with [View.Map].
func (v *View) MapContext[A, R any](f func(context.Context, A) (R, error), items []A, options ...Option) *AsyncResult[R] {
	out := make([]R, len(items))
	local := func(ctx context.Context, next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			y, err := f(ctx, items[i])
			if err != nil {
				return err
			}
			out[i] = y
		}
		return nil
	}
	return &AsyncResult[R]{v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), unsafe.Pointer(unsafe.SliceData(out)), len(items), local, options), out}
}

// ForEachContextSync applies f, which takes a context, to each item; see [View.MapContextSync].
func (v *View) ForEachContextSync[A any](f func(context.Context, A) error, items []A, options ...Option) error {
	local := func(ctx context.Context, next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			if err := f(ctx, items[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return v.mapping(f, unsafe.Pointer(unsafe.SliceData(items)), nil, len(items), local, options).wait()
}

// ApplyContextSync is ApplyErrSync for a function that takes a context; see [View.MapContextSync].
func (v *DirectView) ApplyContextSync[R any](f func(context.Context) (R, error), options ...Option) ([]R, error) {
	out := make([]R, v.engines())
	err := v.applying(f, nil, unsafe.Pointer(unsafe.SliceData(out)), len(out), options).wait()
	return out, err
}

// ApplyContextSync is ApplyErrSync for a function that takes a context; see [View.MapContextSync].
func (v *LoadBalancedView) ApplyContextSync[R any](f func(context.Context) (R, error), options ...Option) (R, error) {
	var out R
	err := v.applying(f, nil, unsafe.Pointer(&out), 1, options).wait()
	return out, err
}
