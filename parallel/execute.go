package parallel

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/goparallel/goparallel/internal/parallel/backend"
	"github.com/goparallel/goparallel/internal/parallel/hooks"
)

// Executed is what Go source has shown on one engine, beside what it has printed.
type Executed struct {
	// Engine is the engine's number.
	Engine int
	// Shown are the displays in order, which the notebook has shown as they came, and the value.
	Shown []Shown
	// Value is the value of the last expression as text; it is empty where there is none.
	Value string
}

// Shown is one value as it is shown. Data has its representations by MIME type: texts, the text of JSON, and
// pictures, as bytes.
type Shown struct {
	Data map[string][]byte
	// Result is true for the value of the last expression.
	Result bool
}

// EngineID is the number of the engine that this process is, or [Here] in any other process.
func EngineID() int {
	if backend.Engine.ID == nil {
		return Here
	}
	return backend.Engine.ID()
}

// String is the engine's number and the value.
func (e Executed) String() string { return fmt.Sprintf("Out[%d]: %s", e.Engine, e.Value) }

// ExecuteSync runs Go source on each engine of the view, and returns what each has shown, in the order of the
// engines. The source is what a cell may hold: imports, declarations and statements. It is compiled
// once, as a cell of the session is, so what it declares is known to later cells; but its variables are
// each engine's own. They stay there for later calls of Execute and for functions that read them,
// until the notebook gives a variable another value, which then goes to the engines. Variables of the
// session have the value that they have in the notebook.
//
// An engine on which the source panics fails, and so does one whose process ends: the source does
// not run there again. Only notebooks can compile: in a program it is an error.
func (v *DirectView) ExecuteSync(source string, options ...Option) ([]Executed, error) {
	return v.Execute(source, options...).Get()
}

// Execute is ExecuteSync without waiting, except for the compiler.
func (v *DirectView) Execute(source string, options ...Option) *AsyncResult[Executed] {
	n := v.engines()
	out := make([]Executed, n)
	fail := func(err error) *AsyncResult[Executed] { return &AsyncResult[Executed]{&running{err: err}, out} }
	compile := hooks.Compile()
	if compile == nil {
		return fail(errors.New("only a notebook can compile source; in a program, register a function and use DirectView.Apply"))
	}
	o, err := v.complete(options)
	if err != nil {
		return fail(err)
	}
	if n == 0 {
		return fail(errNowhere)
	}
	f, err := compile(o.ctx, source)
	if err != nil {
		return fail(err)
	}
	units := slices.Repeat([]string{f.Module}, n)
	job := backend.Job{Items: n, In: unsafe.Pointer(unsafe.SliceData(units)), Out: unsafe.Pointer(unsafe.SliceData(out)), Pinned: true, Chunk: 1, Applied: true, Once: true}
	return &AsyncResult[Executed]{v.submit(f, job, nil, options), out}
}
