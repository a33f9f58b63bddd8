package parallel

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

var (
	errNotFound = errors.New("not found")
	errUnknown  = errors.New("nobody registered this")
)

type queryError struct {
	query string
	line  int
	err   error
}

func (q *queryError) Error() string { return fmt.Sprintf("%s:%d: %v", q.query, q.line, q.err) }
func (q *queryError) Unwrap() error { return q.err }

type timeout struct{ after int }

func (t timeout) Error() string { return fmt.Sprint("no answer after ", t.after) }
func (timeout) Timeout() bool   { return true }

//lint:ignore U1000 only the type of the field counts
type tooWide struct{ hold chan int }

func (*tooWide) Error() string   { return "too wide" }
func (t *tooWide) Unwrap() error { return io.EOF }

func failsBy(kind string) (int, error) {
	switch kind {
	case "sentinel":
		return 0, errNotFound
	case "wrapped":
		return 0, fmt.Errorf("reading: %w", fmt.Errorf("again: %w", errNotFound))
	case "joined":
		return 0, errors.Join(io.ErrUnexpectedEOF, fmt.Errorf("%w and %w", context.Canceled, sql.ErrNoRows))
	case "typed":
		return 0, &queryError{"select", 3, fmt.Errorf("b: %w", context.DeadlineExceeded)}
	case "value":
		return 0, fmt.Errorf("late: %w", timeout{5})
	case "path":
		_, err := os.Open("/none/such")
		return 0, err
	case "number":
		return strconv.Atoi("seven")
	case "unknown":
		return 0, errUnknown
	case "refused":
		return 0, &tooWide{}
	case "panic":
		panic(&queryError{"panics", 1, errNotFound})
	case "runtime":
		var m map[string]int
		//lint:ignore SA5000 the panic is what the test is about
		m["x"] = 1
	case "ring":
		q := &queryError{query: "ring"}
		q.err = &ring{q}
		return 0, q
	}
	return 1, nil
}

type ring struct{ err error }

func (*ring) Error() string   { return "a ring" }
func (r *ring) Unwrap() error { return r.err }

// answer has errors in a value.
type answer struct {
	name string
	err  error
	all  []error
}

func answering(a answer) answer {
	return answer{strconv.FormatBool(errors.Is(a.err, errNotFound)), a.err, append(a.all, errNotFound, nil, timeout{2})}
}

func init() {
	RegisterError(errNotFound, (*queryError)(nil), timeout{}, &tooWide{})
	Register(failsBy, answering)
}

func TestErrorsAreWhatTheFunctionReturned(t *testing.T) {
	rc := start(t, 1)
	failure := func(kind string) error {
		t.Helper()
		_, err := rc.All().MapErrSync(failsBy, []string{kind})
		var remote *RemoteError
		if !errors.As(err, &remote) {
			t.Fatal(kind, err)
		}
		if remote.Err != nil && remote.Err.Error() != remote.Value {
			t.Errorf("%s: the text is %q, not %q", kind, remote.Err, remote.Value)
		}
		return err
	}
	for kind, wants := range map[string][]error{
		"sentinel": {errNotFound}, "wrapped": {errNotFound}, "joined": {io.ErrUnexpectedEOF, context.Canceled, sql.ErrNoRows},
		"typed": {context.DeadlineExceeded}, "value": {timeout{5}}, "path": {fs.ErrNotExist, syscall.ENOENT}, "number": {strconv.ErrSyntax},
		"refused": {io.EOF}, "panic": {errNotFound},
	} {
		err := failure(kind)
		for _, want := range wants {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v is not %v", kind, err, want)
			}
		}
		if errors.Is(err, fs.ErrExist) || errors.Is(err, errUnknown) {
			t.Errorf("%s: %v is what it was not", kind, err)
		}
	}
	var query *queryError
	if err := failure("typed"); !errors.As(err, &query) || query.query != "select" || query.line != 3 {
		t.Error("a registered type:", query, err)
	}
	if err := failure("panic"); !errors.As(err, &query) || query.query != "panics" {
		t.Error("a panic's value:", query, err)
	}
	var path *fs.PathError
	if err := failure("path"); !errors.As(err, &path) || path.Path != "/none/such" || path.Err != syscall.ENOENT {
		t.Error("a path error:", path, err)
	}
	var number *strconv.NumError
	if err := failure("number"); !errors.As(err, &number) || number.Num != "seven" {
		t.Error("a number's error:", number, err)
	}
	var late interface{ Timeout() bool }
	if err := failure("value"); !errors.As(err, &late) || !late.Timeout() {
		t.Error("an interface of errors")
	}
	if err := failure("unknown"); !strings.Contains(err.Error(), "nobody registered this") {
		t.Error(err)
	}
	failure("runtime")
	failure("ring")
}

func TestErrorsInValuesAreWhatTheyWere(t *testing.T) {
	rc := start(t, 1)
	ys, err := rc.All().MapSync(answering, []answer{{err: fmt.Errorf("w: %w", errNotFound), all: []error{&queryError{"q", 1, io.EOF}}}, {}})
	if err != nil {
		t.Fatal(err)
	}
	y := ys[0]
	var query *queryError
	if y.name != "true" || !errors.Is(y.err, errNotFound) || !errors.As(y.all[0], &query) || query.err != io.EOF {
		t.Error("what went there and came back:", y)
	}
	if y.all[1] != errNotFound || y.all[2] != nil || y.all[3] != (timeout{2}) || ys[1].err != nil || ys[1].name != "false" {
		t.Error("what was made there:", ys)
	}
}

func TestErrorsThatCannotBeToldApartAreRefused(t *testing.T) {
	for _, err := range []error{nil, errors.New("not found")} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v was registered", err)
				}
			}()
			RegisterError(err)
		}()
	}
}
