package codec

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/guard"
	"github.com/goparallel/goparallel/internal/parallel/registry"
)

// An error is written in the first of these forms that it has:
//
//	null                       nil
//	[0, name, text, error…]    what a registered variable holds, and how to make it without the variable
//	[1, name, text, value]     a value of a registered type, if that can travel
//	[2, text, error]           an error with a method Unwrap() error
//	[3, text, error, …]        one with a method Unwrap() []error
//	text                       any other
//
// The third and the fourth arrive as types of this package.

const (
	errorVariable = iota
	errorValue
	errorChain
	errorTree
)

const (
	// maxErrors limits how deep errors are wrapped in each other.
	maxErrors = 1000
	// errorTime is how long the methods of an error may take.
	errorTime = 10 * time.Second
)

var errWrapped = fmt.Errorf("errors are wrapped in each other more than %d times", maxErrors)

// chained is an error that wraps another one.
type chained struct {
	text string
	err  error
}

func (c *chained) Error() string { return c.text }
func (c *chained) Unwrap() error { return c.err }

// treed is an error that wraps others.
type treed struct {
	text string
	errs []error
}

func (t *treed) Error() string   { return t.text }
func (t *treed) Unwrap() []error { return t.errs }

// EncodeError returns an error in a form that keeps more of it than its text, or nil
// if there is none. It is never an error itself. Methods of errors are the user's, so
// where they do not return, or call themselves without end, there is none.
func EncodeError(err error) []byte {
	var data []byte
	did, _ := guard.Call(context.Background(), errorTime, func() { data = encodeError(err) }, func() {})
	if did != "" {
		return nil
	}
	return data
}

func encodeError(err error) (data []byte) {
	var problem error
	defer func() {
		if problem != nil {
			data = nil
		}
	}()
	defer recovered(&problem)
	e := &encoder{inline: true}
	if problem = e.failure(err, true); len(e.buf) > 0 && e.buf[0]&0xe0 != majorArray {
		return nil
	}
	return e.buf
}

// DecodeError returns what [EncodeError] wrote. It is nil for data that this process can
// make nothing of.
func DecodeError(data []byte) (err error) {
	if len(data) == 0 || wellformed(data) != nil {
		return nil
	}
	var problem error
	defer func() {
		if problem != nil {
			err = nil
		}
	}()
	defer recovered(&problem)
	err, problem = (&decoder{data: data}).failure()
	return err
}

// failure writes an error; named is false for the value of a variable whose name is written.
func (e *encoder) failure(err error, named bool) error {
	if e.errors++; e.errors > maxErrors {
		return errWrapped
	}
	defer func() { e.errors-- }()
	if err == nil {
		e.buf = append(e.buf, simpleNull)
		return nil
	}
	text := []byte(err.Error())
	if named {
		if name := registry.ErrorVarOf(err); name != "" {
			e.errorHead(4, errorVariable, []byte(name), text)
			return e.failure(err, false)
		}
	}
	if name := registry.ErrorTypeName(reflect.TypeOf(err)); name != "" {
		if c, refusal := For(reflect.TypeOf(err)); refusal == nil {
			value := reflect.New(c.Type)
			value.Elem().Set(reflect.ValueOf(err))
			inner := &encoder{inline: true, errors: e.errors}
			if problem := c.encode(inner, value.UnsafePointer(), 1); problem == nil {
				e.errorHead(4, errorValue, []byte(name), text)
				e.bytes(inner.buf)
				return nil
			} else if errors.Is(problem, errWrapped) {
				return problem
			}
		}
	}
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		if inner := wrapper.Unwrap(); inner != nil {
			e.errorHead(3, errorChain, text)
			return e.failure(inner, true)
		}
	case interface{ Unwrap() []error }:
		all := wrapper.Unwrap()
		e.errorHead(2+len(all), errorTree, text)
		for _, inner := range all {
			if err := e.failure(inner, true); err != nil {
				return err
			}
		}
		return nil
	}
	e.bytes(text)
	return nil
}

// errorHead begins one of the forms that are arrays.
func (e *encoder) errorHead(parts int, form uint64, texts ...[]byte) {
	e.head(majorArray, uint64(parts))
	e.head(majorUint, form)
	for _, t := range texts {
		e.bytes(t)
	}
}

// failure reads an error.
func (d *decoder) failure() (error, error) {
	if d.errors++; d.errors > maxErrors {
		return nil, errWrapped
	}
	defer func() { d.errors-- }()
	if d.null() {
		return nil, nil
	}
	if len(d.data) > 0 && d.data[0]&0xe0 == majorBytes {
		text, err := d.bytes()
		return errors.New(string(text)), err
	}
	parts, err := d.count(majorArray, 1)
	if err != nil {
		return nil, err
	}
	form, err := d.head(majorUint)
	if err != nil || form > errorTree || form == errorTree && parts < 2 || form == errorChain && parts != 3 || form < errorChain && parts != 4 {
		return nil, errShape
	}
	first, err := d.bytes()
	if err != nil {
		return nil, err
	}
	switch form {
	case errorVariable:
		text, err := d.bytes()
		if err != nil {
			return nil, err
		}
		sent, err := d.failure()
		if err != nil || sent == nil {
			return nil, errShape
		}
		return registry.ErrorIn(string(first), string(text), sent), nil
	case errorValue:
		text, err := d.bytes()
		if err != nil {
			return nil, err
		}
		data, err := d.bytes()
		if err != nil {
			return nil, err
		}
		if value := d.errorValue(string(first), data); value != nil {
			return value, nil
		}
		return errors.New(string(text)), nil
	case errorChain:
		inner, err := d.failure()
		return &chained{string(first), inner}, err
	}
	tree := &treed{text: string(first)}
	for range parts - 2 {
		inner, err := d.failure()
		if err != nil {
			return nil, err
		}
		tree.errs = append(tree.errs, inner)
	}
	return tree, nil
}

// errorValue returns the value of a registered type, or nil if it is not known here, or
// is another one.
func (d *decoder) errorValue(name string, data []byte) error {
	t := registry.ErrorTypeNamed(name)
	if t == nil {
		return nil
	}
	c, err := For(t)
	if err != nil {
		return nil
	}
	value := reflect.New(t)
	if c.decode(&decoder{data: data, errors: d.errors}, value.UnsafePointer(), 1) != nil {
		return nil
	}
	return value.Elem().Interface().(error)
}

// failures makes the node of the interface type error.
func (n *node) failures() {
	n.encode = func(e *encoder, p unsafe.Pointer) error { return e.failure(*(*error)(p), true) }
	n.decode = func(d *decoder, p unsafe.Pointer) (err error) {
		*(*error)(p), err = d.failure()
		return err
	}
}
