package parallel_test

import (
	"context"
	"fmt"
	"log"

	"github.com/goparallel/goparallel/parallel"
)

// cube is known to engines by its name.
var cube = parallel.Func("cube", func(x int) int { return x * x * x })

// A program's main function begins with parallel.Init(), which is in TestMain
// here.
func Example() {
	rc, err := parallel.Start(context.Background(), 2)
	if err != nil {
		log.Fatal(err)
	}
	defer rc.Close()
	cubes, err := rc.LoadBalanced().MapSync(cube, []int{1, 2, 3, 4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(cubes)
	// Output: [1 8 27 64]
}

// An item that fails does so alone.
func ExampleView_MapErrSync() {
	rc, err := parallel.Start(context.Background(), 2)
	if err != nil {
		log.Fatal(err)
	}
	defer rc.Close()
	roots, err := rc.All().MapErrSync(root, []int{4, 9, 8, 16})
	fmt.Println(roots)
	fmt.Println(err)
	// Output:
	// [2 3 0 4]
	// item 2 on engine 1: 8 is no square
}

func init() { parallel.Register(root) }

func root(x int) (int, error) {
	for y := range x {
		if y*y == x {
			return y, nil
		}
	}
	return 0, fmt.Errorf("%d is no square", x)
}

// A call need not be waited for.
func ExampleView_Map() {
	rc, err := parallel.Start(context.Background(), 2)
	if err != nil {
		log.Fatal(err)
	}
	defer rc.Close()
	result := rc.LoadBalanced().Map(cube, []int{5, 6, 7}, parallel.ChunkSize(1))
	cubes, err := result.Get() // waits
	if err != nil {
		log.Fatal(err)
	}
	t := result.Explain()
	fmt.Println(cubes, "in", t.Frames, "frames")
	// Output: [125 216 343] in 3 frames
}
