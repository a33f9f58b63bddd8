package repl_test

import (
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

// edit runs a cell that the front end knows by an id.
func (n *notebook) edit(id, code, want string) {
	n.t.Helper()
	out := &recorder{}
	if reply := n.execute(cell.Request{ID: id, Code: code}, out); reply.Err != nil {
		n.t.Fatalf("%s\nfailed: %s", code, reply.Err.Text())
	}
	if got := out.String(); got != want {
		n.t.Errorf("%s\nshowed %q, want %q", code, got, want)
	}
}

// TestStaleCellsAreThoseThatARunFromTheTopWouldChange changes cells of each kind, above
// and below those that use them.
func TestStaleCellsAreThoseThatARunFromTheTopWouldChange(t *testing.T) {
	n := open(t)
	n.edit("a", "x := 2", "")                                          // 1
	n.edit("f", "func f(n int) int { return n + k }\nconst k = 1", "") // 2
	n.edit("b", "y := f(x)", "")                                       // 3
	n.edit("c", "y", "=> 3")                                           // 4
	n.edit("d", "z := 5\nz", "=> 5")                                   // 5
	n.edit("e", "x += 10", "")                                         // 6: below those that use x
	n.edit("g", "x", "=> 12")                                          // 7
	n.edit("q", "%stale", "No cell is stale.\n")                       // 8
	n.edit("a", "x := 2", "")                                          // 9: as it was
	n.edit("q", "%stale", "No cell is stale.\n")                       // 10
	n.edit("a", "x := 3", "[stale: cell[3], cell[4], cell[6], 1 more (x was changed by cell[11]); %stale tells all, %rerun stale runs them again]")
	n.edit("q", "%stale", "cell[3]: y := f(x)\n    x was changed by cell[11]\ncell[4]: y\n    y comes from cell[3], which is stale\n"+
		"cell[6]: x += 10\n    x was changed by cell[11]\ncell[7]: x\n    x was changed by cell[11]\n%rerun stale runs them again.\n") // 12
	n.edit("q", "%rerun stale", "cell[3]: y := f(x)\ncell[4]: y\n[4]cell[6]: x += 10\ncell[7]: x\n[13]") // 13
	n.edit("q", "%stale", "No cell is stale.\n")                                                         // 14
	// A constant that a function uses, which a cell calls.
	n.edit("f", "func f(n int) int { return n + k }\nconst k = 100", "[stale: cell[3], cell[4] (f was changed by cell[15]); %stale tells all, %rerun stale runs them again]")
	n.edit("b", "y := f(x)", "") // 16
	n.edit("q", "%stale", "cell[4]: y\n    y was changed by cell[16]\n%rerun stale runs them again.\n")
	n.edit("c", "y", "=> 113")
	n.edit("e", "x += 10", "[stale: cell[7] (x was changed by cell[19]); %stale tells all, %rerun stale runs them again]")
	n.edit("q", "%reset", "")
	n.edit("q", "%stale", "No cell is stale.\n")
}

func TestAFrontEndWithoutCellsIsToldNothing(t *testing.T) {
	n := open(t)
	n.ok("func f() int { return 1 }", "")
	n.ok("f()", "=> 1")
	n.ok("func f() int { return 2 }", "")
	n.ok("%stale", "No cell is stale.\n")
	n.ok("%rerun stale", "No cell is stale.\n")
}
