package workspace

import (
	"testing"
)

// TestImportsAreIndexed holds that the index is closed: whatever a package of
// the workspace imports is a package of the workspace.
func TestImportsAreIndexed(t *testing.T) {
	ws, err := Open(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	edges := 0
	for path, p := range ws.Packages {
		for _, imported := range p.Imports {
			edges++
			if _, ok := ws.Packages[imported]; !ok {
				t.Errorf("%s imports %s, which is not in the index", path, imported)
			}
		}
	}
	if edges < len(ws.Packages) {
		t.Errorf("%d packages with %d imports", len(ws.Packages), edges)
	}
}
