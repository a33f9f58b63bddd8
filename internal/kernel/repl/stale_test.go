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

// TestStaleFollowsTheValuesThatCellsHaveShown changes cells whose values others use as _ and _3.
func TestStaleFollowsTheValuesThatCellsHaveShown(t *testing.T) {
	n := open(t)
	n.edit("a", "6 * 7", "=> 42")                         // 1
	n.edit("b", "_ + 1", "=> 43")                         // 2
	n.edit("c", "_ + _1", "=> 85")                        // 3
	n.edit("d", "_3 * 2", "=> 170")                       // 4
	n.edit("a", "6 * 7", "=> 42")                         // 5: as it was
	n.edit("q", "%stale", "No cell is stale.\n")          // 6
	n.edit("e", "func() string { return `e` }()", "=> e") // 7
	n.edit("a", "7 * 7", "=> 49[stale: cell[2], cell[3], cell[4] (_ was changed by cell[8]); %stale tells all, %rerun stale runs them again]")
	n.edit("q", "%stale", "cell[2]: _ + 1\n    _ was changed by cell[8]\ncell[3]: _ + _1\n    _1 was changed by cell[8]\n"+
		"cell[4]: _3 * 2\n    _3 comes from cell[3], which is stale\n%rerun stale runs them again.\n") // 9
	n.edit("q", "%rerun stale", "cell[2]: _ + 1\n[50]cell[3]: _ + _1\n[99]cell[4]: _3 * 2\n[198]") // 10
	n.edit("q", "%stale", "No cell is stale.\n")                                                   // 11
	n.edit("f", "_3", "=> 99")                                                                     // 12: as it is now
	// A cell that is given another type, and one that shows no value any more.
	n.edit("a", "`a`", "=> a[stale: cell[2], cell[3], cell[4], 1 more (_ was changed by cell[13]); %stale tells all, %rerun stale runs them again]")
	n.edit("b", "_1 + 1", "=> 43[stale: cell[14] (_1 was changed by cell[13]); %stale tells all, %rerun stale runs them again]") // 14: _1 stays what cell[1] has shown
	n.edit("q", "%stale", "cell[14]: _1 + 1\n    _1 was changed by cell[13]\ncell[3]: _ + _1\n    _ was changed by cell[14]\n"+
		"cell[4]: _3 * 2\n    _3 comes from cell[3], which is stale\ncell[12]: _3\n    _3 comes from cell[3], which is stale\n%rerun stale runs them again.\n")
}

// TestRerunGivesCellsTheValuesThatTheyUsed runs cells again whose values others use, also after all
// values were lost.
func TestRerunGivesCellsTheValuesThatTheyUsed(t *testing.T) {
	n := open(t)
	n.ok("x := 1", "")                                                                  // 1
	n.ok("x * 10", "=> 10")                                                             // 2
	n.ok("_ + 1", "=> 11")                                                              // 3
	n.ok("_ + 1", "=> 12")                                                              // 4
	n.ok("`between`", "=> between")                                                     // 5
	n.ok("x = 2", "")                                                                   // 6
	n.ok("%rerun 2-4", "cell[2]: x * 10\n[20]cell[3]: _ + 1\n[21]cell[4]: _ + 1\n[22]") // 7
	n.ok("_ + _2", "=> 42")                                                             // 8: the value shown last is that of cell[4]
	n.fails("os.Exit(3)", "Exited")                                                     // 9
	n.ok("%rerun 1-4", "cell[1]: x := 1\ncell[2]: x * 10\n[10]cell[3]: _ + 1\n[11]cell[4]: _ + 1\n[12]")
	n.ok("_ + _3", "=> 23")
}
