package session

import (
	"fmt"
	"runtime"
	"testing"
)

// TestAPrimedSessionHasWhatFirstCellsNeed compares what is allocated for the first cell and for the
// next one, and looks that priming has declared nothing.
func TestAPrimedSessionHasWhatFirstCellsNeed(t *testing.T) {
	s, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	allocated := func(what func() error) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := what(); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	cell := func(n int) uint64 {
		return allocated(func() error {
			_, err := s.unit(s.compilation(t.Context(), fmt.Sprint(n), fmt.Sprintf("fmt.Sprint(%d, n)", n)), false)
			return err
		})
	}
	priming := allocated(func() error { _, err := s.Prime(t.Context()); return err })
	if st := s.state.Load(); len(st.Imports) > 0 || len(st.Auto) > 0 || s.count > 0 || len(s.units) > 0 {
		t.Errorf("the session has %v, %v, %d units", st.Imports, st.Auto, s.count)
	}
	if _, err := s.Compile(t.Context(), "n := 1", 1); err != nil {
		t.Fatal(err)
	}
	first, second := cell(1), cell(2)
	t.Logf("%d allocations for priming, %d for a first cell, %d for the next", priming, first, second)
	if first > second+second/2 || priming < 3*second {
		t.Errorf("a first cell allocates %d objects, the next one %d, priming %d", first, second, priming)
	}
	u, err := s.Compile(t.Context(), primer, 2) // the user's own
	if err != nil || u.Imported != "imported fmt" || u.Shown.Type == "" {
		t.Errorf("the same cell of the user's is %+v, %v", u, err)
	}
}
