// Command service is a program with engines that is deployed over itself while it runs.
// Each line "call" on its input is answered by what engines say, with their process numbers.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/goparallel/goparallel/parallel"
)

// version is set by the linker.
var version = "none"

var answer = parallel.Func("answer", func(int) string { return fmt.Sprint(version, " ", os.Getpid()) })

func main() {
	if os.Getenv("SERVICE_WITHOUT_INIT") == "" {
		parallel.Init()
	}
	fmt.Println("main runs")
	rc, err := parallel.Start(context.Background(), 1)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	defer rc.Close()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		answers, err := rc.LoadBalanced().MapSync(answer, []int{0})
		fmt.Println(answers, err)
	}
}
