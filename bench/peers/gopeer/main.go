// Command gopeer is Go libraries as contestants of the benchmark, in a module of its own, so that nothing else depends on them:
//
//	gopeer grpc
//	gopeer conc
//	gopeer pond
package main

import (
	"errors"
	"fmt"
	"os"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "serve":
		err = serve(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "grpc":
		err = competeGRPC()
	case len(os.Args) == 2 && pools[os.Args[1]] != nil:
		err = competePool(os.Args[1])
	default:
		err = errors.New("say which one: grpc, conc or pond")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gopeer:", err)
		os.Exit(1)
	}
}
