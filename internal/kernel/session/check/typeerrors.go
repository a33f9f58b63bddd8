package check

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/goparallel/goparallel/internal/kernel/session/diag"
)

// errorClass tells apart the type errors that need treatment of their own.
type errorClass int

const (
	realError errorClass = iota
	unusedVar
	unusedExpr
	initCycle
)

// classOf classifies a type error. go/types carries an error code in a field
// that is not exported yet, so the message decides; the session's tests hold one
// cell for each class.
func classOf(err types.Error) errorClass {
	switch {
	case strings.HasPrefix(err.Msg, "declared and not used: "), strings.HasSuffix(err.Msg, " declared and not used"):
		return unusedVar
	case strings.HasSuffix(err.Msg, " is not used"):
		return unusedExpr
	case strings.HasPrefix(err.Msg, "initialization cycle"):
		return initCycle
	}
	return realError
}

// continueWith adds to an error what the type checker reports as one more, such as
// where the other declaration is.
func (k *Checker) continueWith(first *types.Error, more types.Error) {
	at, place := k.Fset.Position(first.Pos), k.Fset.Position(more.Pos)
	where := fmt.Sprintf("line %d", place.Line)
	if place.Filename != at.Filename {
		where = k.Cells.Name(diag.UnitOf(place.Filename)) + ", " + where
	}
	first.Msg += fmt.Sprintf("; %s (%s)", strings.TrimSpace(more.Msg), where)
}

// diagnostics turns type errors into what the user sees.
func (e Env) diagnostics(errs []types.Error) *diag.Errors {
	out := &diag.Errors{}
	for _, one := range errs {
		p := e.Fset.Position(one.Pos)
		out.Add(diag.Diagnostic{Unit: diag.UnitOf(p.Filename), Line: p.Line, Column: p.Column, Message: one.Msg, Hint: e.hint(one.Msg)})
	}
	out.Sort()
	const most = 10
	if n := len(out.List); n > most {
		out.List = append(slices.Clip(out.List[:most]), diag.Diagnostic{Message: "too many errors"})
	}
	return out
}
