package registry

import (
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/goparallel/goparallel/internal/goabi/funcvalue"
	"github.com/goparallel/goparallel/internal/parallel/poll"
)

// Literal stands for one function literal in the source. Its zero value is
// ready for [DefineLiteral]; it must not be copied.
type Literal struct {
	function atomic.Pointer[Function]
	code     atomic.Uintptr // the code that Lit saw last
}

// DefineLiteral says what a literal is: the names of what it captures, and a
// function that makes it again on an engine: it returns pointers to fresh
// variables, one for each capture, and a function that, once they are set,
// returns the runner of a literal with the same body that captures them. For a
// literal that info.Refuse keeps at home, rebuild is nil.
func DefineLiteral(l *Literal, info Info, captures []string, rebuild func() ([]any, func() Runner)) {
	f := &Function{Info: info, Captures: captures, Rebuild: rebuild}
	if rebuild != nil {
		_, build := rebuild()
		f.Runner = build()
	}
	l.function.Store(f)
	tables.Lock()
	defer tables.Unlock()
	tables.byName[info.Name] = f
	if code := l.code.Load(); code != 0 {
		tables.byCode[code] = f
	}
}

// Lit returns f, which must be the literal that l stands for, and remembers its
// code. It costs one comparison after the first time.
func Lit[F any](l *Literal, f F) F {
	if code := funcvalue.Code(unsafe.Pointer(&f)); l.code.Load() != code {
		l.remember(code)
	}
	return f
}

// remember registers one more piece of code for the literal: the compiler makes
// several where it inlines the function around it.
func (l *Literal) remember(code uintptr) {
	l.code.Store(code)
	if f := l.function.Load(); f != nil {
		tables.Lock()
		defer tables.Unlock()
		tables.byCode[code] = f
	}
}

// Enter is the slow path of the poll at a literal's entry. It ends the goroutine
// if its run was stopped (see [poll.Point]). If the goroutine is asking this
// literal for its captures, the pointers to them are handed over by a panic that
// [Resolve] recovers, before the literal's body does anything.
func (l *Literal) Enter(captures ...any) {
	poll.Point()
	if q := asking.Load(); q != nil && q.literal == l.function.Load() && q.goroutine == poll.Label() {
		panic(answer{captures})
	}
}

// question is Resolve asking one literal for its captures.
type question struct {
	literal   *Function
	goroutine unsafe.Pointer // the label of the goroutine that asks
}

// answer is the private value that a literal panics with.
type answer struct{ captures []any }

var (
	asking   atomic.Pointer[question]
	askingMu = make(chan struct{}, 1) // one question at a time
)

// captures asks a function value, whose code is that of a literal, for pointers
// to what it captures.
func (f *Function) captures(fn reflect.Value) (captures []any, err error) {
	askingMu <- struct{}{}
	defer func() { <-askingMu }()
	poll.Raise()
	defer poll.Lower()
	answered := false
	poll.Aside(func() { // so that no other goroutine answers
		defer func() {
			if a, ok := recover().(answer); ok {
				captures, answered = a.captures, true
			}
		}()
		asking.Store(&question{f, poll.Label()})
		defer asking.Store(nil)
		zeros := make([]reflect.Value, fn.Type().NumIn())
		for i := range zeros {
			zeros[i] = reflect.Zero(fn.Type().In(i))
		}
		if fn.Type().IsVariadic() {
			fn.CallSlice(zeros)
		} else {
			fn.Call(zeros)
		}
	})
	if !answered || len(captures) != len(f.Captures) {
		return nil, &Refusal{Function: f.String(), Reason: "it did not tell what it captures (it was compiled without its entry check)"}
	}
	return captures, nil
}
