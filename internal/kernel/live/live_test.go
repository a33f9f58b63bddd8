package live

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
)

// none is the context of no cell.
var none context.Context

// Of each variable the newest is a session variable; those before are found by their symbols until their value was carried
// over twice.
func TestVariablesOfASession(t *testing.T) {
	before := Variables()
	first, second, third := 1, "two", 3.0
	Variable("live.x", "live.x", &first)
	Variable("live.x", "live.x2", &second)
	all := Variables()
	for name := range before {
		delete(all, name)
	}
	if !maps.Equal(all, map[string]any{"live.x": any(&second)}) || VariableAt("live.x") != any(&first) || VariableAt("live.none") != nil {
		t.Errorf("%v", all)
	}
	if Spend("live.x", "live.x") != nil || VariableAt("live.x") != any(&first) {
		t.Error("what was carried over once is gone")
	}
	if Spend("live.x", "live.x") != nil { // a cell that is run again carries over the same
		t.Error("what was carried over is given up before another takes its place")
	}
	Variable("live.x", "live.x3", &third)
	if Spend("live.x", "live.x2") != any(&first) || VariableAt("live.x") != nil || VariableAt("live.x2") != any(&second) {
		t.Error("what was carried over twice is kept")
	}
}

// The versions of a type are in the order of their announcement, each once; a name that means a type anew has none before.
func TestVersionsOfATypeInOrder(t *testing.T) {
	one, two := (*int)(nil), (*string)(nil)
	for _, p := range []any{one, two, one} {
		Type("live.t", p)
	}
	if got := TypesNamed("live.t"); !slices.Equal(got, []any{one, two}) {
		t.Errorf("%v", got)
	}
	FirstType("live.t", two)
	if got := TypesNamed("live.t"); !slices.Equal(got, []any{two}) {
		t.Errorf("%v", got)
	}
}

// The value of a cell is that of its last expression, without an error that is nil; the next cell has none.
func TestTheValueOfACell(t *testing.T) {
	failed := errors.New("no")
	for _, test := range []struct {
		show func()
		want []any
	}{
		{func() {}, nil},
		{func() { Show(1, 2) }, []any{1, 2}},
		{func() { Show(1); Show(nil) }, []any{nil}},
		{func() { ShowResults(1, nil) }, []any{1}},
		{func() { ShowResults(1, failed) }, []any{1, failed}},
		{func() { ShowResults(nil) }, []any{}},
	} {
		told := 0
		Begin(context.Background(), func() { told++ })
		test.show()
		if got := Value(); !slices.Equal(got, test.want) || (told > 0) != (test.want != nil) || Value() != nil {
			t.Errorf("%v instead of %v, told %d times", got, test.want, told)
		}
	}
	Begin(none, nil)
}

// The context is that of the running cell, without one that never ends.
func TestTheContextOfACell(t *testing.T) {
	if Begin(none, nil); Context() != context.Background() {
		t.Error("of no cell")
	}
	type key struct{}
	cell, handler := context.WithValue(context.Background(), key{}, 1), context.WithValue(context.Background(), key{}, 2)
	Begin(cell, nil)
	end := Aside(handler)
	if Context() != handler {
		t.Error("of a handler")
	}
	another := Aside(cell)
	end() // of a handler that has ended while another runs
	if Context() != cell {
		t.Error("of another handler")
	}
	if another(); running.aside != nil {
		t.Error("a handler is left")
	}
	Begin(none, nil)
}

// Values of the last cells are kept, of each its last one alone, and are variables to those who use them.
func TestValuesOfEarlierCells(t *testing.T) {
	fails := func(f func()) (why string) {
		defer func() {
			if v := recover(); v != nil {
				why = v.(Failure).Error()
			}
		}()
		f()
		return ""
	}
	Remember(1, []any{"one"})
	Remember(2, []any{1, 2}) // of several none
	Remember(0, []any{"no cell's"})
	Remember(3, []any{nil})
	*Shown[string](1) += " more"
	if got := *Shown[string](1); got != "one more" || *Shown[error](3) != nil {
		t.Error(got)
	}
	for count, why := range map[int]string{
		2: "ValueError: the value of cell[2] is not here: the last 50 are kept, in the notebook's own process; assign it to a variable",
		0: "ValueError: the value of cell[0] is not here: the last 50 are kept, in the notebook's own process; assign it to a variable",
		1: "ValueError: the value of cell[1] is of a type that was declared anew: run that cell again",
	} {
		if got := fails(func() { Shown[int](count) }); got != why {
			t.Errorf("%q instead of %q", got, why)
		}
	}
	Remember(4, []any{4})
	if got := fails(func() { Shown[string](4) }); got != "ValueError: the value of cell[4] is of a type that was declared anew: run that cell again" {
		t.Error(got)
	}
	Remember(4, []any{5}) // a cell that is run again under its count
	for i := range MostShown - 1 {
		Remember(10+i, []any{i})
	}
	if got := fails(func() { Shown[string](1) }); got == "" || *Shown[int](4) != 5 || *Shown[int](10) != 0 {
		t.Errorf("of those before the last %d: %q", MostShown, got)
	}
}
