package session_test

import (
	"fmt"
	"testing"
)

func TestFunctionsAreFoundForEngines(t *testing.T) {
	n := open(t)
	n.run("import \"github.com/goparallel/goparallel/parallel\"\nvar _ = parallel.ChunkSize")
	n.run("k := 2\nfunc twice(x int) float64 { return float64(x * k) }\nfunc two(x, y int) int { return x }")
	f, ok := n.session.Function("twice")
	if !ok || f.Info.Label != "twice" || f.Signature.String() != "func(x int) float64" || fmt.Sprint(f.Variables) != "[k]" {
		t.Errorf("%+v, %v", f, ok)
	}
	if last := f.Modules[len(f.Modules)-1]; last.ID != f.Info.Module {
		t.Errorf("%v", f.Modules)
	}
	for _, name := range []string{"two", "k", "nobody"} {
		if f, ok := n.session.Function(name); ok {
			t.Errorf("%s: %+v", name, f)
		}
	}
}
