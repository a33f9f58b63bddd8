package repl_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestUnexportedTypes keeps values of types that a module of the user's does not
// export, of a package that Go's compiler does not compile alone.
func TestUnexportedTypes(t *testing.T) {
	dir := t.TempDir()
	before := `package deep

// #include <math.h>
// #cgo LDFLAGS: -lm
import "C"

type point struct{ x, y int }

func (p point) Sum() int { return p.x + p.y }
func (p *point) Move()   { p.x++ }

type box[T any] struct{ v T }

func (b box[T]) Get() T { return b.v }

func New(x, y int) *point    { return &point{x: x, y: y} }
func Box() box[int]          { return box[int]{7} }
func Root(x float64) C.double { return C.sqrt(C.double(x)) }
`
	write(t, dir, map[string]string{"go.mod": "module mine\n\ngo 1.21\n", "deep/deep.go": before})
	cells := func(n *notebook) {
		n.ok("import \"mine/deep\"\np := deep.New(1, 2)\nall := map[string]any{\"p\": *p}", "")
		n.ok("p.Move(); p.Sum()", "=> 4")
		n.ok("root := deep.Root(16)\nroot + 1", "=> 5")
		n.ok("q := *p\nq == *p, root, all", "=> true 4 map[p:{x:1 y:2}]")
	}
	n := openIn(t, dir)
	cells(n)
	n.ok("b := deep.Box()\nb.Get()", "[note: b was not kept for later cells: its type contains deep.box, which its package does not export; assign it to a variable of an interface type]=> 7")
	n.ok("%restart", "")
	cells(n)

	// What is loaded is compiled by other source than there is now.
	n = openIn(t, dir)
	n.ok("import \"mine/deep\"\ndeep.New(1, 2).Sum()", "=> 3")
	write(t, dir, map[string]string{filepath.Join("deep", "deep.go"): strings.Replace(before, "x, y int }", "y, z, x int }", 1)})
	if got, reply := n.run("p := deep.New(1, 2)\np.Sum()"); reply.Err != nil || !strings.Contains(got, "p was not kept for later cells: its type contains deep.point") || !strings.Contains(got, "=> 3") {
		t.Error(got, reply.Err)
	}
	n.ok("%restart", "")
	n.ok("import \"mine/deep\"\np := deep.New(1, 2)", "")
	n.ok("p.Sum()", "=> 3")
}
