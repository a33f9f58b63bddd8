package host

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/live"
	"github.com/goparallel/goparallel/internal/parallel/guard"
	valuetext "github.com/goparallel/goparallel/internal/parallel/text"
	"github.com/goparallel/goparallel/parallel"
)

// panicked describes what the calling goroutine panics with, nil where it does
// not. A deferred call asks before it recovers.
func (h *host) panicked() *failure {
	type panicking struct {
		value           any
		recovered, same bool
	}
	var all []panicking // the latest first
	h.runtime.Panics(func(value any, recovered, same bool) { all = append(all, panicking{value, recovered, same}) })
	if len(all) == 0 {
		return nil
	}
	if f, ok := all[0].value.(live.Failure); ok {
		return &failure{Name: f.Name, Value: f.Value, Remote: f.Stack, Engine: f.Engine}
	}
	f := &failure{Name: "panic", Stack: string(debug.Stack())}
	if p, ok := all[0].value.(*guard.Panic); ok { // of a method, in a goroutine of its own
		all[0].value, f.Stack = p.Value, p.Stack
	}
	if err, ok := all[0].value.(error); ok {
		if remote, ok := errors.AsType[*parallel.RemoteError](err); ok {
			f.Remote, f.Engine = remote.Stack, remote.Engine
		}
	}
	// Each is a line, the first one first, as Go writes them; one that panics
	// again with the same value is told of there.
	var lines []string
	for i, p := range slices.Backward(all) {
		if i > 0 && all[i-1].same {
			continue
		}
		text := panicText(p.value)
		switch {
		case p.same:
			text += " [recovered, repanicked]"
		case p.recovered:
			text += " [recovered]"
		}
		lines = append(lines, text)
	}
	f.Value = strings.Join(lines, "\n\tpanic: ")
	if signal := h.runtime.Signal(); signal != "" {
		f.Value += "\n" + signal
	}
	return f
}

// panicText writes the value of a panic as Go does when a program ends with
// it, but shows values of which Go tells only the address.
func panicText(v any) string {
	switch v.(type) {
	case error, fmt.Stringer, string:
		return indented(valuetext.Message(context.Background(), v))
	}
	r := reflect.ValueOf(v)
	basic := basicText(r)
	switch {
	case basic == "":
		return fmt.Sprintf("(%T) %s", v, indented(valuetext.Of(context.Background(), v)))
	case r.Type().PkgPath() == "":
		return basic
	case r.Kind() == reflect.Complex64, r.Kind() == reflect.Complex128:
		return fmt.Sprintf("%T%s", v, basic) // it has parentheses
	case r.Kind() == reflect.String:
		return fmt.Sprintf("%T(\"%s\")", v, indented(r.String()))
	}
	return fmt.Sprintf("%T(%s)", v, basic)
}

// basicText writes a value of a basic type as the builtin print does, and
// returns nothing for other types.
func basicText(r reflect.Value) string {
	switch {
	case r.Kind() == reflect.Bool:
		return fmt.Sprint(r.Bool())
	case r.CanInt():
		return fmt.Sprint(r.Int())
	case r.CanUint():
		return fmt.Sprint(r.Uint())
	case r.CanFloat():
		return strconv.FormatFloat(r.Float(), 'g', -1, r.Type().Bits())
	case r.CanComplex():
		return strconv.FormatComplex(r.Complex(), 'g', -1, r.Type().Bits())
	case r.Kind() == reflect.String:
		return r.String()
	}
	return ""
}

// indented keeps the lines of a panic's value apart from those of the report.
func indented(s string) string { return strings.ReplaceAll(s, "\n", "\n\t") }
