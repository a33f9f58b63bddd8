package parallel

import (
	"context"
	"fmt"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// Map2Sync applies f to the first elements of both slices, to the second ones, and so on. They must
// be equally long. For more slices than two, map over one of structs.
func (v *View) Map2Sync[A, B, R any](f func(A, B) R, as []A, bs []B, options ...Option) ([]R, error) {
	return v.Map2(f, as, bs, options...).Get()
}

// Map2 is Map2Sync without waiting. What the elements refer to is read until the result is
// ready; the slices themselves are not.
func (v *View) Map2[A, B, R any](f func(A, B) R, as []A, bs []B, options ...Option) *AsyncResult[R] {
	out := make([]R, len(as))
	pairs, err := zip(as, bs)
	if err != nil {
		return &AsyncResult[R]{&running{err: err}, out}
	}
	local := func(_ context.Context, next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			out[i] = f(pairs[i].First, pairs[i].Second)
		}
		return nil
	}
	return &AsyncResult[R]{v.mapping(f, unsafe.Pointer(unsafe.SliceData(pairs)), unsafe.Pointer(unsafe.SliceData(out)), len(pairs), local, options), out}
}

// Map2ErrSync is Map2Sync for a function that returns an error.
func (v *View) Map2ErrSync[A, B, R any](f func(A, B) (R, error), as []A, bs []B, options ...Option) ([]R, error) {
	return v.Map2Err(f, as, bs, options...).Get()
}

// Map2Err is Map2ErrSync without waiting.
func (v *View) Map2Err[A, B, R any](f func(A, B) (R, error), as []A, bs []B, options ...Option) *AsyncResult[R] {
	out := make([]R, len(as))
	pairs, err := zip(as, bs)
	if err != nil {
		return &AsyncResult[R]{&running{err: err}, out}
	}
	local := func(_ context.Context, next *int, end int) error {
		for i := *next; i < end; i++ {
			*next = i
			y, err := f(pairs[i].First, pairs[i].Second)
			if err != nil {
				return err
			}
			out[i] = y
		}
		return nil
	}
	return &AsyncResult[R]{v.mapping(f, unsafe.Pointer(unsafe.SliceData(pairs)), unsafe.Pointer(unsafe.SliceData(out)), len(pairs), local, options), out}
}

// zip makes pairs of the elements of two slices.
func zip[A, B any](as []A, bs []B) ([]registry.Pair[A, B], error) {
	if len(as) != len(bs) {
		return nil, fmt.Errorf("slices of %d and %d elements cannot be mapped over together: make them equally long", len(as), len(bs))
	}
	pairs := make([]registry.Pair[A, B], len(as))
	for i := range pairs {
		pairs[i] = registry.Pair[A, B]{First: as[i], Second: bs[i]}
	}
	return pairs, nil
}

// Apply1Sync is ApplySync with an argument: it calls f with it once on each engine of the view. In a cell
// a function literal that captures arguments does as well, however many there are; in a program use a struct for several.
func (v *DirectView) Apply1Sync[A, R any](f func(A) R, argument A, options ...Option) ([]R, error) {
	return v.Apply1(f, argument, options...).Get()
}

// Apply1 is Apply1Sync without waiting.
func (v *DirectView) Apply1[A, R any](f func(A) R, argument A, options ...Option) *AsyncResult[R] {
	return applied[A, R](&v.View, f, argument, v.engines(), options)
}

// Apply1ErrSync is Apply1Sync for a function that returns an error.
func (v *DirectView) Apply1ErrSync[A, R any](f func(A) (R, error), argument A, options ...Option) ([]R, error) {
	return applied[A, R](&v.View, f, argument, v.engines(), options).Get()
}

// Apply1Sync is ApplySync with an argument: it calls f with it on one engine and returns the result.
func (v *LoadBalancedView) Apply1Sync[A, R any](f func(A) R, argument A, options ...Option) (R, error) {
	out, err := v.Apply1(f, argument, options...).Get()
	return out[0], err
}

// Apply1 is Apply1Sync without waiting; the result is a slice of one.
func (v *LoadBalancedView) Apply1[A, R any](f func(A) R, argument A, options ...Option) *AsyncResult[R] {
	return applied[A, R](&v.View, f, argument, 1, options)
}

// Apply1ErrSync is Apply1Sync for a function that returns an error.
func (v *LoadBalancedView) Apply1ErrSync[A, R any](f func(A) (R, error), argument A, options ...Option) (R, error) {
	out, err := applied[A, R](&v.View, f, argument, 1, options).Get()
	return out[0], err
}

// applied starts n calls of f with the same argument.
func applied[A, R any](v *View, f any, argument A, n int, options []Option) *AsyncResult[R] {
	in, out := make([]A, n), make([]R, n)
	for i := range in {
		in[i] = argument
	}
	return &AsyncResult[R]{v.applying(f, unsafe.Pointer(unsafe.SliceData(in)), unsafe.Pointer(unsafe.SliceData(out)), n, options), out}
}
