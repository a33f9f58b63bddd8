package repl_test

import "testing"

// Engines of nodes have nothing of the session's folders: what cells are made of, and the packages that they
// import, come over the nodes' connections.
func TestCellsOnNodes(t *testing.T) {
	n := open(t)
	n.ok(`import (
	"context"; "fmt"; "os"; "strings"
	"github.com/goparallel/goparallel/parallel"
)
type point struct{ x, y int }
func (p point) sum() int { return p.x + p.y }
rc, err := parallel.Start(context.Background(), 2, parallel.On(parallel.Command{Args: []string{"env", "XDG_CACHE_HOME=`+t.TempDir()+`"}, EnginesPerNode: 1}),
	parallel.ShowProgress(func() func(parallel.Progress) { return func(parallel.Progress) {} })) // what takes long on a busy machine shows nothing
fmt.Print(strings.ToUpper(""))
err`, "=> <nil>")
	n.ok("k := 3\nrc.LoadBalanced().MapSync(func(p point) int { return p.sum() * k }, []point{{1, 2}, {3, 4}})", "=> [9 21]")
	// A package that neither the host nor the cells before have had.
	n.ok("import \"container/ring\"\nrc.All().MapSync(func(i int) int { return ring.New(i).Len() }, []int{4, 5})", "=> [4 5]")
	n.ok("func (p point) sum() int { return p.x * p.y }\nrc.LoadBalanced().MapSync(func(p point) int { return p.sum() * k }, []point{{1, 2}, {3, 4}})", "=> [6 36]")
	n.ok("here := os.Getpid()\nrc.LoadBalanced().MapSync(func(int) bool { return os.Getppid() == here }, []int{1})", "=> [false]")
	got, reply := n.run("rc.LoadBalanced().MapSync(func(int) int { os.Exit(3); return 0 }, []int{1})")
	if reply.Err == nil && got == "" {
		t.Error("an engine ended, and nothing is said")
	}
	n.ok("rc.LoadBalanced().MapSync(func(p point) int { return p.sum() * k }, []point{{1, 2}, {3, 4}})", "=> [6 36]")
	n.ok("rc.Close()", "")
}
