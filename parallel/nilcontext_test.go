package parallel

import (
	"context"
	"errors"
	"go/ast"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestANilContextIsAnError gives one to every exported function that takes a context: each returns the error, or the calls of
// what it returns do, and none panics.
func TestANilContextIsAnError(t *testing.T) {
	home(t)
	lasting(t, "contexts", 2)
	stays := connected(t, "contexts")
	rc := start(t, 2)
	finished := stays.All().Map(squared, []int{1, 2})
	if _, err := finished.Get(); err != nil {
		t.Fatal(err)
	}
	mapped := func(v *View, o ...Option) error { _, err := v.MapSync(squared, []int{1, 2}, o...); return err }
	var none context.Context
	each := map[string]func() error{
		"Start":                    func() error { _, err := Start(none, 1); return err },
		"Connect":                  func() error { _, err := Connect(none, "contexts"); return err },
		"WithContext":              func() error { return mapped(&rc.All().View, WithContext(none)) },
		"DirectView.With":          func() error { return mapped(&rc.All().With(none).View) },
		"LoadBalancedView.With":    func() error { return mapped(&stays.LoadBalanced().With(none).View) },
		"AutoView.With":            func() error { return mapped(&rc.Auto().With(none).View) },
		"Client.AddEngines":        func() error { _, err := rc.AddEngines(none, 1); return err },
		"Client.RemoveEngine":      func() error { return rc.RemoveEngine(none, 1) },
		"Client.RestartEngine":     func() error { return stays.RestartEngine(none, 1) },
		"Client.Status":            func() error { return rc.Status(none).Err },
		"Client.History":           func() error { _, err := stays.History(none); return err },
		"Client.Fetch":             func() error { _, err := stays.Fetch[int](none, finished.ID()); return err },
		"Client.Resubmit":          func() error { _, err := stays.Resubmit[int](none, finished.ID()); return err },
		"Client.Purge":             func() error { return stays.Purge(none) },
		"With, of Local":           func() error { return mapped(&Local().With(none).View) },
		"With, and another behind": func() error { return mapped(&rc.All().With(none).With(t.Context()).View) },
		"With, of a push":          func() error { return rc.All().With(none).Push("a", 1) },
		"With, of a pull":          func() error { _, err := rc.All().With(none).Pull[int]("a"); return err },
		"With, of a stream": func() error {
			for _, r := range rc.All().With(none).Seq(squared, slices.Values([]int{1})) {
				return r.Err
			}
			return nil
		},
		"With, of a measurement": func() error { _, err := rc.LoadBalanced().With(none).Overhead(squared, []int{1, 2}); return err },
	}
	for name, do := range each {
		want := errNilContext
		if strings.HasSuffix(name, "behind") {
			want = nil // the last one counts, as of all options
		}
		if err := do(); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name := range takeContexts(t) {
		if each[name] == nil {
			t.Errorf("%s takes a context and is not given nil here", name)
		}
	}
	if ids := rc.IDs(); !slices.Equal(ids, []int{0, 1}) || mapped(&rc.All().View) != nil || mapped(&stays.All().View) != nil {
		t.Error("the clusters do not go on", ids)
	}
}

// takeContexts are the exported functions and methods of this package that have a parameter for a context, by name.
func takeContexts(t *testing.T) map[string]bool {
	found := map[string]bool{}
	for _, file := range sources(t) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() || f.Recv != nil && !ast.IsExported(receiver(f)) {
				continue
			}
			for _, p := range f.Type.Params.List {
				if s, ok := p.Type.(*ast.SelectorExpr); ok && s.Sel.Name == "Context" {
					found[receiver(f)+f.Name.Name] = true
				}
			}
		}
	}
	if len(found) < 14 {
		t.Error("functions that take contexts:", slices.Sorted(maps.Keys(found)))
	}
	return found
}
