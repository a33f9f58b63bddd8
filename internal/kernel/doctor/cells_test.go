package doctor

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
	"github.com/goparallel/goparallel/internal/kernel/repl"
)

// With the release that cells are made for all is as it is assumed to be, and where it is not the
// check names what was assumed.
func TestCellsOfThisRelease(t *testing.T) {
	open := func(ctx context.Context, dir string) (cell.Interpreter, error) {
		r, err := repl.Open(ctx, repl.Options{Dir: dir, Version: "test", Progress: func(line string) { t.Log(line) }})
		if err != nil {
			return nil, err
		}
		for _, c := range try(t.Context(), r, []assumption{{name: "sums", holds: "one and one are three (sums.go)", cells: []string{"1 + 1"}, want: "^3$"}}) {
			if c.OK() || !c.Essential || c.Name != "cells: sums" || !strings.Contains(c.Detail, `"2"`) || !strings.Contains(c.Detail, "one and one are three (sums.go)") {
				t.Errorf("%+v", c)
			}
		}
		return r, nil
	}
	checks := Cells(t.Context(), open)
	if len(checks) != len(assumptions) {
		t.Errorf("%+v", checks)
	}
	for _, c := range checks {
		if !c.OK() {
			t.Errorf("%+v", c)
		}
	}
}

func TestCellsThatCannotRun(t *testing.T) {
	checks := Cells(t.Context(), func(context.Context, string) (cell.Interpreter, error) { return nil, errors.New("no host") })
	if len(checks) != 1 || checks[0].OK() || checks[0].Detail != "no host" {
		t.Errorf("%+v", checks)
	}
}
