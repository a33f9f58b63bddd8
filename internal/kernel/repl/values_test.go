package repl_test

import (
	"strings"
	"testing"

	"github.com/goparallel/goparallel/internal/kernel/cell"
)

func TestValuesThatEnginesKeepBetweenCells(t *testing.T) {
	n := open(t)
	n.ok(`import (
	"context"
	"github.com/goparallel/goparallel/parallel"
)
rc, err := parallel.Start(context.Background(), 2)
all := rc.All()
type point struct{ x, y float64 }
points := make([]point, 100_000)
for i := range points { points[i].x = float64(i) }
err`, "=> <nil>")
	n.ok(`all.Push("points", points)`, "")
	n.ok(`func sum(from int) float64 {
	points, err := parallel.Get[[]point]("points")
	if err != nil { panic(err) }
	s := 0.0
	for _, p := range points[from:] { s += p.x }
	points[0].y++
	return s
}
all.MapSync(sum, []int{0, 99_999})`, "=> [4.99995e+09 99999]")
	n.ok(`pulled, _ := all.Pull[[]point]("points")
len(pulled), len(pulled[1]), pulled[0][0].y, points[0].y`, "=> 2 100000 1 0")
	n.ok(`all.Scatter("n", []int{1, 2, 3})
all.ApplySync(func() int {
	n, err := parallel.Get[[]int]("n")
	if err != nil { panic(err) }
	parallel.Set("n", append(n, 10))
	return len(n)
})`, "=> [2 1]")
	n.ok(`all.Gather[int]("n")`, "=> [1 2 10 3 10]")
	got := n.fails("_, err = all.Pull[int](\"nowhere\")\nif err != nil {\n\tpanic(err)\n}", "panic")
	if want := `engine 1 has no value "nowhere": push or set it first`; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
	// A type that was declared again is another one.
	n.run("type point struct{ y, x float64 }")
	got = n.fails("_, err = all.Pull[[]point](\"points\")\nif err != nil {\n\tpanic(err)\n}", "panic")
	if want := "declared again since"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}

	out := &recorder{}
	go func() {
		out.waitFor(t, "started")
		n.repl.Interrupt()
	}()
	reply := n.execute(cell.Request{Code: `import "fmt"
busy := rc.LoadBalanced().Map(func(x int) int { for { x++ } }, []int{1, 2})
fmt.Println("started")
all.Push("k", 1) // waits for engines that are busy`}, out)
	if reply.Err == nil || reply.Err.Name != "Interrupted" {
		t.Fatalf("%+v", reply.Err)
	}
	n.ok(`busy.Cancel()
all.Push("k", 2)`, "")
	n.ok(`all.Pull[int]("k")`, "=> [2 2]")
}
